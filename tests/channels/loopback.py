"""All names lead to one loopback port while a block runs."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import requests.adapters
from aiohttp.resolver import DefaultResolver

from tests.channels.recorder import Recorder
from worker.push.wire import wire


@contextmanager
def all_names_lead_to(far_end: Recorder) -> Iterator[None]:
    """Make every look-up of a name give the far end, whichever port was asked for, and trust it."""
    place = ("127.0.0.1", far_end.port)

    def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", place)]

    async def resolve(_self: Any, host: str, *_: Any, **__: Any) -> list[dict[str, Any]]:
        found = {"hostname": host, "host": place[0], "port": place[1]}
        return [{**found, "family": socket.AF_INET, "proto": 0, "flags": socket.AI_NUMERICHOST}]

    with ExitStack() as stack:
        for target, name, value in (
            (socket, "getaddrinfo", getaddrinfo),
            (DefaultResolver, "resolve", resolve),  # uvloop looks names up without `socket`
            (requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(far_end.certificate)),
        ):
            stack.enter_context(patch.object(target, name, value))
        stack.enter_context(patch.dict(os.environ, _surroundings(far_end)))
        wire().trust.load_verify_locations(far_end.certificate)  # it may have been opened before
        wire().forget_names()
        yield


def _surroundings(far_end: Recorder) -> dict[str, str]:
    # What this machine's environment says of proxies and certificates is not to reach plain Apprise.
    certificate = str(far_end.certificate)
    return {"NO_PROXY": "*", "REQUESTS_CA_BUNDLE": certificate, "SSL_CERT_FILE": certificate}
