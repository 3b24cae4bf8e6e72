"""What a concordance keeps of each of its articles besides its words. Pure."""

import struct
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_RECORD = struct.Struct("<qqqI??")


class Entry(NamedTuple):
    """One article of a concordance."""

    article_id: int
    source_id: int
    seen_us: int  # microseconds since 1970
    link_sum: int  # tells whether the article's link is another now
    is_silent: bool  # it did not ring, whatever matched
    speaks_as_source: bool  # it does not say its language itself: its source's was taken

    @property
    def seen_at(self) -> datetime:
        """When the article was first seen."""
        return _EPOCH + self.seen_us * _MICROSECOND


def microseconds(instant: datetime) -> int:
    """Give an instant in microseconds since 1970."""
    return (instant - _EPOCH) // _MICROSECOND


def link_sum(link: str) -> int:
    """Give a number that changes with a link."""
    return zlib.crc32(link.encode("utf-8", "surrogatepass"))


def pack_entries(entries: Iterable[Entry]) -> bytes:
    """Pack entries, one record of the same length each."""
    return b"".join(_RECORD.pack(*entry) for entry in entries)


def unpack_entries(packed: bytes) -> list[Entry]:
    """Unpack what `pack_entries` made."""
    return [Entry(*record) for record in _RECORD.iter_unpack(packed)]
