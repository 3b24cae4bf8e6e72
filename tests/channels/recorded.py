"""A request as the far end saw it."""

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request as it came; header names in lower case, the body one letter a byte."""

    tls: bool
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @classmethod
    def read(cls, text: str) -> "Recorded":
        """Read what `write` wrote."""
        values: dict[str, Any] = json.loads(text)
        headers = tuple((name, value) for name, value in values.pop("headers"))
        return cls(headers=headers, **values)

    def write(self) -> str:
        """Write it as JSON, to hand it to another process."""
        return json.dumps(asdict(self))
