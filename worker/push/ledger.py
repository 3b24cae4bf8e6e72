"""The ledger of one shard: who is to be told, and per outcome who was, as bitmaps of channel ids. Pure."""

from collections.abc import Iterable
from typing import get_args

from pyroaring import BitMap64

from worker.push.outcome import Kind, Outcome

KINDS: tuple[Kind, ...] = get_args(Kind)


def pack(channels: Iterable[int]) -> bytes | None:
    """Serialise a set of channel ids; None when it is empty."""
    bitmap = BitMap64(channels)
    bitmap.run_optimize()
    return bitmap.serialize() if bitmap else None


def unpack(packed: bytes | None) -> BitMap64:
    """Read a set of channel ids back."""
    return BitMap64.deserialize(packed) if packed else BitMap64()


class Ledger:
    """The bitmaps of a shard, open in memory."""

    def __init__(self, audience: bytes, **packed: bytes | None) -> None:
        self.audience = unpack(audience)
        self.told = {kind: unpack(packed.get(kind)) for kind in KINDS}

    def to_do(self) -> list[int]:
        """List the channels without any outcome, in order."""
        done = BitMap64()
        for bitmap in self.told.values():
            done |= bitmap
        return list(self.audience - done)

    def mark(self, outcome: Outcome) -> None:
        """Note an outcome; it takes the place of an earlier one that was not the end, or `unknown`."""
        for earlier in ("later", "held", "unknown"):
            if told := self.told[earlier]:  # which is empty nearly always
                told.discard(outcome.channel_id)
        self.told[outcome.kind].add(outcome.channel_id)

    @property
    def settled(self) -> int:
        """Count the channels with which nothing is to be done now."""
        return sum(len(bitmap) for kind, bitmap in self.told.items() if kind != "later")

    def columns(self) -> dict[str, bytes | int | None]:
        """Give the shard's columns to store."""
        return {
            **{kind: pack(bitmap) if bitmap else None for kind, bitmap in self.told.items()},
            "settled": self.settled,
        }
