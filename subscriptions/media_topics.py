"""IPTC's Media Topics as the newsroom imported them: for queries that name them, and to be looked up."""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import NamedTuple

from sqlalchemy import or_, update
from sqlmodel import Session, col, func, select

from subscriptions import clock
from subscriptions.media_topic_file import ListedMediaTopic
from subscriptions.tables import MediaTopic, Topic, TopicStatus, next_revision

ENGLISH = ("en-GB", "en-US", "en")


class Vocabulary:
    """What a query needs to know of media topics; see `subscriptions.queries.media_topics.MediaTopics`."""

    def __init__(self, topics: Sequence[MediaTopic] = ()) -> None:
        self._named: defaultdict[str, set[str]] = defaultdict(set)
        self._once_named: defaultdict[str, set[str]] = defaultdict(set)
        self._narrower: defaultdict[str, set[str]] = defaultdict(set)
        self._retired = {topic.code for topic in topics if topic.retired}
        self._written: dict[str, str] = {}
        for topic in topics:
            for broader in topic.broader:
                self._narrower[broader].add(topic.code)
            for name in topic.labels.values():
                self._named[_folded(name)].add(topic.code)
                self._written.setdefault(_folded(name), name)
            for name in topic.former:
                self._once_named[_folded(name)].add(topic.code)

    def named(self, name: str) -> Collection[str]:
        """Return the codes of the topics called so in any language.

        Where there is none, those that were called so before; retired ones where there is no other.
        """
        key = _folded(name)
        found = self._named.get(key) or self._once_named.get(key) or set()
        return (found - self._retired) or found

    def narrower(self, code: str) -> Collection[str]:
        """Return the codes of all topics below a topic."""
        found: set[str] = set()
        left = [code]
        while left:
            new = self._narrower.get(left.pop(), set()) - found
            found |= new
            left += new
        return found

    def meant(self, name: str) -> str:
        """Return the name of a topic that looks like one that no topic has; empty if there is none."""
        near = get_close_matches(_folded(name), self._written, 1)
        return self._written[near[0]] if near else ""


class _Known(NamedTuple):
    """The vocabulary this process read last, and what tells whether another was imported since."""

    stamp: object
    vocabulary: Vocabulary


_known: list[_Known] = []  # one at most


def vocabulary(session: Session) -> Vocabulary:
    """Give the imported vocabulary, for `parse_query`; it is read again only after another import."""
    imported = session.exec(select(func.count(), func.max(MediaTopic.imported_at))).one()
    stamp = (str(session.get_bind().engine.url), *imported)
    if not _known or _known[0].stamp != stamp:
        _known[:] = [_Known(stamp, Vocabulary(session.exec(select(MediaTopic)).all()))]
    return _known[0].vocabulary


class Imported(NamedTuple):
    """How many media topics were not there before, how many are otherwise now, and how many as they were."""

    added: int
    changed: int
    unchanged: int
    languages: list[str]
    retired: int


def import_media_topics(session: Session, listed: Sequence[ListedMediaTopic]) -> Imported:
    """Store what a file lists; names in languages that it does not have stay.

    Followers of topics that name media topics are told by what is stored now.
    """
    known = {topic.code: topic for topic in session.exec(select(MediaTopic))}
    now = clock.now()
    changed = [each for each in listed if each.code in known and _differs(known[each.code], each)]
    added = [each for each in listed if each.code not in known]
    session.add_all(_made(each, now) for each in added)
    for each in changed:
        _change(known[each.code], each, now)
    session.flush()
    if added or changed:
        _tell_matchers(session)
    languages = sorted({language for each in listed for language in each.labels})
    unchanged = len(listed) - len(added) - len(changed)
    return Imported(len(added), len(changed), unchanged, languages, sum(each.retired for each in listed))


def find_media_topics(session: Session, text: str) -> list[MediaTopic]:
    """List the topics whose code or name, in any language, has these letters; all for none."""
    topics = session.exec(select(MediaTopic).order_by(col(MediaTopic.code))).all()
    return [topic for topic in topics if text.strip() in topic.code or names_with(topic, text)]


def narrower_of(session: Session, code: str = "") -> list[MediaTopic]:
    """List the subjects right below one, or the uppermost; without those IPTC gives out no more."""
    topics = session.exec(select(MediaTopic).where(col(MediaTopic.retired).is_(False))).all()
    below = (topic for topic in topics if (code in topic.broader if code else not topic.broader))
    return sorted(below, key=lambda topic: name_of(topic).casefold())


def broader_of(session: Session, code: str) -> list[MediaTopic]:
    """List a subject and those above it, the uppermost first."""
    way: list[MediaTopic] = []
    topic = session.get(MediaTopic, code) if code else None
    while topic is not None and topic not in way:
        way.append(topic)
        topic = session.get(MediaTopic, topic.broader[0]) if topic.broader else None
    return way[::-1]


def names_with(topic: MediaTopic, text: str) -> list[str]:
    """List a topic's names that have these letters, in any capitals."""
    wanted = _folded(text)
    return list(dict.fromkeys(name for name in topic.labels.values() if wanted in _folded(name)))


def name_of(topic: MediaTopic, language: str = "") -> str:
    """Give a topic's name in a language, else in English, else in any."""
    wanted = [key for key in topic.labels if language and key.partition("-")[0] == language.partition("-")[0]]
    for key in (language, *wanted, *ENGLISH):
        if key in topic.labels:
            return topic.labels[key]
    return next(iter(topic.labels.values()), topic.code)


def _made(each: ListedMediaTopic, now: datetime) -> MediaTopic:
    return MediaTopic(
        code=each.code, broader=each.broader, labels=each.labels, retired=each.retired, imported_at=now
    )


def _differs(topic: MediaTopic, each: ListedMediaTopic) -> bool:
    told = (topic.broader, topic.retired, topic.labels)
    return told != (each.broader, each.retired, _labels(topic.labels, each.labels))


def _change(topic: MediaTopic, each: ListedMediaTopic, now: datetime) -> None:
    labels = _labels(topic.labels, each.labels)
    topic.former = sorted({*topic.former, *topic.labels.values()} - set(labels.values()))
    topic.broader, topic.retired, topic.labels, topic.imported_at = each.broader, each.retired, labels, now


def _labels(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted({**before, **now}.items()))


def _tell_matchers(session: Session) -> None:
    """Have the queries that name media topics read anew."""
    query = col(Topic.query)
    names_one = or_(query.ilike("%mediatopic%"), query.ilike("%medtop%"))
    live = update(Topic).where(names_one, col(Topic.status) != TopicStatus.removed)
    session.execute(live.values(revision=next_revision(session)))


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
