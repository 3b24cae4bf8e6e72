"""How often somebody may ask: by network, and among all web processes together."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from fastapi import Request

from subscriptions.web import turnstile
from subscriptions.web.turnstile import Turnstile, network_of
from tests.builders import NOON
from tests.valkey import ValkeyServer, valkey_server

HOUR = timedelta(hours=1)


def request_from(host: str) -> Request:
    return Request({"type": "http", "client": (host, 4711), "headers": []})


@pytest.fixture
def valkey(monkeypatch: pytest.MonkeyPatch) -> Iterator[ValkeyServer]:
    """A Valkey that web processes count by."""
    with valkey_server(persistent=False) as server:
        monkeypatch.setenv("TOCSIN_BROKER_URL", server.url)
        turnstile._shared.cache_clear()
        yield server
    turnstile._shared.cache_clear()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::1", "::2", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_whoever_has_half_an_ipv6_address_has_many_addresses_and_counts_as_one(
    one: str,
    other: str,
    same: bool,  # noqa: FBT001
) -> None:
    assert (network_of(request_from(one)) == network_of(request_from(other))) is same


def test_a_request_from_nowhere_is_counted_too() -> None:
    assert network_of(Request({"type": "http", "client": None, "headers": []})) == ""


def test_web_processes_count_together_what_goes_by_one_name(valkey: ValkeyServer) -> None:
    one, other = Turnstile(3, HOUR, "sign-up"), Turnstile(3, HOUR, "sign-up")
    assert [each.lets_in("ann", NOON) for each in (one, other, one, other)] == [True, True, True, False]
    assert other.lets_in("bob", NOON)
    assert Turnstile(3, HOUR, "push").lets_in("ann", NOON)
    assert not Turnstile(3, HOUR, "sign-up").lets_in("ann", NOON), "what is counted outlives a process"


def test_the_shared_count_names_nobody(valkey: ValkeyServer) -> None:
    Turnstile(3, HOUR, "sign-up").lets_in("192.0.2.1", NOON)
    with redis.Redis.from_url(valkey.url) as client:
        keys = [str(key) for key in client.scan_iter()]
    assert keys
    assert not any("192.0.2" in key for key in keys)


def test_while_valkey_is_away_each_process_counts_for_itself(valkey: ValkeyServer) -> None:
    valkey.kill()
    one = Turnstile(2, HOUR, "sign-up")
    assert [one.lets_in("ann", NOON) for _ in range(3)] == [True, True, False]
    assert one.lets_in("ann", NOON + HOUR), "an hour later it is forgotten"
