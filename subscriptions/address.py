"""What is known of an address a channel can have."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address: scheme, Apprise's parsed parts, one spelling, and a label without secrets."""

    scheme: str
    parts: dict[str, Any]
    spelling: str
    label: str
