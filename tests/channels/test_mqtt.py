"""Messages to MQTT brokers: over few kept connections, and what each answer leads to."""

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from subscriptions.channels import read_address
from tests.mqtt_broker import MqttBroker, mqtt_broker
from tests.postgres import free_port
from worker.errors import Refused, SendError, TryLater, Unknown
from worker.push import brokers
from worker.push.compose import Message
from worker.push.transport import send
from worker.push.wire import wire
from worker.rehearsal.certificate import make_certificate

ROOT = Path(__file__).parents[2]
MESSAGE = Message("Storm closes harbour", "Nobody was hurt. <b>שלום</b>")
PLAIN = """
import sys, apprise
from worker.push.compose import Message
message = Message(sys.argv[2], sys.argv[3])
sys.exit(not apprise.Apprise(sys.argv[1]).notify(title=message.title, body=message.body, body_format="text"))
"""


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MqttBroker]:
    """A broker that lives."""
    with mqtt_broker(tmp_path_factory.mktemp("mqtt")) as running:
        yield running


def tell(url: str, *, times: int = 1, enters_private: bool = True) -> list[BaseException | None]:
    """Send a message so often at once, and give what came of each."""
    parts = read_address(url).parts

    async def all_at_once() -> list[BaseException | None]:
        sends = (send(dict(parts), MESSAGE, enters_private=enters_private) for _ in range(times))
        return await asyncio.gather(*sends, return_exceptions=True)

    return wire().run(all_at_once())


def after(seconds: float) -> None:
    """Let the wire's loop run."""
    wire().run(asyncio.sleep(seconds))


def wait_for(broker: MqttBroker, count: int) -> None:
    """Wait until so many messages arrived: the broker confirms before it notes, or not at all."""
    deadline = monotonic() + 10
    while len(broker.messages) < count and monotonic() < deadline:
        after(0.05)
    assert len(broker.messages) == count


def connections(broker: MqttBroker, count: int) -> int:
    """The connections of `broker`, once there are `count`: it notes them down a moment later."""
    deadline = monotonic() + 10
    while broker.connections < count and monotonic() < deadline:
        sleep(0.01)
    return broker.connections


def failure(url: str, **given: Any) -> SendError:
    """Send one message that does not arrive, and give why."""
    (problem,) = tell(url, **given)
    assert isinstance(problem, SendError), problem
    assert "secret" not in problem.answer
    return problem


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_thousand_messages_share_a_connection(broker: MqttBroker, qos: int) -> None:
    before, connected = len(broker.messages), broker.connections
    assert tell(f"mqtt://127.0.0.1:{broker.port}/many/{qos}?qos={qos}", times=1000) == [None] * 1000
    wait_for(broker, before + 1000)
    assert broker.connections - connected <= 1


def send_plainly(url: str) -> None:
    """Send by plain Apprise, which gives a slow machine less than a second to connect: so again."""
    command = [sys.executable, "-c", PLAIN, url, MESSAGE.title, MESSAGE.text]
    for _try in range(5):
        if subprocess.run(command, check=False, timeout=30, cwd=ROOT).returncode == 0:
            return
    pytest.fail("plain Apprise did not connect")


@pytest.mark.parametrize(
    "rest",
    [
        "a/topic",
        "news?qos=1&retain=yes",
        "news?qos=2&client_id=desk&session=yes",
    ],
)
def test_the_broker_gets_what_plain_apprise_sends(broker: MqttBroker, rest: str) -> None:
    url = f"mqtt://desk:right@127.0.0.1:{broker.port}/{rest}"
    before = len(broker.messages)
    assert tell(url) == [None]
    wait_for(broker, before + 1)
    ours, between = broker.messages[before:], len(broker.messages)
    send_plainly(url)
    wait_for(broker, between + len(ours))
    assert ours == broker.messages[between:]


def test_over_tls_only_a_trusted_broker_is_told(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path, "127.0.0.1")
    with mqtt_broker(tmp_path, certificate) as secure:
        url = f"mqtts://ann:right@127.0.0.1:{secure.port}/news?qos=1"
        problem = failure(url)
        assert (type(problem), problem.answer) == (TryLater, "its certificate is not trusted")
        wire().trust.load_verify_locations(certificate)
        assert tell(url, times=300) == [None] * 300
        assert connections(secure, 1) == 1


def test_the_login_of_another_has_a_connection_of_its_own(broker: MqttBroker) -> None:
    connected = broker.connections
    for user in ("ann", "ben", "ann"):
        assert tell(f"mqtt://{user}:right@127.0.0.1:{broker.port}/news?qos=1") == [None]
    assert connections(broker, connected + 2) == connected + 2


def test_a_wrong_password_is_refused(broker: MqttBroker) -> None:
    problem = failure(f"mqtt://ann:secret-and-wrong@127.0.0.1:{broker.port}/news?qos=1")
    assert (type(problem), problem.answer) == (Refused, "it refused the login")


def test_a_broker_on_a_private_address_is_refused_unless_vouched_for(broker: MqttBroker) -> None:
    url, connected = f"mqtt://eve:right@127.0.0.1:{broker.port}/news", broker.connections
    assert tell(url) == [None]  # what an admin vouched for opens no door to others
    problem = failure(url, enters_private=False)
    assert isinstance(problem, Refused)
    assert "private network" in problem.answer
    assert connections(broker, connected + 1) == connected + 1


def test_a_topic_that_is_none_is_refused(broker: MqttBroker) -> None:
    assert isinstance(failure(f"mqtt://127.0.0.1:{broker.port}/news/+/all?qos=1"), Refused)


def test_without_a_broker_it_is_tried_later() -> None:
    assert isinstance(failure(f"mqtt://127.0.0.1:{free_port()}/news?qos=1"), TryLater)


def kill_in_the_middle(mortal: MqttBroker) -> None:
    while len(mortal.messages) < 300:
        sleep(0.01)
    mortal.kill()


def test_a_broker_killed_in_the_middle_has_the_others_tried_later(tmp_path: Path) -> None:
    with mqtt_broker(tmp_path) as mortal:
        url = f"mqtt://127.0.0.1:{mortal.port}/news?qos=1"
        threading.Thread(target=kill_in_the_middle, args=(mortal,)).start()
        came = tell(url, times=3000)
        accepted = came.count(None)
        assert 0 < accepted < 3000
        assert {type(problem) for problem in came if problem} == {TryLater}
        assert len(mortal.messages) >= accepted - 10  # it confirms a message before it notes it
        assert isinstance(failure(url), TryLater)
        mortal.start()
        assert tell(url) == [None]


def test_an_idle_connection_is_closed(broker: MqttBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    url, connected = f"mqtt://127.0.0.1:{broker.port}/news?qos=1", broker.connections
    assert tell(url) == [None]
    monkeypatch.setattr(brokers, "IDLE_S", 0.5)
    after(brokers.TICK_S + 0.2)
    assert all(brokers._is_over(task) for task in wire().brokers._open.values())
    assert tell(url) == [None]
    assert connections(broker, connected + 1) - connected in (1, 2)  # the first one may be an earlier test's


class Silent:
    """A broker that greets, and then never says a word."""

    def __init__(self) -> None:
        self.port = free_port()
        self._listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        self._taken = []
        while True:
            taken, _address = self._listening.accept()
            taken.recv(1000)
            taken.sendall(b"\x20\x02\x00\x00")
            self._taken.append(taken)


def test_a_message_that_is_never_confirmed_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers, "CONFIRM_S", 0.3)
    silent = Silent()
    came = tell(f"mqtt://127.0.0.1:{silent.port}/news?qos=1", times=20)
    assert {type(problem) for problem in came} == {Unknown}


def test_a_broker_that_never_greets_is_tried_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers, "CONNECT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        assert isinstance(failure(f"mqtt://127.0.0.1:{port}/news?qos=1"), TryLater)
