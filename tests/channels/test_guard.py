"""A channel that an admin did not vouch for leads nowhere but to the public internet."""

import json
import socket
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
import requests
from aiohttp.resolver import DefaultResolver
from apprise.plugins.xmpp import adapter as xmpp_adapter

from subscriptions.channel_kinds import FORBIDDEN_ARGUMENTS, FORBIDDEN_KINDS
from subscriptions.channels import read_address
from subscriptions.errors import Mistake
from tests.corpus import CORPUS, needs_corpus
from tests.postgres import free_port
from tests.sinks import HttpSink, Reply
from worker.errors import Refused, SendError, TryLater
from worker.guard import is_public
from worker.push import bridge
from worker.push.compose import Message
from worker.push.transport import install, send
from worker.push.wire import wire

PRIVATE = "it leads to this machine or a private network"
MESSAGE = Message("Storm closes harbour", "Nobody was hurt.")


def tell(parts: dict[str, Any], *, enters_private: bool = False) -> None:
    """Send a message to a channel."""
    wire().run(send(parts, MESSAGE, enters_private=enters_private))


def hostile(name: str) -> list[dict[str, Any]]:
    """Read a file of hostile addresses."""
    lines = (CORPUS / "hostile" / "ssrf" / name).read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names are found to be, one address after the other; a name that is not here is this machine."""
    found: dict[str, list[str]] = {}

    async def resolve(_self: Any, host: str, port: int = 0, *_: Any, **__: Any) -> list[dict[str, Any]]:
        answers = found.get(host, ["127.0.0.1"])
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        place = {"hostname": host, "host": address, "port": port}
        return [{**place, "family": family, "proto": 0, "flags": socket.AI_NUMERICHOST}]

    monkeypatch.setattr(DefaultResolver, "resolve", resolve)
    return found


@pytest.fixture
def no_connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The addresses a connection was begun to; none is ever made."""
    begun: list[Any] = []

    async def connect(addr_infos: Any, socket_factory: Any = None, **_: Any) -> Any:
        for address in addr_infos:
            if socket_factory is not None:
                socket_factory(address).close()
            begun.append(address[4][0])
        raise OSError("no connections in this test")

    with patch("aiohappyeyeballs.start_connection", connect):
        yield begun


@needs_corpus
def test_every_hostile_address_is_known_for_what_it_is() -> None:
    for case in hostile("addresses.jsonl"):
        assert not (case["block"] and is_public((case["address"], 443))), case


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "64:ff9b::808:808"])
def test_the_public_internet_is_open(address: str) -> None:
    assert is_public((address, 443))


@needs_corpus
def test_no_hostile_url_is_connected_to(looked_up: dict[str, list[str]], no_connections: list[Any]) -> None:
    cases = [case for case in hostile("urls.jsonl") if case["block"]]
    assert cases
    for case in cases:
        if case.get("decodes_to") and (host := urlsplit(case["url"]).hostname):
            looked_up[host] = [case["decodes_to"]]
        with pytest.raises((requests.RequestException, ValueError)):
            wire().run(_post(case["url"]))
    assert no_connections == []


async def _post(url: str) -> None:
    bridge.private.set(False)
    await bridge._exchange("POST", url, {"data": "news"})


def test_a_channel_that_leads_to_this_machine_is_refused_unless_an_admin_vouched_for_it(
    sink: HttpSink,
) -> None:
    parts = read_address(sink.url("ann")).parts
    with pytest.raises(Refused, match=PRIVATE):
        tell(parts)
    assert not sink.tries
    tell(parts, enters_private=True)
    assert sink.accepted == {"/ann": 1}


def test_a_connection_that_was_vouched_for_serves_nobody_else(sink: HttpSink) -> None:
    parts = read_address(sink.url("ann")).parts
    tell(parts, enters_private=True)
    with pytest.raises(Refused, match=PRIVATE):
        tell(parts)
    assert sink.tries == {"/ann": 1}


def test_a_redirect_is_not_followed(sink: HttpSink) -> None:
    target = sink.url("secret").replace("json://", "http://")
    sink.replies = lambda path, _count: Reply(302, {"Location": target}) if path == "/ann" else Reply()
    with pytest.raises(SendError):
        tell(read_address(sink.url("ann")).parts, enters_private=True)
    assert sink.tries == {"/ann": 1}


def test_a_name_that_leads_elsewhere_at_its_second_look_up_is_refused(
    looked_up: dict[str, list[str]], no_connections: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.push.wire.DNS_S", 0)
    looked_up["rebinds.example"] = ["93.184.216.34", "127.0.0.1"]
    parts = read_address("json://rebinds.example/ann").parts
    with pytest.raises(SendError):
        tell(parts)
    assert no_connections == ["93.184.216.34"]
    wire().forget_names()  # their time is over
    with pytest.raises(Refused, match=PRIVATE):
        tell(parts)
    assert no_connections == ["93.184.216.34"]


@pytest.mark.parametrize(
    "address",
    ["irc://127.0.0.1:{port}/news", "mailto://ann:secret@127.0.0.1:{port}?from=ann@d.example&to=c@d.example"],
)
def test_a_plugin_with_sockets_of_its_own_is_watched_too(sink: HttpSink, address: str) -> None:
    port = sink.url("ann").split(":")[2].split("/")[0]
    with pytest.raises(Refused, match=PRIVATE):
        tell(read_address(address.format(port=port)).parts)
    assert not sink.tries


def test_a_plugin_with_threads_of_its_own_is_watched_too(sink: HttpSink) -> None:
    port = int(sink.url("ann").split(":")[2].split("/")[0])
    install()
    met: list[Exception] = []

    def connect() -> None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError as error:
            met.append(error)

    def send_in_thread() -> None:
        bridge.private.set(False)
        thread = vars(xmpp_adapter)["threading"].Thread(target=connect)
        thread.start()
        thread.join()

    copy_context().run(send_in_thread)
    assert [str(error) for error in met] == ["a private network"]


@pytest.mark.parametrize("kind", sorted(FORBIDDEN_KINDS))
def test_a_kind_that_acts_on_this_machine_is_refused(kind: str) -> None:
    with pytest.raises(Mistake, match="not allowed"):
        read_address(f"{kind}://localhost/news")


@pytest.mark.parametrize("argument", sorted(FORBIDDEN_ARGUMENTS))
def test_an_argument_that_reads_files_or_overrules_us_is_refused(argument: str, tmp_path: Path) -> None:
    for spelled in (
        argument,
        argument.upper(),
        f"+{argument}",
        f"%{ord(argument[0]):02x}{argument[1:]}",
        f"%20{argument}%20",
        f"title=Storm;{argument}",
        f"title=Storm&amp;{argument}",
        f"{argument}%C2%A0",
    ):
        with pytest.raises(Mistake, match="leave that out"):
            read_address(f"json://news.example/ann?{spelled}={tmp_path}")


def test_a_service_that_is_away_is_tried_later_though_its_plugin_does_not_say_why() -> None:
    parts = read_address(f"irc://127.0.0.1:{free_port()}/news").parts
    with pytest.raises(TryLater, match="was not reached"):
        wire().run(send(parts, Message("Storm"), enters_private=True))
