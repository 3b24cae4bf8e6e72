"""Slots for messages where only so many may be sent in a time, shared by all senders through Valkey.

The package `limits` counts. Without Valkey each process counts for itself.
"""

from collections.abc import Callable
from functools import cache
from time import monotonic, time
from typing import Any, TypeVar

import redis
import structlog
from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from subscriptions.broker import broker_url

T = TypeVar("T")
AWAY_S = 5.0  # before Valkey is asked again
ANSWER_S = 0.5

log = structlog.get_logger()


class Slots:
    """Counts messages by limit and by whom it is for."""

    def __init__(self) -> None:
        # Celery and the library name a socket's scheme differently.
        uri = broker_url().replace("redis+socket://", "redis+unix://")
        options: dict[str, Any] = {"socket_timeout": ANSWER_S, "socket_connect_timeout": ANSWER_S}
        self._shared = MovingWindowRateLimiter(RedisStorage(uri, key_prefix="tocsin-slots", **options))
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._away_until = 0.0

    def take(self, limit: RateLimitItem, whose: str, count: int = 1) -> bool:
        """Take slots; False, and none is taken, where there are not so many now."""
        return self._ask(lambda counter: counter.hit(limit, whose, cost=count))

    def wait_s(self, limit: RateLimitItem, whose: str) -> float:
        """Tell in how many seconds there is a slot; 0 when there is one now."""

        def ask(counter: MovingWindowRateLimiter) -> float:
            stats = counter.get_window_stats(limit, whose)
            return 0.0 if stats.remaining else max(0.01, stats.reset_time - time())

        return self._ask(ask)

    def _ask(self, what: Callable[[MovingWindowRateLimiter], T]) -> T:
        if monotonic() >= self._away_until:
            try:
                return what(self._shared)
            except redis.RedisError:
                log.warning("Valkey away, each sender keeps to the limits by itself")
                self._away_until = monotonic() + AWAY_S
        return what(self._own)


@cache
def slots() -> Slots:
    """Give the slots of this process."""
    return Slots()
