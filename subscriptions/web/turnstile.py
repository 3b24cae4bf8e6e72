"""How often somebody may ask for something, counted in this process and by Valkey in all web processes."""

import ipaddress
from collections import OrderedDict
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from threading import Lock
from time import monotonic
from typing import Any

import redis
import structlog
from fastapi import Request
from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from subscriptions.broker import broker_url
from subscriptions.keys import digests

REMEMBERED = 10_000  # people, or networks
HOUSEHOLD = 64  # bits of an IPv6 address that all of a household's or an office's share (RFC 6177)
AWAY_S = 5.0  # before Valkey is asked again
ANSWER_S = 0.5

log = structlog.get_logger()


def network_of(request: Request) -> str:
    """Name the network a request comes from: its IPv4 address, or the first half of its IPv6 address."""
    host = request.client.host if request.client else ""
    with suppress(ValueError):
        address = ipaddress.ip_address(host.partition("%")[0])
        if isinstance(address, ipaddress.IPv6Address):
            inner = address.ipv4_mapped
            return str(inner or ipaddress.IPv6Network((int(address), HOUSEHOLD), strict=False))
    return host


class Turnstile:
    """Counts what each asks for, and says when it was too much: more than `most` `within`.

    With a name it is shared by all web processes. While Valkey is away each process counts for itself.
    """

    def __init__(self, most: int, within: timedelta, name: str = "") -> None:
        self._most = most
        self._within = within
        self._name = name
        self._times: OrderedDict[str, list[datetime]] = OrderedDict()
        self._lock = Lock()

    def lets_in(self, who: str, now: datetime) -> bool:
        """Count one more, unless there were too many."""
        here = self._lets_in_here(who, now)
        return here and (not self._name or _shared().take(self._name, who, self._most, self._within))

    def _lets_in_here(self, who: str, now: datetime) -> bool:
        with self._lock:
            times = [when for when in self._times.pop(who, []) if now - when < self._within]
            if free := len(times) < self._most:
                times.append(now)
            self._times[who] = times
            while len(self._times) > REMEMBERED:
                self._times.popitem(last=False)
        return free


class _Shared:
    """The count of all web processes together."""

    def __init__(self) -> None:
        # Celery and the library name a socket's scheme differently.
        uri = broker_url().replace("redis+socket://", "redis+unix://")
        options: dict[str, Any] = {"socket_timeout": ANSWER_S, "socket_connect_timeout": ANSWER_S}
        storage = RedisStorage(uri, key_prefix="tocsin-turnstile", **options)
        self._counter = SlidingWindowCounterRateLimiter(storage)
        self._away_until = 0.0

    def take(self, name: str, who: str, most: int, within: timedelta) -> bool:
        if monotonic() < self._away_until:
            return True
        limit = RateLimitItemPerSecond(most, int(within.total_seconds()))
        try:
            # By a digest: a backup of Valkey tells nobody who asked.
            return self._counter.hit(limit, name, digests(who)[0])
        except redis.RedisError:
            log.warning("Valkey away, each web process counts requests for itself")
            self._away_until = monotonic() + AWAY_S
            return True


@cache
def _shared() -> _Shared:
    return _Shared()
