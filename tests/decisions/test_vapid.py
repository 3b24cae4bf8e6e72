"""VAPID: keys that come from the secret keys, and tokens any push service can check."""

import hashlib
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from subscriptions import keys
from subscriptions.base64url import decode
from subscriptions.errors import Mistake
from subscriptions.settings import settings
from subscriptions.vapid import ORDER, application_server_key, key_pair, newest_key_id
from tests.browser_keys import CURVE
from tests.conftest import Clock
from worker.push.vapid_token import authorization, contact

ENDPOINT = "https://push.example/send/abc"
OLD, NEW = "old-" * 10, "new-" * 10


def set_up(monkeypatch: pytest.MonkeyPatch, *secrets: str, **others: str) -> None:
    for name, value in {"SECRET_KEYS": ",".join(secrets), **others}.items():
        monkeypatch.setenv(f"TOCSIN_{name}", value)
    settings.cache_clear()
    keys.secret_keys.cache_clear()


def checked(header: str) -> dict[str, Any]:
    """Check a header as a push service does, and give its claims."""
    scheme, _, fields = header.partition(" ")
    assert scheme == "vapid"
    token, public = (field.partition("=")[2] for field in fields.split(", "))
    signed, _, signature = token.rpartition(".")
    raw = decode(signature)
    assert len(raw) == 64
    whole = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decode(public))
    key.verify(whole, signed.encode(), ec.ECDSA(SHA256()))
    head, _, claims = signed.partition(".")
    assert json.loads(decode(head)) == {"typ": "JWT", "alg": "ES256"}
    read: dict[str, Any] = json.loads(decode(claims))
    return read


def test_machines_with_the_same_secret_keys_have_the_same_vapid_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(monkeypatch, NEW)
    first = application_server_key(), newest_key_id()
    set_up(monkeypatch, OLD)
    assert newest_key_id() != first[1]
    set_up(monkeypatch, NEW)
    assert (application_server_key(), newest_key_id()) == first


def test_the_derivation_stays_what_it_is_since_browsers_hold_on_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_up(monkeypatch, NEW)
    seed = hashlib.blake2b(NEW.encode(), digest_size=48, person=b"vapid").digest()
    scalar = int.from_bytes(seed, "big") % (ORDER - 1) + 1
    assert key_pair(newest_key_id()).private.private_numbers().private_value == scalar
    assert newest_key_id() == "ZWS5CvKulZca"


def test_every_seed_gives_a_number_that_is_a_private_key() -> None:
    largest = ec.derive_private_key(ORDER - 1, CURVE).private_numbers()
    smallest = ec.derive_private_key(1, CURVE).private_numbers()
    assert largest.public_numbers.x == smallest.public_numbers.x  # so ORDER is the curve's
    with pytest.raises(ValueError, match="key"):
        ec.derive_private_key(ORDER, CURVE)


def test_the_page_gets_an_uncompressed_point_of_the_newest_key(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(monkeypatch, NEW, OLD)
    point = decode(application_server_key())
    assert len(point) == 65
    assert point[0] == 4
    assert key_pair(newest_key_id()).public == point


def test_the_first_start_makes_the_keys_and_the_next_has_them_still() -> None:
    first = application_server_key()
    keys.secret_keys.cache_clear()
    assert application_server_key() == first


def test_an_older_key_serves_as_long_as_it_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(monkeypatch, OLD)
    older = newest_key_id()
    set_up(monkeypatch, NEW, OLD)
    assert newest_key_id() != older
    assert checked(authorization(ENDPOINT, older))["aud"] == "https://push.example"
    set_up(monkeypatch, NEW)
    with pytest.raises(Mistake, match=r"belongs to none of TOCSIN_SECRET_KEYS: put .* subscribe again\.$"):
        key_pair(older)


@pytest.mark.parametrize(
    ("endpoint", "origin"),
    [
        ("https://push.example/a?b=c", "https://push.example"),
        ("https://Push.Example:443/a", "https://push.example"),
        ("https://push.example:8443/a", "https://push.example:8443"),
        ("http://127.0.0.1:9000/a", "http://127.0.0.1:9000"),
        ("https://[2001:db8::1]:8443/a", "https://[2001:db8::1]:8443"),
    ],
)
def test_a_token_is_for_the_push_services_origin_only(endpoint: str, origin: str) -> None:
    assert checked(authorization(endpoint, newest_key_id()))["aud"] == origin


def test_a_token_is_good_for_hours_but_never_more_than_a_day(stopped_clock: Clock) -> None:
    for _quarter in range(4 * 24):
        left = checked(authorization(ENDPOINT, newest_key_id()))["exp"] - stopped_clock.now().timestamp()
        assert 6 * 3600 <= left <= 12 * 3600
        stopped_clock.move(minutes=15)


def test_a_token_is_signed_once_for_a_push_service_and_again_in_time(stopped_clock: Clock) -> None:
    first = authorization(ENDPOINT, newest_key_id())
    stopped_clock.move(minutes=10)
    assert authorization("https://push.example/send/other", newest_key_id()) == first
    assert authorization("https://other.example/send", newest_key_id()) != first
    stopped_clock.move(hours=6)
    assert authorization(ENDPOINT, newest_key_id()) != first


def test_a_clock_set_back_does_not_make_tokens_of_the_future(stopped_clock: Clock) -> None:
    authorization(ENDPOINT, newest_key_id())
    stopped_clock.move(days=-2)
    left = checked(authorization(ENDPOINT, newest_key_id()))["exp"] - stopped_clock.now().timestamp()
    assert left <= 12 * 3600


def test_a_token_another_key_signed_is_noticed() -> None:
    token, key = authorization(ENDPOINT, newest_key_id()).split(", ")
    other = authorization("https://other.example/", newest_key_id()).split(", ")[0]
    forged = f"{other.rpartition('.')[0]}.{token.rpartition('.')[2]}, {key}"
    with pytest.raises(InvalidSignature):
        checked(forged)


@pytest.mark.parametrize(
    ("site", "mail_url", "expected"),
    [
        ("https://alerts.example", "mailto://smtp.example?from=a@news.example", "https://alerts.example"),
        ("http://127.0.0.1:8000", "mailtos://u:p@smtp.example?from=a@news.example", "mailto:a@news.example"),
        ("http://x", "mailtos://u:p@smtp.example?from=Desk%20%3Ca@news.example%3E", "mailto:a@news.example"),
        ("http://x", "mailtos://desk%40news.example:p@smtp.example", "mailto:desk@news.example"),
        ("http://x", "mailtos://desk:p@news.example", "mailto:desk@news.example"),
        ("http://x", "mailto://127.0.0.1:25", ""),
        ("http://x", "", ""),
    ],
)
def test_a_push_service_is_told_whom_to_turn_to(site: str, mail_url: str, expected: str) -> None:
    assert contact(site, mail_url) == expected


def test_the_contact_is_in_the_token_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "sub" not in checked(authorization(ENDPOINT, newest_key_id()))
    set_up(monkeypatch, NEW, PUBLIC_URL="https://alerts.example/")
    assert checked(authorization(ENDPOINT, newest_key_id()))["sub"] == "https://alerts.example"
