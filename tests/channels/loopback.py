"""All names lead to one loopback port while a block runs."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from aiohttp.resolver import DefaultResolver


@contextmanager
def all_names_lead_to(port: int) -> Iterator[None]:
    """Make every look-up of a name give 127.0.0.1 and this port, whichever port was asked for."""
    place = ("127.0.0.1", port)

    def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place)]

    async def resolve(_self: Any, host: str, *_: Any, **__: Any) -> list[dict[str, Any]]:
        found = {"hostname": host, "host": place[0], "port": port}
        return [{**found, "family": socket.AF_INET, "proto": 0, "flags": socket.AI_NUMERICHOST}]

    # uvloop looks names up by itself, so aiohttp's resolver is led as well.
    with patch.object(socket, "getaddrinfo", getaddrinfo), patch.object(DefaultResolver, "resolve", resolve):
        yield
