"""A figure that a benchmark is asked for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """What it is, and the least or the most it may be."""

    what: str
    figure: float
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool:
        """Say whether it is reached."""
        above = self.least is None or self.figure >= self.least
        return above and (self.most is None or self.figure <= self.most)

    def __str__(self) -> str:
        bound = f">= {self.least:g}" if self.least is not None else f"<= {self.most:g}"
        return f"{self.what} {self.figure:g} ({bound}: {'met' if self.met else 'MISSED'})"
