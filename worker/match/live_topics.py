"""The live topics of this process, compiled once and read again when one of them changes."""

from collections.abc import Collection, Iterable, Mapping

import structlog
from sqlmodel import Session, col, func, select

from subscriptions.queries import Query, QueryError, parse_query
from subscriptions.tables import Rings, Topic, TopicStatus

log = structlog.get_logger()


class LiveTopics:
    """Compiled queries by topic id, apart for the practice newsroom and the real one."""

    def __init__(self) -> None:
        self._stamp: object = None
        self._topics: dict[int, Topic] = {}
        self._queries: dict[bool, dict[int, Query]] = {True: {}, False: {}}
        self._stems: set[str] = set()

    def refresh(self, session: Session) -> None:
        """Read the topics again if any changed, came or went since the last call."""
        counts = select(func.count(), func.max(Topic.id), func.sum(Topic.revision))
        changed = session.exec(counts.select_from(Topic)).one()
        stamp = (str(session.get_bind().engine.url), *changed)
        if stamp == self._stamp:
            return
        live = session.exec(select(Topic).where(col(Topic.status) == TopicStatus.live)).all()
        known = {query.text: query for queries in self._queries.values() for query in queries.values()}
        self._topics = {topic.id: topic for topic in live if topic.id is not None}
        self._queries = {True: {}, False: {}}
        for topic_id, topic in self._topics.items():
            query = known.get(topic.query) or _parsed(topic)
            if query is not None:
                self._queries[topic.practice][topic_id] = query
        self._stems = {query.stem for queries in self._queries.values() for query in queries.values()} - {""}
        self._stamp = stamp

    def queries(self, *, practice: bool) -> Mapping[int, Query]:
        """Give the queries an article is matched against."""
        return self._queries[practice]

    @property
    def stems(self) -> Collection[str]:
        """The languages in which a query asks for stems."""
        return self._stems

    def names(self, topic_ids: Iterable[int]) -> dict[int, str]:
        """Give the topics' names."""
        return {topic_id: self._topics[topic_id].name for topic_id in topic_ids}

    def rings(self, topic_id: int) -> Rings:
        """Tell who decides that this topic rings."""
        return self._topics[topic_id].rings


def _parsed(topic: Topic) -> Query | None:
    try:
        return parse_query(topic.query)
    except QueryError as error:  # it was right when it was saved: the language has changed since
        log.warning("topic cannot be matched", topic=topic.slug, problem=str(error))
        return None
