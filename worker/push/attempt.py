"""One attempt to tell one recipient: decide, compose, send, and say what became of it."""

import random
from datetime import datetime
from typing import NamedTuple

import structlog

from subscriptions import clock
from subscriptions.channel_kinds import COLLAPSING_KINDS
from subscriptions.errors import Mistake
from subscriptions.leave_links import leave_path
from subscriptions.tables import Alert
from worker.errors import AddressGone, Refused, TryLater, Unknown
from worker.logs import failure
from worker.push.compose import Message
from worker.push.deciding import expiry
from worker.push.outcome import Outcome
from worker.push.pace import wait_for_slot
from worker.push.recipients import Recipient, message_for, parts_of
from worker.push.restrain import lapsed
from worker.push.retry import GiveUp, when_again
from worker.push.transport import send

log = structlog.get_logger()


class Attempt(NamedTuple):
    """What is to be tried: an alert, a recipient, and the how manieth time it is."""

    alert: Alert
    recipient: Recipient
    number: int = 1
    held_until: datetime | None = None
    message: Message | None = None  # where it is written already, or not the alert's own

    @property
    def expires_at(self) -> datetime:
        """Until when it is news for this recipient."""
        return expiry(self.alert, self.held_until)


async def tell(attempt: Attempt) -> Outcome:
    """Make the attempt. Never raises: a recipient whose sending fails unforeseen must not stop others."""
    outcome = await _tell(attempt)
    if outcome.kind != "accepted":
        fields = {"outcome": outcome.kind, "answer": outcome.answer, "why": outcome.why}
        alert = attempt.alert
        log.info("not accepted", trace=alert.trace, alert=alert.id, channel=outcome.channel_id, **fields)
    return outcome


async def _tell(attempt: Attempt) -> Outcome:
    alert, recipient = attempt.alert, attempt.recipient
    channel_id = recipient.channel_id
    # What they want was decided when it was claimed.
    expires_at = attempt.expires_at
    if why := lapsed(stopped=alert.stop_why, live=recipient.live, now=clock.now(), expires_at=expires_at):
        return drop(attempt, why)
    try:
        parts, message = parts_of(recipient), attempt.message or message_for(alert, recipient, expires_at)
        if wait_s := await wait_for_slot(parts, str(channel_id)):
            return put_off(attempt, wait_s, f"its service takes no more now, told in {wait_s:.0f} s")
        if alert.stop_why:  # while it waited for its service
            return drop(attempt, alert.stop_why)
        leave = leave_path(channel_id) if message.leave else ""
        await send(parts, message, leave=leave, enters_private=recipient.enters_private)
    except TryLater as problem:
        return _later(attempt, problem.answer, problem.after_s)
    except AddressGone as problem:
        return Outcome(channel_id, "gone", problem.answer, "the address is gone")
    except Refused as problem:
        return Outcome(channel_id, "refused", problem.answer, "the far end would refuse it again")
    except Unknown as problem:
        return unanswered(attempt, problem.answer)
    except Mistake as mistake:  # ours to mend (no mail server set): the reader's delivery waits for it
        return _later(attempt, str(mistake), None)
    except Exception as error:  # noqa: BLE001 - it is said, but for its words, which may be secret
        names = {"trace": alert.trace, "alert": alert.id, "channel": channel_id}
        log.error("sender failed", **names, **failure(error))  # noqa: TRY400 - as above
        # A fault of ours says nothing about the address: it must not count towards retiring it.
        return Outcome(channel_id, "dropped", type(error).__name__, "the sender failed; parked for an admin")
    return Outcome(channel_id, "accepted")


def unanswered(attempt: Attempt, answer: str) -> Outcome:
    """Decide about a message that was sent without an answer: again where two of them show as one."""
    if attempt.recipient.scheme in COLLAPSING_KINDS:
        again = _later(attempt, answer, None)
        if again.kind == "later":
            return again
    return Outcome(attempt.recipient.channel_id, "unknown", answer, "sending again could ring twice")


def _later(attempt: Attempt, answer: str, after_s: float | None) -> Outcome:
    channel_id = attempt.recipient.channel_id
    jitter = random.random()  # noqa: S311 - no secret
    decision = when_again(attempt.number, after_s, clock.now(), attempt.expires_at, jitter)
    if isinstance(decision, GiveUp):
        return Outcome(channel_id, "dropped", answer, decision.why)
    return Outcome(channel_id, "later", answer, decision.why, decision.at, after_s or 0.0)


def drop(attempt: Attempt, why: str) -> Outcome:
    """Leave the attempt unmade, for good."""
    return Outcome(attempt.recipient.channel_id, "dropped", why=why, tried=False)


def put_off(attempt: Attempt, rest_s: float, why: str) -> Outcome:
    """Leave the attempt for later unmade, in `rest_s` seconds."""
    channel_id = attempt.recipient.channel_id
    jitter = random.random()  # noqa: S311 - no secret
    decision = when_again(attempt.number, rest_s, clock.now(), attempt.expires_at, jitter)
    if isinstance(decision, GiveUp):
        return Outcome(channel_id, "dropped", why=decision.why, tried=False)
    return Outcome(channel_id, "later", why=why, due_at=decision.at, tried=False)
