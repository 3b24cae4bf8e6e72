"""A push service that is not ours, on loopback: npm's web-push-testing, which decrypts what it is sent."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.npm import installed

HERE = Path(__file__).parent / "mock_push"
ASK_LIMIT_S = 10


class PushService:
    """A running service: browsers subscribe at it, messages are posted to the endpoints it gives."""

    def __init__(self, address: str) -> None:
        self.address = address

    def subscribe(self, application_server_key: str) -> dict[str, Any]:
        """Let a browser subscribe with a VAPID key; gives its subscription and, as `clientHash`, its name."""
        wanted = {"userVisibleOnly": "true", "applicationServerKey": application_server_key}
        data: dict[str, Any] = self._ask("subscribe", wanted).json()["data"]
        return data

    def messages(self, browser: dict[str, Any]) -> list[str]:
        """Give what a browser was sent, decrypted."""
        answer = self._ask("get-notifications", {"clientHash": browser["clientHash"]})
        read: list[str] = answer.json()["data"]["messages"]
        return read

    def expire(self, browser: dict[str, Any]) -> None:
        """Let a browser's subscription be no more."""
        self._ask(f"expire-subscription/{browser['clientHash']}", {})

    def _ask(self, path: str, what: dict[str, str]) -> requests.Response:
        answer = requests.post(f"{self.address}/{path}", json=what, timeout=ASK_LIMIT_S)
        answer.raise_for_status()
        return answer


@contextmanager
def push_service() -> Iterator[PushService]:
    """Run the service on a free loopback port; npm must be there, and installs it at the first time."""
    command = ["node", str(HERE / "serve.js")]
    environment = {**os.environ, "NODE_PATH": str(installed(HERE))}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as service:
        try:
            assert service.stdout is not None
            yield PushService(f"http://127.0.0.1:{int(service.stdout.readline())}")
        finally:
            service.kill()
