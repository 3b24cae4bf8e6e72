"""Why somebody did not hear of an article, from what is stored. Pure.

Only their own doings and what everybody may know are told: no queries, no drafts, no sources' troubles.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from subscriptions.errors import msgid
from subscriptions.heard.said import Said


class Followed(NamedTuple):
    """A topic the person follows."""

    name: str
    since: datetime
    threshold: int  # least urgent that rings


class Rang(NamedTuple):
    """An alert of the article's story that went out."""

    at: datetime  # when its recipients were laid out
    seen_at: datetime
    urgency: int
    topics: frozenset[int]
    stopped: bool = False


class Way(NamedTuple):
    """A channel of the person."""

    status: str  # waiting, live or retired
    since: datetime


class Facts(NamedTuple):
    """What is known of an article, its story, and a person."""

    status: str  # the article's
    why: str  # the reason of its status, or what came of its matches
    spoken_of: Mapping[int, str] = {}  # topics it, or what rang of its story, speaks of
    follows: Mapping[int, Followed] = {}
    rang: tuple[Rang, ...] = ()
    mutes_story: bool = False
    muted: tuple[str, ...] = ()  # topics it speaks of that they muted
    threshold: int = 8  # least urgent that they want to hear of at all
    ways: tuple[Way, ...] = ()


def why_not(facts: Facts) -> list[Said]:
    """Say why it did not reach them, each reason that there is."""
    if facts.status in BEFORE:
        return [Said(BEFORE[facts.status])]
    followed = facts.spoken_of.keys() & facts.follows.keys()
    if not followed:
        return [_speaks_of_nothing(facts)]
    return [*_wished(facts), *_rung(facts, followed), *_reached(facts)] or [Said(UNKNOWN)]


def _speaks_of_nothing(facts: Facts) -> Said:
    if not facts.follows:
        return Said(msgid("You follow no topics yet."))
    names = tuple(sorted(topic.name for topic in facts.follows.values()))
    return Said(msgid("It speaks of none of the topics you follow: %(topics)s."), {"topics": names})


def _wished(facts: Facts) -> Iterable[Said]:
    if facts.mutes_story:
        yield Said(msgid("You muted this story."))
    for topic in facts.muted:
        yield Said(msgid("You muted %(topic)s, of which it speaks."), {"topic": topic})
    urgency = min((each.urgency for each in facts.rang), default=0)
    if urgency > facts.threshold:
        named = {"urgency": urgency, "least": facts.threshold}
        yield Said(NOT_URGENT, named)


def _rung(facts: Facts, followed: Iterable[int]) -> Iterable[Said]:
    """Say of each topic they follow why its alerts were not for them."""
    for topic_id in sorted(followed):
        topic = facts.follows[topic_id]
        alerts = [each for each in facts.rang if topic_id in each.topics]
        if not alerts:
            yield _silent(facts, topic)
        elif all(topic.since > each.seen_at for each in alerts):
            named = {"topic": topic.name, "when": topic.since}
            yield Said(msgid("You follow %(topic)s since %(when)s, and we saw the story before that."), named)
        elif (urgency := min(each.urgency for each in alerts)) > topic.threshold:
            named = {"topic": topic.name, "urgency": urgency, "least": topic.threshold}
            yield Said(NOT_URGENT_FOR, named)


def _silent(facts: Facts, topic: Followed) -> Said:
    """Say why its story did not ring for a topic at all."""
    for begins, sentence in SILENT.items():
        if begins in facts.why:
            return Said(sentence)
    return Said(msgid("The newsroom has sent no alert of it for %(topic)s."), {"topic": topic.name})


def _reached(facts: Facts) -> Iterable[Said]:
    live = [way for way in facts.ways if way.status == "live"]
    if not live and any(way.status == "waiting" for way in facts.ways):
        yield Said(msgid("Your address waits for you to confirm it."))
    elif not live:
        yield Said(msgid("You have no channel on which we could reach you."))
    elif facts.rang and all(way.since > each.at for way in live for each in facts.rang):
        yield Said(msgid("You added the channels you have after it rang."))
    elif facts.rang and all(each.stopped for each in facts.rang):
        yield Said(msgid("The newsroom stopped this alert."))


NOT_URGENT = msgid("Its urgency is %(urgency)s, and you want to hear of %(least)s and more urgent news only.")
NOT_URGENT_FOR = msgid("You want to hear of %(topic)s from urgency %(least)s up, and this is %(urgency)s.")
BEFORE = {
    "baseline": msgid("It was there before we began to watch its source: only what comes after that rings."),
    "stale": msgid("It was published long before we saw it, and was no news any more."),
    "held": msgid("We have not decided about it yet."),
    "seen": msgid("We have only just seen it: ask again in a minute."),
    "understood": msgid("We have only just seen it: ask again in a minute."),
}
SILENT = {
    "has withdrawn an alert of its story": msgid(
        "The newsroom has withdrawn its story, which rings no more."
    ),
    "too late to ring": msgid("We came to it too late: it was no news any more."),
}
UNKNOWN = msgid("By what we know it should have reached you. Please tell the newsroom.")
