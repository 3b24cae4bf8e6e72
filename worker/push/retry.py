"""When a delivery that did not go right is tried again. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_S, LONGEST_S = 5.0, 600.0


@dataclass(frozen=True, slots=True)
class RetryAt:
    """Try again at this time."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not try again."""

    why: str


def when_again(
    attempts: int, asked_s: float | None, now: datetime, expires_at: datetime, jitter: float
) -> RetryAt | GiveUp:
    """Decide after `attempts` attempts; `asked_s` is the far end's Retry-After, `jitter` a random 0 to 1.

    The wait doubles from 5 seconds to 10 minutes, half of it fixed and half by chance, so that the
    recipients of one failing host do not come back all at once. A Retry-After is the least it waits.
    """
    ceiling = min(LONGEST_S, FIRST_S * 2 ** min(max(attempts, 1) - 1, 30))
    wait = ceiling * (1 + jitter) / 2
    why = f"attempt {attempts} failed, next in {wait:.0f} s"
    if asked_s is not None and asked_s > wait:
        wait = asked_s + jitter * FIRST_S
        why = f"attempt {attempts} failed, asked to wait {asked_s:.0f} s"
    if wait > (expires_at - now).total_seconds():
        return GiveUp(f"not delivered in {attempts} attempts, and the next would come too late to be news")
    return RetryAt(now + timedelta(seconds=wait), why)
