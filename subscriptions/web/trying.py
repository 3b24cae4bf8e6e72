"""Trying a query on the stored articles, for the desk's page and programs: not too often, one at a time."""

from datetime import timedelta
from threading import Lock

from subscriptions import clock
from subscriptions.backtesting import Backtest, backtest
from subscriptions.database import reading
from subscriptions.errors import Mistake, msgid
from subscriptions.media_topics import vocabulary
from subscriptions.queries import parse_query
from subscriptions.web.turnstile import Turnstile

DAYS = 30
SHOWN = 20
TRIES = 120  # of one session within a minute: more than anybody types
WAIT_S = 10

turnstile = Turnstile(TRIES, timedelta(minutes=1))
_one = Lock()  # a backtest is all work of the processor: two at a time would both take twice as long


class Busy(Exception):  # noqa: N818 - a state, not a fault
    """There are more tries than can be answered: its text is one sentence."""


def try_query(session_id: str, query: str, *, days: int, shown: int, practice: bool = False) -> Backtest:
    """Try a query for a session of the desk.

    Raises QueryError (a Mistake) for a wrong query, Mistake for too many days or stories, and Busy.
    """
    if not turnstile.lets_in(session_id, clock.now()):
        raise Busy(msgid("That was a lot of tries: try again in a minute."))
    if not _one.acquire(timeout=WAIT_S):
        raise Busy(msgid("Others are trying queries just now: try again in a minute."))
    try:
        with reading() as session:
            parsed = parse_query(query, media_topics=vocabulary(session))
            return backtest(session, parsed, days=days, shown=shown, practice=practice)
    finally:
        _one.release()


def number(text: str, what: str) -> int:
    """Read a whole number somebody typed; raises Mistake, naming what it is."""
    try:
        return int(text)
    except ValueError:
        raise Mistake(f"{text!r} is no number of {what}: write digits.") from None
