"""How often alerts are shown and opened: counted in sum, nobody by name, and only where settings say so.

Counts are added up in the process and stored every few seconds: an alert that a million people open at once
is a few updates of its row, not a million. What a process has not stored yet is lost when it is killed.
"""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import Any, Literal, NamedTuple

import structlog
from itsdangerous import BadSignature
from sqlalchemy import case, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from subscriptions.database import unit_of_work, what_is_wrong
from subscriptions.keys import stamp
from subscriptions.settings import settings
from subscriptions.tables import Alert, AlertCounts

What = Literal["shown", "opened"]

log = structlog.get_logger()


class Counts(NamedTuple):
    """How often an alert was shown by browsers, and opened."""

    shown: int = 0
    opened: int = 0


@lru_cache(maxsize=1000)
def count_token(alert_id: int) -> str:
    """Give what a browser or a link counts an alert by: the same for all its recipients."""
    return stamp("count").dumps(alert_id)


def counted_link(alert_id: int, link: str) -> str:
    """Give the link of an alert to put into a mail: by way of us where clicks are counted."""
    if not settings().count_clicks or not link.startswith(("https://", "http://")):
        return link
    return f"{settings().site}/r/{count_token(alert_id)}"


def counted_alert(token: str) -> int | None:
    """Give the number of the alert that a token is of; None for one that is not ours."""
    try:
        return int(stamp("count").loads(token))
    except (BadSignature, TypeError, ValueError):
        return None


class Tally:
    """What this process has counted and not stored yet."""

    def __init__(self) -> None:
        self._counted: Counter[tuple[int, What]] = Counter()
        self._lock = Lock()

    def count(self, alert_id: int, what: What) -> None:
        """Count one more, where clicks are counted at all."""
        if settings().count_clicks:
            with self._lock:
                self._counted[alert_id, what] += 1

    def store(self) -> None:
        """Store what was counted since the last time; where the database is away it is lost, and logged."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
        if not counted:
            return
        try:
            with unit_of_work() as session:
                _store(session, counted)
        except DBAPIError as error:
            log.warning("counts lost", counts=counted.total(), problem=what_is_wrong(error))


tally = Tally()


def counts_of(session: Session, alert_id: int) -> Counts:
    """Give how often an alert was shown and opened, as far as it is stored."""
    row = session.get(AlertCounts, alert_id)
    return Counts(row.shown, row.opened) if row is not None else Counts()


def _store(session: Session, counted: Mapping[tuple[int, What], int]) -> None:
    ids = sorted({alert_id for alert_id, _what in counted})
    wanted = select(Alert.id, Alert.recipients).where(col(Alert.id).in_(ids))
    recipients = {alert_id: count for alert_id, count in session.exec(wanted) if alert_id is not None}
    rows = [{"alert_id": alert_id, "shown": 0, "opened": 0} for alert_id in sorted(recipients)]
    if rows:
        session.execute(_insert(session)(AlertCounts).on_conflict_do_nothing(), rows)
    for (alert_id, what), count in sorted(counted.items()):
        if alert_id in recipients:
            session.execute(_added(alert_id, what, count, recipients[alert_id]))


def _added(alert_id: int, what: What, count: int, most: int) -> Any:
    """Add to a count, which no forger brings above the number of recipients."""
    column = getattr(AlertCounts, what)
    sum_of = case((column + count > most, most), else_=column + count)
    return update(AlertCounts).where(col(AlertCounts.alert_id) == alert_id).values({what: sum_of})


def _insert(session: Session) -> Any:
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
