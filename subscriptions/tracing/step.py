"""One step in the trace of an article."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Where = Literal["watch", "understand", "match", "push", "subscriber"]


@dataclass(frozen=True, slots=True)
class Step:
    """What happened at a step of the chain, when, and the same as values for programs."""

    where: Where
    says: str
    at: datetime | None
    facts: dict[str, Any] = field(default_factory=dict)
