"""The doctor looks at the database: its version, its sources, and what waits too long."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, func, select

from subscriptions.database import READING, engine, reading, what_is_wrong
from subscriptions.errors import Mistake
from subscriptions.migrations import check_schema
from subscriptions.progress import waiting
from subscriptions.tables import (
    Alert,
    AlertStatus,
    Article,
    ArticleStatus,
    Channel,
    ChannelStatus,
    Source,
    SourceStatus,
)
from subscriptions.wording import counted
from worker.commands.session import database_exists
from worker.doctor.finding import Finding, fault, ok, warning

LATE = timedelta(minutes=1)  # the sweeps look every two seconds
MOST_NAMED = 10


def rows() -> Iterator[Finding]:
    """Look at the database; where it does not answer, that is the only finding."""
    try:
        if not database_exists():
            yield fault("database", "There is none yet: run `tocsin migrate`, or `tocsin up`.")
            return
        check_schema(engine().execution_options(**{READING: True}))
        with reading() as session:
            yield ok("database", f"{engine().dialect.name}, at this version")
            yield from _sources(session)
            yield from _waiting(session)
            yield from _for_the_desk(session)
    except Mistake as mistake:
        yield fault("database", str(mistake))
    except DBAPIError as error:
        yield fault("database", what_is_wrong(error))


def _sources(session: Session) -> Iterator[Finding]:
    live = session.exec(select(Source).where(Source.status == SourceStatus.live)).all()
    ill = [source for source in live if source.problem]
    for source in ill[:MOST_NAMED]:
        yield warning("source", f"{source.title or source.url} (number {source.id}): {source.problem}")
    if len(ill) > MOST_NAMED:
        yield warning("source", f"{len(ill) - MOST_NAMED} more have problems: `tocsin sources list`.")
    yield ok("sources", f"{len(live)} live, {len(live) - len(ill)} of them well")


def _waiting(session: Session) -> Iterator[Finding]:
    late = [step for step in waiting(session, longer_than=LATE) if step.count]
    for step in late:
        age = f"the oldest for {step.age_s / 60:.0f} minutes"
        yield fault(
            "waiting",
            f"{counted(step.count, step.noun)} {step.waits}, {age}: "
            f"see that beat and a worker of {step.queue} run.",
        )
    if not late:
        yield ok("waiting", "nothing has waited longer than a minute")


def _for_the_desk(session: Session) -> Iterator[Finding]:
    held = select(func.count()).where(col(Article.status) == ArticleStatus.held)
    if number := session.exec(held).one():
        yield warning(
            "desk", f"{counted(number, 'held article')} to decide on: see their source at the desk."
        )
    proposed = select(func.count()).where(col(Alert.status) == AlertStatus.proposed)
    if number := session.exec(proposed).one():
        yield warning("desk", f"{counted(number, 'alert')} to approve or reject: `tocsin alerts list`.")
    live = select(func.count()).where(col(Channel.status) == ChannelStatus.live)
    if not session.exec(live).one():
        yield warning("channels", "Nobody can be told: no channel is live. `tocsin channels add`.")
