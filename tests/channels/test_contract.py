"""What the seam between Apprise's plugins and our wire puts on the wire is what plain Apprise puts there."""

import subprocess
import sys
from pathlib import Path

import pytest

from subscriptions.channel_kinds import FORBIDDEN_KINDS, LACKING_KINDS, allowed_kinds, plugin_class
from subscriptions.channels import read_address
from subscriptions.errors import Mistake
from tests.channels.addresses import ADDRESSES
from tests.channels.by_seam import send_by_seam
from tests.channels.message import seam_is_installed
from tests.channels.sent import Sent, sent_by

ROOT = Path(__file__).parents[2]
PLUGINS = "apprise.plugins."

# Their plugins do not speak through `requests`, so no request of theirs passes the seam.
OTHER_PROTOCOLS = {
    "aprs": "APRS-IS, lines over TCP",
    "deltachat": "SMTP: an e-mail plugin",
    "deltachats": "SMTP: an e-mail plugin",
    "irc": "IRC, lines over TCP",
    "ircs": "IRC, lines over TLS",
    "mailto": "SMTP",
    "mailtos": "SMTP",
    "mqtt": "MQTT: see test_mqtt.py",
    "mqtts": "MQTT over TLS: see test_mqtt.py",
}
# Plugins that do not get to their end at this far end; what they send until then is compared.
STOP_EARLY = {"nostr": "it speaks to relays over WebSockets, past the seam; only its handshake is compared"}
# A connection's own headers (RFC 9110, 7.6.1): plain Apprise closes it after each request, we keep it.
OF_THE_CONNECTION = {"connection", "keep-alive"}

ALLOWED = sorted(allowed_kinds())
COMPARED = [scheme for scheme in ALLOWED if scheme not in OTHER_PROTOCOLS]


@pytest.fixture(scope="module")
def plain() -> dict[str, Sent]:
    """What plain Apprise sends, by scheme."""
    command = [sys.executable, "-m", "tests.channels.plain_apprise", *COMPARED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return {sent.scheme: sent for sent in map(Sent.read, done.stdout.splitlines())}


@pytest.fixture(scope="module")
def through_the_seam() -> dict[str, Sent]:
    """What the seam sends, by scheme."""
    found = {sent.scheme: sent for sent in sent_by(send_by_seam, COMPARED)}
    assert seam_is_installed()
    return found


def test_every_kind_of_channel_has_an_address_here() -> None:
    assert sorted(ADDRESSES) == ALLOWED


@pytest.mark.parametrize("scheme", sorted(ADDRESSES))
def test_an_address_of_every_kind_is_accepted(scheme: str) -> None:
    assert read_address(ADDRESSES[scheme]).scheme == scheme


@pytest.mark.parametrize("scheme", sorted(LACKING_KINDS))
def test_a_kind_whose_library_is_not_brought_is_refused_and_the_library_is_named(scheme: str) -> None:
    with pytest.raises(Mistake, match=f"by the library {LACKING_KINDS[scheme]}, which Tocsin does not bring"):
        read_address(f"{scheme}://desk:bell-pass@host.example/alerts")


def test_whatever_else_is_installed_beside_tocsin_offers_no_kind_that_was_not_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for scheme in {*allowed_kinds(), *FORBIDDEN_KINDS, *LACKING_KINDS}:
        monkeypatch.setattr(plugin_class(scheme), "enabled", True)
    allowed_kinds.cache_clear()
    assert sorted(allowed_kinds()) == ALLOWED
    allowed_kinds.cache_clear()


@pytest.mark.parametrize(
    ("address", "targets"),
    [("ntfys://ntfy.example/news/sport", 2), ("mqtt://mqtt.example/one,two,three", 3)],
)
def test_an_address_leads_to_one_target_so_that_each_is_accounted_for(address: str, targets: int) -> None:
    with pytest.raises(Mistake, match=f"has {targets} targets: add a channel for each"):
        read_address(address)


def test_only_plugins_without_requests_are_left_out_of_the_comparison() -> None:
    assert {scheme for scheme in ALLOWED if not _speaks_through_requests(scheme)} == set(OTHER_PROTOCOLS)


@pytest.mark.parametrize("scheme", COMPARED)
def test_plain_apprise_gets_to_the_end(scheme: str, plain: dict[str, Sent]) -> None:
    assert plain[scheme].requests
    assert plain[scheme].outcome == ("not accepted" if scheme in STOP_EARLY else "accepted")


@pytest.mark.parametrize("scheme", COMPARED)
def test_the_seam_sends_what_plain_apprise_sends(
    scheme: str, plain: dict[str, Sent], through_the_seam: dict[str, Sent]
) -> None:
    ours, theirs = through_the_seam[scheme], plain[scheme]
    assert ours.outcome == theirs.outcome
    assert _as_compared(ours) == _as_compared(theirs)


def _speaks_through_requests(scheme: str) -> bool:
    # A plugin may inherit its sending: jellyfin's is emby's, guilded's is discord's.
    modules = {each.__module__ for each in plugin_class(scheme).__mro__}
    return any(hasattr(sys.modules[name], "requests") for name in modules if name.startswith(PLUGINS))


def _as_compared(sent: Sent) -> list[dict[str, object]]:
    return [
        {
            "tls": request.tls,
            "request": f"{request.method} {request.path}",
            "headers": [pair for pair in request.headers if pair[0] not in OF_THE_CONNECTION],
            "body": request.body,
        }
        for request in sent.requests
    ]
