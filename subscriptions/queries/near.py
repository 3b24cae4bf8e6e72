"""Stretches of a text in which near words stand close enough to one another."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple, Optional

from subscriptions.queries.article import Place
from subscriptions.queries.nodes import Near, Word

Stretch = tuple[Place, ...]
Seen = Mapping[Word, list[Place]]


class _Link(NamedTuple):
    """A place of a word, that of the word before it, and how many other words the whole chain passes over."""

    others: int
    place: Place
    before: Optional["_Link"]


def in_order(near: Near, seen: Seen) -> Iterator[Stretch]:
    """Yield stretches of the words in their order, for each place of the last word the tightest.

    Linear in the places, once they are sorted.
    """
    links = [_Link(0, place, None) for place in seen[near.words[0]]]
    for word in near.words[1:]:
        links = [link for link in _linked(links, seen[word]) if link.others <= near.distance]
    yield from map(_unrolled, links)


def _linked(links: list[_Link], found: list[Place]) -> Iterator[_Link]:
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


def in_any_order(near: Near, seen: Seen) -> Iterator[Stretch]:
    """Yield stretches that are narrow enough, each with the latest places of all words up to its last."""
    needed = Counter(near.words)
    counts = tuple(needed.values())
    ends = sorted((place, number) for number, word in enumerate(needed) for place in seen[word])
    reach = near.distance + sum(max(1, len(word.parts)) for word in near.words)
    return (stretch for stretch in _stretches(ends, counts, reach) if _others(stretch) <= near.distance)


def _stretches(ends: list[tuple[Place, int]], counts: tuple[int, ...], reach: int) -> Iterator[Stretch]:
    """Yield the latest places of all words up to each of `ends`; those more than `reach` back are let go."""
    recent: list[deque[Place]] = [deque() for _ in counts]
    for end, number in ends:
        recent[number].append(end)
        for places_of_word in recent:
            while places_of_word and places_of_word[0].position < end.after - reach:
                places_of_word.popleft()
        if all(len(found) >= count for found, count in zip(recent, counts, strict=True)):
            chosen = _apart(recent, counts)
            if chosen:
                yield chosen


def _apart(recent: list[deque[Place]], counts: tuple[int, ...]) -> Stretch:
    """Choose as many late places of each word as it counts, none twice; the rarest word chooses first."""
    chosen: dict[int, Place] = {}
    for found, count in sorted(zip(recent, counts, strict=True), key=lambda pair: len(pair[0])):
        free = (place for place in reversed(found) if place.position not in chosen)
        taken = list(islice(free, count))
        if len(taken) < count:
            return ()
        chosen |= {place.position: place for place in taken}
    return tuple(chosen.values())


def _others(stretch: Stretch) -> int:
    """Count the other words in a stretch."""
    spanned = max(place.after for place in stretch) - min(place.position for place in stretch)
    return spanned - sum(place.after - place.position for place in stretch)
