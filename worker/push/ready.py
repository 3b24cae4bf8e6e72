"""Ready before the first message: what sending needs is loaded, made and written out ahead of it.

A worker does so before it forks, and its processes share what came of it: plugins, certificates, statements,
the languages of readers. Else the first message of each process would wait for a tenth of a second of work
that has nothing to do with it.
"""

from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from subscriptions import clock
from subscriptions.corrections import are_settled
from subscriptions.database import BusyError, engine, unit_of_work
from subscriptions.errors import Mistake
from subscriptions.keys import sealer
from subscriptions.prepared import write_all
from subscriptions.tables import Alert, AlertStatus, move
from subscriptions.texts import LANGUAGES
from subscriptions.vapid import newest_key_id
from worker.push.compose import note_for
from worker.push.fan_out import audience_of
from worker.push.ledger import Ledger, pack
from worker.push.outcome import Outcome
from worker.push.send import KEEP, Claim, write_down_claims
from worker.push.settle import mark_first_sent
from worker.push.transport import install
from worker.push.wire import trusted

NOBODY = 0  # the number of an alert, a shard and a channel that is never given

log = structlog.get_logger()


def get_ready() -> None:
    """Do it; what cannot be done now (the database is away or busy) is done with the first message."""
    install()
    trusted()
    write_down_claims()
    write_all(engine().dialect)
    for language in LANGUAGES.values():
        note_for("", ["anything"], language)
    with suppress(Mistake):  # a key that is too short: it is said where it is needed
        sealer()
        newest_key_id()
    try:
        with unit_of_work(waits=False) as session:
            _go_through(session)
            session.rollback()
    except (BusyError, SQLAlchemyError) as error:
        log.info("the database is not ready yet", error=type(error).__name__)


def _go_through(session: Session) -> None:
    """Execute what an alert with one recipient needs for one that is not there: it changes nothing."""
    now = clock.now()
    times: dict[str, Any] = dict.fromkeys(("seen_at", "matched_at", "status_at", "expires_at"), now)
    alert = Alert(id=NOBODY, story_id=NOBODY, version=0, article_id=NOBODY, title="", **times)
    claim = Claim(NOBODY, "nobody", 1, alert, Ledger(pack([NOBODY]) or b""), [], set())
    audience_of(session, alert)
    session.get(Alert, NOBODY)
    KEEP.within(session, **claim.columns())
    mark_first_sent(session, alert, [Outcome(NOBODY, "accepted")])
    laid_out = {"status_at": now, "queued_at": now, "recipients": 0}
    move(session, Alert, [NOBODY], leave=AlertStatus.queued, enter=AlertStatus.ringing, **laid_out)
    ended = {"status_at": now, "last_sent_at": now}
    move(session, Alert, [NOBODY], leave=AlertStatus.ringing, enter=AlertStatus.rung, **ended)
    are_settled(session, [alert])
