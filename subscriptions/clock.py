"""The only place that asks the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """Tell the present instant, aware, in UTC. Call it as `clock.now()`, so that tests can set it."""
    return datetime.now(UTC)
