"""Where others may not lead us: to this machine and private networks, unless an admin said so.

The address is checked when a connection is made, after its name was looked up: what a name led to before,
or what a redirect says, does not matter. HTTP connections get their sockets from here; plugins with sockets
of their own are watched by an audit hook (PEP 578).
"""

import socket
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from apprise.utils.http import is_public_ip_address

CONNECTING = ("socket.connect", "socket.sendto", "socket.sendmsg")


class PrivateAddressError(Exception):
    """It led to this machine or a private network; no OSError, after which other addresses are tried."""


def public_socket(address: Any) -> socket.socket:
    """Make a socket for an address that was looked up a moment ago; raises PrivateAddressError."""
    family, kind, protocol, _name, place = address
    if not is_public(place):
        raise PrivateAddressError
    return socket.socket(family, kind, protocol)


def is_public(place: Any) -> bool:
    """Say whether a socket's address is one of the public internet; names and paths are not."""
    return isinstance(place, tuple) and is_public_ip_address(str(place[0]).partition("%")[0])  # type: ignore[no-untyped-call]  # Apprise has no types


@cache
def watch(forbidden: Callable[[], bool], tell: Callable[[], None]) -> None:
    """While `forbidden`, prevent and `tell` of a connection to a private address; for good, as hooks are."""

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event in CONNECTING and forbidden() and not is_public(arguments[1]):
            tell()
            raise ConnectionRefusedError("a private network")  # as plugins know how to handle

    sys.addaudithook(look)
