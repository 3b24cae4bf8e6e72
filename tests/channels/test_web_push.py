"""Web push, from the plugin over HTTP to a push service that is not ours and to a browser's keys."""

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import apprise
import pytest
import requests

from subscriptions import keys
from subscriptions.channel_kinds import allowed_kinds, plugin_class
from subscriptions.channels import read_address
from subscriptions.errors import Mistake
from subscriptions.push_endpoints import push_address
from subscriptions.settings import settings
from subscriptions.vapid import application_server_key, newest_key_id
from tests.browser_keys import Subscribed
from tests.builders import NOON
from tests.push_service import PushService, push_service
from worker.push import webpush
from worker.push.compose import Message
from worker.push.web_push_message import arguments, collapse_key

STORM = Message(
    "Storm over the sea", "Nobody was hurt.", "https://n.example/1", "Herald · You follow Storms",
    language="en", thread="story-1", urgent=True, expires_at=NOON + timedelta(hours=1),
)  # fmt: skip
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    """The push service of npm's web-push-testing."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("the independent push service runs on Node.js: apt install nodejs npm")
    with push_service() as running:
        yield running


@pytest.fixture(autouse=True)
def _rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_PRIVATE_ADDRESSES", "true")


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> "Wire":
    """The wire, on which a test can listen and tamper."""
    tapped = Wire()
    monkeypatch.setattr(webpush, "requests", tapped)
    return tapped


class Wire(SimpleNamespace):
    """`requests` as the plugin knows it, with an ear and a hand on the wire."""

    RequestException = requests.RequestException

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []
        self.answers: list[int] = []
        self.tamper: Change = lambda _request: None
        self.swallow = False

    def post(self, url: str, **request: Any) -> Any:
        """Note a request, change it, and send it on unless it is to be swallowed."""
        self.sent.append({"url": url, **request})
        self.tamper(request)
        if self.swallow:
            return SimpleNamespace(ok=True, status_code=201)
        answer = requests.post(url, **request)  # noqa: S113 - the plugin gives one
        self.answers.append(answer.status_code)
        return answer


def push(subscription: dict[str, Any], message: Message = STORM) -> bool:
    parts = read_address(push_address(subscription)).parts
    plugin = plugin_class("webpush")(**parts, **arguments(message, NOON))
    return bool(plugin.notify(title=message.title, body=message.text or message.title))


def test_the_push_service_takes_what_is_sent_and_can_read_it(service: PushService, wire: Wire) -> None:
    browser = service.subscribe(application_server_key())
    assert push(browser)
    assert wire.answers == [201]
    assert [json.loads(text) for text in service.messages(browser)] == [
        {
            "title": "Storm over the sea",
            "text": "Nobody was hurt.",
            "link": "https://n.example/1",
            "tag": collapse_key("story-1"),
            "language": "en",
            "direction": "ltr",
            "note": "Herald · You follow Storms",
        }
    ]


def test_the_push_service_takes_the_longest_message_in_any_script(service: PushService, wire: Wire) -> None:
    browser = service.subscribe(application_server_key())
    assert push(browser, Message("סערה בחיפה", "嵐が来る。" * 3000, language="he"))
    assert wire.answers == [201]
    assert len(wire.sent[0]["data"]) > 4000
    assert json.loads(service.messages(browser)[0])["direction"] == "rtl"


def flip(place: int) -> Change:
    def change(request: dict[str, Any]) -> None:
        body = bytearray(request["data"])
        body[place] ^= 1
        request["data"] = bytes(body)

    return change


def without(header: str) -> Change:
    return lambda request: request["headers"].pop(header)


def forge_token(request: dict[str, Any]) -> None:
    scheme, token, key = request["headers"]["Authorization"].split()
    head, claims, signature = token.removesuffix(",").split(".")
    forged = f"{head}.{claims}.{signature[::-1]},"
    request["headers"]["Authorization"] = f"{scheme} {forged} {key}"


@pytest.mark.parametrize(
    "tamper",
    [
        flip(0),
        flip(30),
        flip(100),
        flip(-1),
        forge_token,
        *map(without, ("Authorization", "TTL", "Content-Encoding")),
    ],
)
def test_the_push_service_refuses_what_was_tampered_with(
    service: PushService, wire: Wire, tamper: Change
) -> None:
    browser = service.subscribe(application_server_key())
    wire.tamper = tamper
    assert not push(browser)
    assert wire.answers == [400]
    assert service.messages(browser) == []


def test_the_push_service_refuses_a_key_the_browser_did_not_subscribe_with(
    service: PushService, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = service.subscribe(application_server_key())
    monkeypatch.setenv("TOCSIN_SECRET_KEYS", "another" * 6)
    settings.cache_clear()
    keys.secret_keys.cache_clear()
    assert not push(browser)
    assert wire.answers == [400]


def test_an_expired_subscription_is_answered_410(service: PushService, wire: Wire) -> None:
    browser = service.subscribe(application_server_key())
    service.expire(browser)
    assert not push(browser)
    assert wire.answers == [410]


def test_the_push_service_of_the_tests_listens_on_loopback_only(service: PushService) -> None:
    port = int(service.address.rpartition(":")[2])
    for listener in ("127.0.0.2", socket.gethostbyname(socket.gethostname())):
        if listener != "127.0.0.1":
            with pytest.raises(OSError, match="refused"):
                socket.create_connection((listener, port), timeout=2).close()


def test_a_request_says_how_it_is_to_be_handled(wire: Wire) -> None:
    wire.swallow = True
    browser = Subscribed()
    assert push(browser.to_json())
    sent = wire.sent[0]
    assert sent["url"] == browser.endpoint
    token = sent["headers"].pop("Authorization")
    assert token.startswith("vapid t=")
    assert token.endswith(f", k={application_server_key()}")
    assert sent["headers"] == {
        "TTL": "3600",
        "Urgency": "high",
        "Topic": collapse_key("story-1"),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "User-Agent": "Apprise",
    }
    assert browser.reads(sent["data"])["title"] == "Storm over the sea"


def test_a_message_of_a_title_only_does_not_say_it_twice(wire: Wire) -> None:
    wire.swallow = True
    browser = Subscribed()
    assert push(browser.to_json(), Message("Storm"))
    assert browser.reads(wire.sent[0]["data"]) == {"title": "Storm", "direction": "ltr"}
    assert "Topic" not in wire.sent[0]["headers"]


def test_an_endpoint_whose_key_is_gone_says_so_in_one_sentence(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = read_address(push_address(Subscribed().to_json())).parts
    monkeypatch.setenv("TOCSIN_SECRET_KEYS", "another" * 6)
    settings.cache_clear()
    keys.secret_keys.cache_clear()
    assert newest_key_id() != parts["key_id"]
    with pytest.raises(Mistake, match=rf"^The VAPID key '{parts['key_id']}' .* subscribe again\.$"):
        plugin_class("webpush")(**parts)


@pytest.mark.parametrize("wrong", [{"urgency": "highest"}, {"topic": "a\r\nHost: x"}, {"topic": "a" * 33}])
def test_nothing_gets_into_the_headers_that_does_not_belong_there(wrong: dict[str, str]) -> None:
    parts = read_address(push_address(Subscribed().to_json())).parts
    with pytest.raises(TypeError):
        plugin_class("webpush")(**parts, **wrong)


def test_it_is_a_kind_of_channel_apprise_knows() -> None:
    address = push_address(Subscribed("https://push.example/send/planted").to_json())
    bell: Any = apprise.Apprise()
    assert bell.add(address)
    assert bell[0].url() == address
    assert bell.urls(privacy=True) == ["webpush://push.example/…"]
    assert not bell.add(address.replace("auth=", "auth=!"))
    assert "Web push" in {str(kind["service_name"]) for kind in bell.details()["schemas"]}


def test_the_kinds_of_apprises_own_are_the_same_with_and_without_it() -> None:
    allowed_kinds.cache_clear()
    assert "webpush" not in allowed_kinds()


def test_a_push_service_that_is_away_is_a_failed_send_and_no_log_names_the_endpoint(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}/planted"
        with caplog.at_level("DEBUG", "apprise"):
            assert not push(Subscribed(endpoint).to_json())
    assert "could not be reached" in caplog.text
    assert "planted" not in caplog.text
