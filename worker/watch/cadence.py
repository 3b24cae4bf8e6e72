"""When a source is polled next. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SLOWEST_S = 900.0  # a source that is well is never left alone for longer
LONGEST_BACKOFF_S = 3600.0
QUIET_H = 6.0  # hours without news after which a source is polled more slowly


@dataclass(frozen=True, slots=True)
class Next:
    """The time of the next poll, and why."""

    at: datetime
    why: str


def after_success(
    now: datetime,
    *,
    interval_s: float,
    own_interval: bool,
    quiet_since: datetime,
    fresh_s: float | None,
    jitter: float,
) -> Next:
    """Decide after a good poll; `jitter` is a random 0 to 1 that spreads polls by a tenth.

    An admin's own interval is kept. Else a source is polled more slowly the longer it brought
    nothing, and not before its answer's max-age (`fresh_s`) is over, but every 15 minutes at least.
    """
    if own_interval:
        return _next(now, interval_s, jitter, "an admin set the interval")
    quiet_h = max((now - quiet_since) / timedelta(hours=1), 0)
    wait, why = interval_s * max(quiet_h / QUIET_H, 1), "as often as set"
    if quiet_h > QUIET_H:
        why = f"nothing new for {quiet_h:.0f} hours"
    if fresh_s is not None and fresh_s > wait:
        wait, why = fresh_s, f"the publisher says it stays the same for {fresh_s:.0f} s"
    return _next(now, min(wait, max(SLOWEST_S, interval_s)), jitter, why)


def after_failure(
    now: datetime, *, interval_s: float, failures: int, asked_s: float | None, jitter: float
) -> Next:
    """Decide after `failures` failed polls in a row: twice as long each time up to an hour, or as asked."""
    wait = min(interval_s * 2.0 ** min(failures, 20), LONGEST_BACKOFF_S)
    if asked_s is not None and asked_s > wait:
        return _next(now, asked_s, jitter, f"the publisher asked for {asked_s:.0f} s of rest")
    return _next(now, max(wait, interval_s), jitter, f"{failures} polls in a row failed")


def _next(now: datetime, wait_s: float, jitter: float, why: str) -> Next:
    return Next(now + timedelta(seconds=wait_s * (1 + jitter / 10)), why)
