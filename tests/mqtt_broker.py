"""A real MQTT broker in a process of its own, that notes each connection and message in a file.

`python -m tests.mqtt_broker PORT FILE [CERTIFICATE]`; who gives a user name must give `right` as password.
"""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from amqtt.broker import Broker
from amqtt.plugins.base import BaseAuthPlugin

from tests.postgres import free_port

ROOT = Path(__file__).parent.parent
START_LIMIT_S = 15


class Door(BaseAuthPlugin):  # type: ignore[misc]  # it has no types
    """Lets in who knows the password, and notes down what happens."""

    async def authenticate(self, *, session: Any) -> bool:
        return session.username is None or session.password == "right"

    async def on_broker_client_connected(self, *, client_id: str, **_: Any) -> None:
        note({"connected": client_id})

    async def on_broker_message_received(self, *, message: Any, **_: Any) -> None:
        retain = bool(message.publish_packet.retain_flag)
        text = message.data.decode()
        note({"topic": message.topic, "text": text, "qos": message.qos, "retain": retain})


def note(line: dict[str, Any]) -> None:
    with Path(sys.argv[2]).open("a") as file:
        file.write(json.dumps(line) + "\n")


class MqttBroker:
    """A broker on a loopback port, that tests may kill."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        self.port = free_port()
        self._notes = folder / f"broker-{self.port}.jsonl"
        self._certificate = certificate
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, or start again, and wait until it listens."""
        command = [sys.executable, "-m", "tests.mqtt_broker", str(self.port), str(self._notes)]
        command += [str(self._certificate)] if self._certificate else []
        self._process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + START_LIMIT_S
        while not self._listens():
            assert time.monotonic() < deadline, "the broker did not start"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it without a word."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    @property
    def connections(self) -> int:
        """Count those who were let in."""
        return sum("connected" in line for line in self._lines())

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What arrived, in order."""
        return [line for line in self._lines() if "topic" in line]

    def _lines(self) -> list[dict[str, Any]]:
        written = self._notes.read_text().splitlines() if self._notes.exists() else []
        return [json.loads(line) for line in written]

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


@contextmanager
def mqtt_broker(folder: Path, certificate: Path | None = None) -> Iterator[MqttBroker]:
    """Run a broker."""
    broker = MqttBroker(folder, certificate)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


async def serve(port: int, certificate: str | None) -> None:
    listener: dict[str, Any] = {"type": "tcp", "bind": f"127.0.0.1:{port}"}
    if certificate:
        listener |= {"ssl": True, "certfile": certificate, "keyfile": certificate}
    plugins: dict[str, Any] = {f"{Door.__module__}.{Door.__name__}": {}}
    await Broker({"listeners": {"default": listener}, "plugins": plugins}).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    Door.__module__ = "tests.mqtt_broker"
    asyncio.run(serve(int(sys.argv[1]), next(iter(sys.argv[3:]), None)))
