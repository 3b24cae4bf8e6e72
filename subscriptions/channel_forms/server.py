"""The address of somebody's own server, as people copy it. Pure."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import idna

from subscriptions.errors import Mistake

NAME = re.compile(
    r"(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?"
)
HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is."""

    host: str  # an IPv6 address stands in brackets
    port: int | None = None
    path: tuple[str, ...] = ()  # unquoted
    query: str = ""
    encrypted: bool | None = None  # None: it was not said


def read_server(text: str, plain: tuple[str, ...], secure: tuple[str, ...]) -> Server:
    """Read `[scheme://]host[:port][/path]`; the schemes are http, https and the kinds of channel.

    Raises Mistake for what is no such address, or holds a login.
    """
    scheme, separator, rest = text.partition("://")
    given = scheme.lower() if separator else ""
    if given not in ("", "http", "https", *plain, *secure):
        raise Mistake("begins with something that is no address of a server")
    try:
        parts = urlsplit(f"//{rest if separator else text}")
        port = parts.port
    except ValueError:
        raise Mistake("is not well written") from None
    if parts.username is not None:
        raise Mistake("holds a user name: write it, and the password, into the fields for them")
    return Server(
        host=_host(parts.hostname or ""),
        port=port,
        path=tuple(unquote(each) for each in parts.path.split("/") if each),
        query=parts.query,
        encrypted=None if not given else given == "https" or given in secure,
    )


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
            name = ""
    if not NAME.fullmatch(name.lower()):
        raise Mistake("is no address of a server")
    return name.lower()
