"""The live topics as this process knows them: those on the machine's shelf, and what has changed since."""

from subprocess import Popen

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from subscriptions.media_topics import vocabulary
from subscriptions.queries import ArticleText
from subscriptions.queries.index import Index
from subscriptions.tables import Topic, TopicRevision, TopicStatus
from worker.match.fill_shelf import fill_elsewhere, parsed, read_shelf, shelf

SHELVED = 10_000  # changed topics; with more the shelf is filled while the process goes on with its own
_AT_ONCE = 500  # ids in one statement
MANY = 50_000  # changed topics; with more the process waits for the shelf


class LiveTopics:
    """Finds the topics that articles answer; apart for the practice newsroom and the real one."""

    def __init__(self) -> None:
        self._stamp: object = None  # of the shelf and of the database that are known
        self._revision = 0  # all changes up to this one are known
        self._shelved = 0  # and up to this one from the shelf
        self._filling: Popen[bytes] | None = None  # the process that fills the shelf
        self._real, self._practice = Index(), Index()

    def find(self, article: ArticleText, *, practice: bool) -> list[int]:
        """Return the topics that `article` answers, as they were at the last `refresh`."""
        return (self._practice if practice else self._real).find(article)

    def refresh(self, session: Session) -> None:
        """Take in what has changed since the last call."""
        now = session.exec(select(TopicRevision)).one()
        stamp = shelf().folder, shelf().stamp(), now.origin
        if stamp != self._stamp or now.number < self._revision:
            self._open(session, now)
            self._stamp = stamp
        if now.number == self._revision:
            return
        if _changed_since(session, self._revision) > MANY:
            fill_elsewhere().wait()
            self._open(session, now)
        self._take_in(session, practice=False, since=self._revision)
        self._take_in(session, practice=True, since=self._revision)
        self._revision = now.number
        is_filling = self._filling is not None and self._filling.poll() is None
        if not is_filling and _changed_since(session, self._shelved) > SHELVED:
            self._filling = fill_elsewhere()

    def _open(self, session: Session, now: TopicRevision) -> None:
        """Begin with what is on the shelf; practice topics, few and never shelved, are all taken in.

        The page names those up to its revision: to look for them among a million takes a tenth of a second.
        """
        contents = read_shelf(now)
        self._real, self._practice = Index(contents.segments), Index()
        self._revision = self._shelved = contents.revision
        for start in range(0, len(contents.left_out), _AT_ONCE):
            some = contents.left_out[start : start + _AT_ONCE]
            self._index(session, col(Topic.id).in_(some), practice=True)
        self._take_in(session, practice=True, since=self._revision)

    def _take_in(self, session: Session, *, practice: bool, since: int) -> None:
        self._index(session, col(Topic.revision) > since, practice=practice)

    def _index(self, session: Session, which: ColumnElement[bool], *, practice: bool) -> None:
        index = self._practice if practice else self._real
        known = vocabulary(session)
        wanted = select(Topic.id, Topic.query, Topic.status).where(which, Topic.practice == practice)
        for topic, text, status in session.exec(wanted):
            query = parsed(text, known) if status == TopicStatus.live else None
            if query is None:
                index.remove(topic or 0)
            else:
                index.add(topic or 0, query)


def _changed_since(session: Session, revision: int) -> int:
    return session.exec(select(func.count()).select_from(Topic).where(Topic.revision > revision)).one()
