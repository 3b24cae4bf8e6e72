"""Whether a recipient of an alert is told now, later, or not at all. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from subscriptions.local_time import said
from subscriptions.wants import PLAIN, Cadence, Wants


@dataclass(frozen=True, slots=True)
class Send:
    """Tell them."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Look again at this time, which is to come; with `digest`, it is told then among others."""

    until: datetime
    why: str
    digest: bool = False


@dataclass(frozen=True, slots=True)
class Drop:
    """Do not tell them, for this reason."""

    why: str


class Follow(NamedTuple):
    """A topic of the alert that the recipient follows, from which urgency up, and how soon it is told."""

    topic: str
    threshold: int
    cadence: Cadence


class Person(NamedTuple):
    """Whom a channel belongs to, as far as it matters for one alert."""

    wants: Wants = PLAIN
    mutes: str = ""  # what of the alert they muted, in words: "this story"
    follows_story: bool = False
    told_today: int = 0  # alerts since their midnight; counted where they have a cap


ANYBODY = Person()
SEND = Send()
SOONEST = (Cadence.at_once, Cadence.hourly, Cadence.daily)


def restrain(
    *,
    urgency: int,
    follows: Sequence[Follow] | None,
    person: Person = ANYBODY,
    now: datetime,
    expires_at: datetime,
    stopped: str = "",
    live: bool = True,
) -> Send | Hold | Drop:
    """Decide for one recipient when their turn has come; on release, again.

    `follows` are the alert's topics that they follow, None where that does not matter: who was told what is
    wrong is told what is right, though not in their quiet hours. `stopped` says why the alert has been
    stopped, "" if it is not; `live` whether the channel still is.
    Once per story and channel is settled before, when the audience is laid out.
    """
    if why := lapsed(stopped=stopped, live=live, now=now, expires_at=expires_at):
        return Drop(why)
    if follows is not None and (why := unwanted(urgency, follows, person)):
        return Drop(why)
    wants = person.wants
    if wants.pause_until is not None and wants.pause_until > now:
        return _gather(wants.free(now), wants, "You paused all alerts until then")
    if urgency <= wants.through:
        return SEND
    if follows is not None and (cadence := soonest(urgency, follows, person)) != Cadence.at_once:
        return _gather(wants.digest_after(now, cadence), wants, f"You asked for {_A[cadence]} digest of this")
    if wants.quiet is not None and (until := wants.quiet.until(now, wants.zone)) > now:
        return Hold(until, f"Your quiet hours last until {said(until, wants.zone)}.")
    if follows is not None and wants.cap is not None and person.told_today >= wants.cap:
        why = f"You had {person.told_today} alerts that day, and want at most {wants.cap}"
        return _gather(wants.digest_after(now, Cadence.daily), wants, why)
    return SEND


def lapsed(*, stopped: str, live: bool, now: datetime, expires_at: datetime) -> str:
    """Say why an alert is not told any more to this channel, "" if it is: to be asked just before sending."""
    if stopped:
        return stopped
    if not live:
        return "the channel was retired before its turn came"
    return "its turn came too late for it to be news" if now >= expires_at else ""


def unwanted(urgency: int, follows: Sequence[Follow], person: Person) -> str:
    """Say why a person does not want to hear of an alert at all, "" if they do."""
    if person.mutes:
        return f"You muted {person.mutes}."
    if person.follows_story:
        return ""
    if not follows:
        return "You follow none of its topics any more."
    least = min(person.wants.threshold, max(follow.threshold for follow in follows))
    if urgency > least:
        return f"Its urgency is {urgency}, and you want to hear of {least} and more urgent ones only."
    return ""


def soonest(urgency: int, follows: Sequence[Follow], person: Person) -> Cadence:
    """Give how soon a person wants it: of several topics the most eager one counts, and a followed story."""
    wanted = {follow.cadence for follow in follows if follow.threshold >= urgency}
    if person.follows_story:
        return Cadence.at_once
    return next((cadence for cadence in SOONEST if cadence in wanted), Cadence.at_once)


def _gather(until: datetime, wants: Wants, why: str) -> Hold:
    return Hold(until, f"{why}: it comes in the digest of {said(until, wants.zone)}.", digest=True)


_A = {Cadence.hourly: "an hourly", Cadence.daily: "a daily"}
