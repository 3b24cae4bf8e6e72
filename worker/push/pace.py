"""Keeping to what services and the newsroom allow: when a message may go out."""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from time import monotonic
from typing import Any

from limits import RateLimitItem, RateLimitItemPerSecond

from subscriptions.settings import settings
from subscriptions.tables import Alert
from worker.push.service_limits import service_limit
from worker.push.slots import slots

LONGEST_WAIT_S = 2.0  # for a slot; who would have to wait longer is told later
BLOCK = 20  # part of a ceiling that a process takes at a time
CLOSED_S = 0.05  # between two looks whether a ceiling has room again
NOT_THE_ACCOUNT = frozenset({"targets", "url", "fullpath", "path", "query", "qsd", "qsd+", "qsd-", "qsd:"})

_put_off_until: dict[str, float] = {}  # by account: when the last one put off comes back


async def wait_for_slot(parts: Mapping[str, Any], target: str) -> float:
    """Wait until a service allows one more message to a target; gives the seconds to put it off instead."""
    limit = service_limit(parts["schema"])
    if limit is None:
        return 0.0
    account, waited = _account(parts), 0.0
    while wait_s := _take(limit.in_all, account, limit.to_one, f"{account} {target}"):
        if waited + wait_s > LONGEST_WAIT_S:
            return _put_off(account, limit.in_all or limit.to_one, wait_s)
        await asyncio.sleep(wait_s)
        waited += wait_s
    return 0.0


def _take(in_all: RateLimitItem | None, account: str, to_one: RateLimitItem | None, target: str) -> float:
    """Take a slot of both, or none; gives the seconds until there may be one."""
    wait_s = slots().wait_s(to_one, target) if to_one else 0.0
    if wait_s:
        return wait_s
    if in_all and not slots().take(in_all, account):
        return slots().wait_s(in_all, account) or CLOSED_S
    return 0.0 if to_one is None or slots().take(to_one, target) else CLOSED_S


def _put_off(account: str, limit: RateLimitItem | None, wait_s: float) -> float:
    """Space those put off as the limit allows, so that they do not come back all at once."""
    assert limit is not None  # noqa: S101 - it had no slot
    now = monotonic()
    each_s = limit.get_expiry() / limit.amount
    _put_off_until[account] = max(now + wait_s, _put_off_until.get(account, 0.0) + each_s)
    return _put_off_until[account] - now


def _account(parts: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in parts.items() if name not in NOT_THE_ACCOUNT}
    return hashlib.blake2b(json.dumps(kept, sort_keys=True).encode(), digest_size=12).hexdigest()


Ceiling = tuple[str, int]  # whose it is, and how many messages a second


class Ceilings:
    """The newsroom's own ceilings: messages a second of one alert, and in all."""

    def __init__(self) -> None:
        self._left: dict[Ceiling, int] = {}  # of the blocks taken
        self._closed_until: dict[Ceiling, float] = {}

    def has_room(self, alert: Alert) -> bool:
        """Take room for one message of an alert; False where there is none at the moment."""
        given = settings()
        own = given.alert_ceiling if alert.ceiling is None else alert.ceiling
        if not given.ceiling and not own:
            return True
        asked = (("all", given.ceiling), (f"alert {alert.id}", own))
        wanted = [ceiling for ceiling in asked if ceiling[1]]
        if not all(self._has(ceiling) for ceiling in wanted):
            return False
        for ceiling in wanted:
            self._left[ceiling] -= 1
        return True

    def _has(self, ceiling: Ceiling) -> bool:
        if self._left.get(ceiling):
            return True
        now, (whose, most) = monotonic(), ceiling
        if now < self._closed_until.get(ceiling, 0.0):
            return False
        block = max(1, most // BLOCK)
        if slots().take(RateLimitItemPerSecond(most), whose, block):
            self._left[ceiling] = block
            return True
        self._closed_until[ceiling] = now + CLOSED_S
        return False
