"""Stretches of a text in which near words stand close enough to one another."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import NamedTuple, Optional

from subscriptions.queries.article import Place
from subscriptions.queries.masks import parts_of, spread_down, spread_up
from subscriptions.queries.nodes import Near, Word
from subscriptions.queries.spots import Spots

Stretch = tuple[Place, ...]
Places = Mapping[Word, Sequence[Place]]


class _Link(NamedTuple):
    """A place of a word, that of the word before it, and how many other words the whole chain passes over."""

    others: int
    place: Place
    before: Optional["_Link"]


def stretches(near: Near, seen: Mapping[Word, Spots]) -> Iterator[Stretch]:
    """Yield stretches of near words, the first ones first; `seen` says where each word stands."""
    reach = near.distance + sum(seen[word].widest for word in near.words)
    ends = (spread_up(spots.ends, reach) for spots in seen.values())
    within_reach = spread_down(reduce(int.__and__, ends), reach)
    for part in parts_of(within_reach, reach):
        places = {word: spots.ending(part) for word, spots in seen.items()}
        if all(places.values()):
            yield from _in_order(near, places) if near.ordered else _in_any_order(near, places, reach)


def _in_order(near: Near, places: Places) -> Iterator[Stretch]:
    """Yield stretches of the words in their order, for each place of the last word the tightest.

    Linear in the places, once they are sorted.
    """
    links = [_Link(0, place, None) for place in places[near.words[0]]]
    for word in near.words[1:]:
        links = [link for link in _linked(links, places[word]) if link.others <= near.distance]
    yield from map(_unrolled, links)


def _linked(links: list[_Link], found: Sequence[Place]) -> Iterator[_Link]:
    """Go on from `links` to each of `found`, from where the fewest other words lie between."""
    waiting = deque(sorted(links, key=lambda link: link.place.after))
    nearest: _Link | None = None
    for place in sorted(found):
        while waiting and waiting[0].place.after <= place.position:
            link = waiting.popleft()
            if nearest is None or link.others - link.place.after <= nearest.others - nearest.place.after:
                nearest = link
        if nearest:
            between = place.position - nearest.place.after
            yield _Link(nearest.others + between, place, nearest)


def _unrolled(link: _Link | None) -> Stretch:
    places: list[Place] = []
    while link:
        places.append(link.place)
        link = link.before
    return tuple(reversed(places))


def _in_any_order(near: Near, places: Places, reach: int) -> Iterator[Stretch]:
    """Yield stretches that are narrow enough, each with the latest places of all words up to its last."""
    needed = Counter(near.words)
    ends = sorted((place, number) for number, word in enumerate(needed) for place in places[word])
    latest = _latest(ends, tuple(needed.values()), reach)
    return (stretch for stretch in latest if _others(stretch) <= near.distance)


def _latest(ends: list[tuple[Place, int]], counts: tuple[int, ...], reach: int) -> Iterator[Stretch]:
    """Yield the latest places of all words up to each of `ends`; those more than `reach` back are let go."""
    recent: list[deque[Place]] = [deque() for _ in counts]
    missing, oldest = len(counts), 0
    for end, number in ends:
        recent[number].append(end)
        missing -= len(recent[number]) == counts[number]
        while ends[oldest][0].position < end.position - reach:
            left = ends[oldest][1]
            missing += len(recent[left]) == counts[left]
            recent[left].popleft()
            oldest += 1
        if not missing and (chosen := _apart(recent, counts)):
            yield chosen


def _apart(recent: list[deque[Place]], counts: tuple[int, ...]) -> Stretch:
    """Choose late places of each word, as many as it counts, none over another; the rarest chooses first."""
    chosen: list[Place] = []
    for found, count in sorted(zip(recent, counts, strict=True), key=lambda pair: len(pair[0])):
        left = count
        for place in reversed(found):
            if left and all(
                place.after <= other.position or other.after <= place.position for other in chosen
            ):
                chosen.append(place)
                left -= 1
        if left:
            return ()
    return tuple(chosen)


def _others(stretch: Stretch) -> int:
    """Count the other words in a stretch."""
    spanned = max(place.after for place in stretch) - min(place.position for place in stretch)
    return spanned - sum(place.after - place.position for place in stretch)
