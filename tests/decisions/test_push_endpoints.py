"""Push endpoints: how a browser's subscription becomes a channel, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions import base64url, keys
from subscriptions.address import Address
from subscriptions.channels import read_address
from subscriptions.errors import Mistake
from subscriptions.push_endpoints import push_address
from subscriptions.settings import settings
from subscriptions.vapid import newest_key_id
from tests.browser_keys import Subscribed

SECRETS = ("a" * 40, "b" * 40)


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_SECRET_KEYS", ",".join(SECRETS))


def read(subscription: dict[str, Any]) -> Address:
    return read_address(push_address(subscription))


def refusal(subscription: dict[str, Any]) -> str:
    with pytest.raises(Mistake) as caught:
        push_address(subscription)
    assert str(caught.value).count(". ") == 0
    return str(caught.value)


def changed(**keys: Any) -> dict[str, Any]:
    subscription = Subscribed().to_json()
    return {**subscription, "keys": {**subscription["keys"], **keys}}


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABk_-x",
        "https://fcm.googleapis.com/fcm/send/dQw4:APA91b-_x",
        "https://wns2-by3p.notify.windows.com/w/?token=BQYAAAD%2bf%3d%3d",
        "https://web.push.apple.com/QGuI&key=1",
        "https://push.example:8443/a?key=mine&auth=mine",
        "https://[2001:db8::1]/x",
        "https://push.example",
    ],
)
def test_a_push_endpoint_is_kept_letter_by_letter(endpoint: str) -> None:
    browser = Subscribed(endpoint)
    keys = browser.to_json()["keys"]
    expected = {"schema": "webpush", "endpoint": endpoint, "key_id": newest_key_id(), **keys}
    assert read(browser.to_json()).parts == expected


def test_people_see_where_a_push_endpoint_is_and_nothing_that_could_push_to_it() -> None:
    address = read(Subscribed("https://Push.example:8443/send/secret?token=secret").to_json())
    assert address.scheme == "webpush"
    assert address.label == "webpush://push.example:8443/…"


def test_one_endpoint_is_one_channel_whatever_its_keys() -> None:
    first, second = read(Subscribed().to_json()), read(Subscribed().to_json())
    assert first.parts["auth"] != second.parts["auth"]
    assert first.spelling == second.spelling


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "push.example/send",
        "https://",
        "https:///send",
        "https://./send",
        "https://user:word@push.example/send",
        "https://push.example/send#part",
        "https://push.example/se nd",
        "https://push.example/send\r\nHost: other.example",
        "https://push.example\\@other.example/",
        "https://push.example:0/send",
        "https://push.example:99999/send",
        "https://[::1/send",
        "https://[12]/send",
        "https://zeitüng.example/send",
        "ftp://push.example/send",
        "file:///etc/passwd",
        "HTTPS://push.example/send",
    ],
)
def test_what_is_no_web_address_is_no_push_endpoint(endpoint: str) -> None:
    assert "is no web address" in refusal(Subscribed(endpoint).to_json())


def test_an_endless_endpoint_is_refused() -> None:
    assert "1800 characters" in refusal(Subscribed("https://push.example/" + "a" * 1800).to_json())
    longest = "https://push.example/" + "a" * (1800 - 21)
    assert read(Subscribed(longest).to_json()).parts["endpoint"] == longest


@pytest.mark.parametrize("place", ["127.0.0.1:8080/x", "localhost:8080/x", "[::1]:8080/x", "127.9.9.9/x"])
def test_plain_http_is_for_rehearsals_on_loopback_only(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    subscription = Subscribed(f"http://{place}").to_json()
    assert "is not https" in refusal(subscription)
    monkeypatch.setenv("TOCSIN_PRIVATE_ADDRESSES", "true")
    settings.cache_clear()
    assert read(subscription).parts["endpoint"] == f"http://{place}"
    for outside in ("push.example", "192.168.1.1", "localhost.example", "0.0.0.0"):
        assert "is not https" in refusal(Subscribed(f"http://{outside}/x").to_json())


@pytest.mark.parametrize(
    "p256dh",
    [
        "",
        "AAAA",
        base64url.encode(b"\x04" + b"\x01" * 64),  # not on the curve
        base64url.encode(b"\x04" + b"\x00" * 64),
        # Test processes agree on tests by name, so keys made anew have none of their own letters.
        pytest.param(base64url.encode(b"\x02" + Subscribed().public[1:33]), id="compressed, so too short"),
        pytest.param(base64url.encode(Subscribed().public + b"\x00"), id="too long"),
        "!" * 87,
        "ü" * 87,
    ],
)
def test_a_public_key_is_a_point_of_the_curve(p256dh: str) -> None:
    assert "p256dh is no public key" in refusal(changed(p256dh=p256dh))


@pytest.mark.parametrize(
    "auth", ["", "AAAA", base64url.encode(b"\x01" * 15), base64url.encode(b"\x01" * 17), "a&b=c"]
)
def test_an_auth_secret_has_sixteen_bytes(auth: str) -> None:
    assert "auth is wrong" in refusal(changed(auth=auth))


@pytest.mark.parametrize(
    "subscription",
    [
        {},
        {"endpoint": "https://push.example/x"},
        {"endpoint": "https://push.example/x", "keys": None},
        {"endpoint": "https://push.example/x", "keys": ["p256dh", "auth"]},
        changed(auth=None),
        changed(p256dh=4),
        {**Subscribed().to_json(), "endpoint": None},
    ],
)
def test_a_subscription_that_is_not_complete_is_refused(subscription: dict[str, Any]) -> None:
    assert "is not complete" in refusal(subscription)


@pytest.mark.parametrize(
    "text", ["webpush://", "webpush://push.example/x", "webpush://p.example/x?auth=a&p256dh=b&key=c"]
)
def test_an_address_that_is_not_complete_says_how_it_looks(text: str) -> None:
    with pytest.raises(Mistake, match="looks like webpush://"):
        read_address(text)


def test_no_refusal_repeats_what_it_was_given() -> None:
    for subscription in (Subscribed("https://planted/#planted").to_json(), changed(auth="planted")):
        assert "planted" not in refusal(subscription)


def test_a_push_endpoint_keeps_the_key_it_was_made_with(monkeypatch: pytest.MonkeyPatch) -> None:
    older, subscription = newest_key_id(), Subscribed().to_json()
    monkeypatch.setenv("TOCSIN_SECRET_KEYS", ",".join(["newest" * 6, *SECRETS]))
    settings.cache_clear()
    keys.secret_keys.cache_clear()
    assert read_address(push_address(subscription, older)).parts["key_id"] == older
    assert read(subscription).parts["key_id"] == newest_key_id() != older


def test_an_endpoint_made_with_a_key_that_is_gone_is_refused() -> None:
    with pytest.raises(Mistake, match="belongs to none of TOCSIN_SECRET_KEYS"):
        push_address(Subscribed().to_json(), "AAAAAAAAAAAA")


@given(st.binary(max_size=80))
def test_base64url_reads_what_it_wrote_with_or_without_padding(raw: bytes) -> None:
    text = base64url.encode(raw)
    assert base64url.decode(text) == base64url.decode(text + "=" * (-len(text) % 4)) == raw


@given(st.text(max_size=12))
def test_base64url_has_one_way_to_write_anything(text: str) -> None:
    try:
        raw = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(raw) == text.rstrip("=")
