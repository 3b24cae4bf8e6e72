"""Whether an article that speaks of topics rings. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ring:
    """Tell the followers of these topics."""

    topics: tuple[int, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Silent:
    """Tell nobody."""

    why: str


def should_ring(
    matched: Mapping[int, str],
    rung: Collection[int],
    *,
    withdrawn: bool = False,
    waited_h: float = 0,
    ttl_h: float = float("inf"),
) -> Ring | Silent:
    """Decide from the matched topics (id to name) and those its story has rung for before.

    `withdrawn` says whether an admin has withdrawn an alert of the story. `waited_h` is the hours since
    the article was seen: news that waited longer than `ttl_h`, while everything was down, is no news.
    """
    if not matched:
        return Silent("no topic matches")
    if withdrawn:
        return Silent("an admin has withdrawn an alert of its story")
    fresh = tuple(topic for topic in matched if topic not in rung)
    if not fresh:
        return Silent(f"its story has rung for {_named(matched)} already")
    if waited_h > ttl_h:
        return Silent(f"it was seen {waited_h:.0f} hours ago, too late to ring")
    names = _named({topic: matched[topic] for topic in fresh})
    if rung:
        return Ring(fresh, f"it speaks of {names}, for which its story has not rung yet")
    return Ring(fresh, f"it speaks of {names}, and its story has not rung yet")


def _named(topics: Mapping[int, str]) -> str:
    names = list(dict.fromkeys(topics.values()))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
