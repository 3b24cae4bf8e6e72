"""The addresses of names, looked up once for all who ask at the same time, and kept for a minute."""

import asyncio
import socket
from ipaddress import ip_address
from typing import Any

from aiohttp.resolver import DefaultResolver

AddressInfo = tuple[int, int, int, str, Any]  # as socket.getaddrinfo gives it


class Names:
    """Asks this machine's resolver."""

    def __init__(self, kept_s: float) -> None:
        self._kept_s = kept_s
        self._found: dict[tuple[str, int], tuple[float, asyncio.Task[list[AddressInfo]]]] = {}

    async def look_up(self, host: str, port: int) -> list[AddressInfo]:
        """Give a host's addresses; raises OSError where there are none."""
        now = asyncio.get_running_loop().time()
        until, task = self._found.get((host, port), (0.0, None))
        if task is None or (task.done() and (now >= until or task.cancelled() or task.exception())):
            self._forget_old(now)
            task = asyncio.create_task(_look_up(host, port))
            task.add_done_callback(
                lambda done: done.cancelled() or done.exception()
            )  # nobody may wait any more
            self._found[host, port] = now + self._kept_s, task
        return await asyncio.shield(task)  # others wait for it too

    def forget(self) -> None:
        """Look all of them up anew."""
        self._found.clear()

    def _forget_old(self, now: float) -> None:
        for place in [place for place, (until, task) in self._found.items() if now >= until and task.done()]:
            del self._found[place]


async def _look_up(host: str, port: int) -> list[AddressInfo]:
    if _is_address(host):
        return [_info(host, port)]
    found = await DefaultResolver().resolve(host, port, family=socket.AF_UNSPEC)
    return [_info(each["host"], each["port"]) for each in found]


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _info(host: str, port: int) -> AddressInfo:
    is_6 = ":" in host
    family, place = (socket.AF_INET6, (host, port, 0, 0)) if is_6 else (socket.AF_INET, (host, port))
    return family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place
