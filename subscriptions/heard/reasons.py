"""What became of an alert on one channel, in words for its owner. Pure.

Reasons are stored in English, some of them for admins. Each that a reader may be told is known here by how it
begins; of all others nothing is repeated, for they may speak of the newsroom's own affairs.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from subscriptions.errors import msgid
from subscriptions.heard.said import Said

ANSWER = re.compile(r"(SMTP )?[1-5]\d\d( [\w .'-]*)?")  # all else may be the newsroom's own trouble


class State(NamedTuple):
    """What is stored of one alert on one channel: the outcome's bit, and of the row where there is one."""

    outcome: str
    told_at: datetime | None = None
    stopped: bool = False  # the alert
    in_digest: bool = False
    due_at: datetime | None = None
    attempts: int = 0
    answer: str = ""
    why: str = ""


def what_became(state: State) -> list[Said]:
    """Say what became of an alert on a channel, and what the far end answered where it went wrong."""
    says = [SAID[state.outcome](state)]
    if state.outcome in ("later", "gone", "refused") and ANSWER.fullmatch(state.answer):
        says.append(Said(msgid("It answered: %(answer)s."), {"answer": state.answer}))
    return says


def _accepted(state: State) -> Said:
    when: dict[str, object] = {"when": state.told_at}
    if state.told_at is None:
        return Said(msgid("Told."))
    if state.in_digest:
        return Said(msgid("Told in your digest: %(when)s."), when)
    if state.attempts > 1:
        tries = {"attempts": state.attempts}
        return Said(msgid("Told: %(when)s. It took %(attempts)s attempts."), when | tries)
    return Said(msgid("Told: %(when)s."), when)


def _waiting(state: State) -> Said:
    return Said(STOPPED) if state.stopped else Said(msgid("It is on its way to you."))


def _later(state: State) -> Said:
    when = {"when": state.due_at}
    if not state.attempts:
        return Said(msgid("The service takes no more messages just now. We try at: %(when)s."), when)
    return Said(msgid("We could not reach it so far. We try again at: %(when)s."), when)


def _held(state: State) -> Said:
    return _stored(HELD, state) or Said(msgid("It is held until: %(when)s."), {"when": state.due_at})


def _gone(_state: State) -> Said:
    return Said(msgid("This address is no more, so we have stopped writing to it."))


def _refused(_state: State) -> Said:
    return Said(msgid("The service refused the message."))


def _unknown(_state: State) -> Said:
    return Said(msgid("It was sent, and we were not told whether it arrived. We do not send it twice."))


def _dropped(state: State) -> Said:
    return _stored(DROPPED, state) or Said(msgid("It was not sent to this channel."))


SAID: dict[str, Callable[[State], Said]] = {
    "accepted": _accepted,
    "waiting": _waiting,
    "later": _later,
    "held": _held,
    "gone": _gone,
    "refused": _refused,
    "unknown": _unknown,
    "dropped": _dropped,
}


def _stored(known: dict[str, str], state: State) -> Said | None:
    for pattern, sentence in known.items():
        if found := re.match(pattern, state.why):
            named = {"when": state.due_at, **found.groupdict()}
            used = {name: value for name, value in named.items() if f"%({name})s" in sentence}
            return Said(sentence, used)
    return None


STOPPED = msgid("The newsroom stopped this alert before it was your turn.")
HELD = {
    r"You paused all alerts": msgid("You had paused all alerts: it comes in a digest at %(when)s."),
    r"You asked for an hourly": msgid("You asked for an hourly digest of this: it comes at %(when)s."),
    r"You asked for a daily": msgid("You asked for a daily digest of this: it comes at %(when)s."),
    r"Your quiet hours": msgid("It came in your quiet hours and waits for you until %(when)s."),
    r"You had (?P<told>\d+) alerts that day, and want at most (?P<most>\d+)": msgid(
        "You had %(told)s alerts that day and want at most %(most)s: it comes in a digest at %(when)s."
    ),
    r"Your digest waits": msgid("Your digest waits until your quiet hours or your pause end: %(when)s."),
    r"A correction of it": msgid("It was corrected meanwhile: the correction is on its way to you."),
}
DROPPED = {
    r"You muted this story": msgid("You had muted this story."),
    r"You muted (?P<topic>.+)\.$": msgid("You had muted %(topic)s."),
    r"You follow none": msgid("When it was your turn you followed none of its topics any more."),
    r"Its urgency is (?P<urgency>\d), and you want to hear of (?P<least>\d)": msgid(
        "Its urgency is %(urgency)s, and you want to hear of %(least)s and more urgent news only."
    ),
    r"an admin stopped": STOPPED,
    r"it was corrected before": msgid("It was corrected before it was your turn."),
    r"It was corrected while": msgid("It was corrected while it waited for you: you get the correction."),
    r"(it was withdrawn before|It was withdrawn while)": msgid("It was withdrawn before it was your turn."),
    r"the channel was retired": msgid("This channel was switched off before its turn came."),
    r"its turn came too late": msgid("We were too late: by then it was no news any more."),
    r"not delivered in (?P<attempts>\d+) attempts": msgid(
        "We tried %(attempts)s times, and could not reach it while it was news."
    ),
    r"the database was restored": msgid(
        "We repaired our data, and would rather leave it out than tell you twice."
    ),
    r"(the sender failed|its sender died)": msgid("Something of ours broke while sending it. We are sorry."),
}
