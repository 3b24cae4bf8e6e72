"""A sentence for a reader that is said in their language where it is shown. Pure."""

from collections.abc import Mapping
from typing import NamedTuple


class Said(NamedTuple):
    """An English sentence and what its `%(name)s` stand for; instants are shown by the reader's own clock."""

    sentence: str
    named: Mapping[str, object] = {}

    def __str__(self) -> str:
        """Say it in English."""
        return self.sentence % self.named if self.named else self.sentence
