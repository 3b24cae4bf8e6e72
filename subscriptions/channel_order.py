"""Which of a person's channels ring first, which beside them, and which only in their stead. Pure."""

from collections.abc import Collection, Sequence
from enum import StrEnum

Ranks = list[list[int]]


class Place(StrEnum):
    """How a channel rings, beside its person's others."""

    first = "first"  # before the others, which ring only if it did not take the alert
    beside = "beside"  # with those that ring first
    last = "last"  # only if none of the others took the alert


def placed(ranks: Sequence[Sequence[int]], live: Collection[int], channel_id: int, place: Place) -> Ranks:
    """Give a channel another place; it stands beside the first of the others that are `live`."""
    others = [[each for each in rank if each != channel_id] for rank in ranks]
    order = [rank for rank in others if rank]
    if place == Place.first:
        return [[channel_id], *order]
    rings = next((at for at, rank in enumerate(order) if set(rank) & set(live)), None)
    if place == Place.last or rings is None:
        return [*order, [channel_id]]
    return [[*rank, channel_id] if at == rings else rank for at, rank in enumerate(order)]


def place_of(ranks: Sequence[Sequence[int]], live: Collection[int], channel_id: int) -> Place | None:
    """Say how a channel rings beside the others that are live; None where it is the only one."""
    ringing = [rank for rank in ([each for each in rank if each in live] for rank in ranks) if rank]
    if not any(each != channel_id for rank in ringing for each in rank):
        return None
    if channel_id not in ringing[0]:
        return Place.last
    return Place.beside if len(ringing[0]) > 1 else Place.first


def moved(ranks: Sequence[Sequence[int]], channel_id: int, *, up: bool) -> Ranks:
    """Move a channel one step: out of those it rings with, or from alone to those beside it."""
    order = [list(rank) for rank in (ranks if up else reversed(ranks))]
    at = next((at for at, rank in enumerate(order) if channel_id in rank), None)
    if at is not None:
        order[at].remove(channel_id)
        if order[at]:
            order.insert(at, [channel_id])
        elif at:
            order[at - 1].append(channel_id)
        else:
            order[at].append(channel_id)
    kept = [rank for rank in order if rank]
    return kept if up else kept[::-1]


def stands_in(rank: int, others: Collection[int], gone: int) -> bool:
    """Say whether a channel of a rank would begin to ring because its owner left one of the rank `gone`.

    `others` are the ranks of all that are live yet. It has only stood in until now: nobody who leaves asks
    to be told elsewhere instead.
    """
    return rank > gone and min(others) > gone
