"""Firefox's push service on loopback: its WebSocket to the browser, and RFC 8030 to senders."""

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web

from subscriptions import base64url


@dataclass
class Endpoint:
    """An endpoint of a browser, and the messages it has not acknowledged."""

    browser: str
    key: str  # VAPID
    waiting: dict[str, dict[str, Any]] = field(default_factory=dict)  # by version


class FirefoxPush:
    """Browsers subscribe here; what is posted waits for a browser that is away."""

    def __init__(self) -> None:
        self.endpoints: dict[str, Endpoint] = {}
        self.answers: list[int] = []  # what senders were answered
        self.acknowledged: list[
            int
        ] = []  # codes: 100 is shown, 101 could not be decrypted, 102 otherwise not
        self._browsers: dict[str, web.WebSocketResponse] = {}
        self._known: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self._up = threading.Event()
        self.port = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._up.wait(10)

    def forget(self) -> None:
        """Know no browser any more, as after a loss of data; when one is back it is told so."""
        self._known.clear()
        self.endpoints.clear()

    def close(self) -> None:
        """Stop, and close all connections."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.add_routes([web.get("/", self._browser), web.post("/push/{channel}", self._take)])
        runner = web.AppRunner(app, shutdown_timeout=0)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        self.port = runner.addresses[0][1]
        self._up.set()
        self._loop.run_forever()
        for socket in self._browsers.values():
            self._loop.run_until_complete(socket.close())
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _browser(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("push-notification",))
        await socket.prepare(request)
        browser = ""
        async for frame in socket:
            if frame.type != WSMsgType.TEXT:
                continue
            said = json.loads(frame.data)
            if said.get("messageType") == "hello":
                browser = said["uaid"] if said.get("uaid") in self._known else uuid4().hex
                self._known.add(browser)
                self._browsers[browser] = socket
            await self._answer(socket, browser, said)
        if self._browsers.get(browser) is socket:
            del self._browsers[browser]
        return socket

    async def _answer(self, socket: web.WebSocketResponse, browser: str, said: dict[str, Any]) -> None:
        kind = said.get("messageType")
        told = {"messageType": kind, "status": 200, "channelID": said.get("channelID")}
        if kind == "hello":
            await socket.send_json(told | {"uaid": browser, "use_webpush": True, "broadcasts": {}})
            await self._send_what_waits(browser)
        elif kind == "register":
            self.endpoints[said["channelID"]] = Endpoint(browser, said.get("key", ""))
            place = f"http://127.0.0.1:{self.port}/push/{said['channelID']}"
            await socket.send_json(told | {"pushEndpoint": place})
        elif kind == "unregister":
            self.endpoints.pop(said["channelID"], None)
            await socket.send_json(told)
        elif kind == "ack":
            for update in said["updates"]:
                self.acknowledged.append(update.get("code", 100))
                if update["channelID"] in self.endpoints:
                    self.endpoints[update["channelID"]].waiting.pop(update["version"], None)
        elif not said:  # a ping
            await socket.send_str("{}")

    async def _take(self, request: web.Request) -> web.Response:
        body, channel = await request.read(), request.match_info["channel"]
        status = self._judge(request, channel)
        if status == 201:
            endpoint, topic = self.endpoints[channel], request.headers.get("Topic")
            for version, other in list(endpoint.waiting.items()):
                if topic and other["topic"] == topic:
                    del endpoint.waiting[version]
            version = uuid4().hex
            endpoint.waiting[version] = {"topic": topic, "data": base64url.encode(body)}
            await self._send_what_waits(endpoint.browser)
        self.answers.append(status)
        return web.Response(status=status, headers={"TTL": request.headers.get("TTL", "0")})

    def _judge(self, request: web.Request, channel: str) -> int:
        if channel not in self.endpoints:
            return 410
        signed = re.fullmatch(r"vapid t=[^,]+, k=([^,]+)", request.headers.get("Authorization", ""))
        if signed is None or signed[1] != self.endpoints[channel].key.rstrip("="):
            return 403
        right = (
            request.headers.get("TTL", "").isdecimal(),
            request.headers.get("Content-Encoding") == "aes128gcm",
        )
        return 201 if all(right) else 400

    async def _send_what_waits(self, browser: str) -> None:
        socket = self._browsers.get(browser)
        if socket is None or socket.closed:
            return
        for channel, endpoint in self.endpoints.items():
            if endpoint.browser != browser:
                continue
            for version, message in endpoint.waiting.items():
                told = {"messageType": "notification", "channelID": channel, "version": version}
                headers = {"encoding": "aes128gcm"}
                await socket.send_json(told | {"ttl": 60, "data": message["data"], "headers": headers})


@contextmanager
def firefox_push() -> Iterator[FirefoxPush]:
    """Run the service on a free loopback port."""
    service = FirefoxPush()
    try:
        yield service
    finally:
        service.close()
