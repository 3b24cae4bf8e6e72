"""The address of somebody's own server, as people copy it. Pure."""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import idna
from apprise.utils.http import is_public_ip_address

from subscriptions.errors import Mistake, msgid

NAME = re.compile(
    r"(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?"
)
HIGHEST_PORT = 65535
# RFC 6761, 6762, 8375 and what ICANN keeps free for networks of one's own.
HOME_NAMES = (".localhost", ".local", ".lan", ".internal", ".intranet", ".home", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is."""

    host: str  # an IPv6 address stands in brackets
    port: int | None = None
    path: tuple[str, ...] = ()  # unquoted
    query: str = ""
    encrypted: bool | None = None  # None: it was not said


def read_server(text: str, example: str, plain: tuple[str, ...], secure: tuple[str, ...]) -> Server:
    """Read `[scheme://]host[:port][/path]`; the schemes are http, https and the kinds of channel.

    Raises Mistake for what is no such address, or holds a login.
    """
    scheme, separator, rest = text.partition("://")
    given = scheme.lower() if separator else ""
    if given not in ("", "http", "https", *plain, *secure):
        raise _no_address(example)
    try:
        parts = urlsplit(f"//{rest if separator else text}")
        port = parts.port
    except ValueError:
        raise _no_address(example) from None
    if parts.username is not None:
        raise Mistake(
            msgid("Leave the user name and password out of the address: there are fields for them.")
        )
    host = _host(parts.hostname or "")
    if not host:
        raise _no_address(example)
    return Server(
        host=host,
        port=port,
        path=tuple(unquote(each) for each in parts.path.split("/") if each),
        query=parts.query,
        encrypted=None if not given else given == "https" or given in secure,
    )


def is_private(host: str) -> bool:
    """Say whether a host is plainly this machine or of a private network; no name is looked up."""
    bare = host.strip("[]").rstrip(".").lower()
    if (
        "." not in bare and ":" not in bare and not bare.isdecimal()
    ):  # a name that only a network of one's own knows
        return True
    if bare.endswith(HOME_NAMES):
        return True
    try:
        bare = socket.inet_ntoa(socket.inet_aton(bare))  # 127.1 and 0x7f.1 are 127.0.0.1
    except OSError:
        if ":" not in bare:
            return False
    return not is_public_ip_address(bare)  # type: ignore[no-untyped-call]  # Apprise has no types


def _host(name: str) -> str:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return _named(name)
    return f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004 - IPv6


def _named(name: str) -> str:
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode()
        except idna.IDNAError:
            return ""
    return name.lower() if NAME.fullmatch(name.lower()) else ""


def _no_address(example: str) -> Mistake:
    return Mistake(msgid("This is no address of a server: it looks like %(example)s."), example=example)
