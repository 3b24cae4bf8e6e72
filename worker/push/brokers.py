"""Kept connections to MQTT brokers: one for each address and login, shared by all sends to it.

paho-mqtt keeps the protocol, this module its socket on the event loop. Many messages are under way at once
over one connection; each is settled when the broker has confirmed it (QoS 1 and 2) or it was written (QoS 0).
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import aiohappyeyeballs
from paho.mqtt.client import Client, PayloadType
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from worker.guard import public_socket

CONNECT_S, CONFIRM_S = 4.0, 10.0
IDLE_S = 30.0  # a kept connection without use, as with HTTP
TICK_S = 1.0  # between two looks whether a connection is idle or needs a ping
KEEPALIVE_S = 30  # Apprise's own
IN_FLIGHT = 200  # messages of QoS 1 and 2 without an answer at once on one connection; Apprise's own
BUSY = 3  # CONNACK's "server unavailable" (MQTT 3.1.1, 3.2.2.3); the others refuse us for good


class BrokerAwayError(Exception):
    """No connection, or it was lost before the broker confirmed the message."""


class LoginRefusedError(Exception):
    """The broker does not want this login, client id or version."""


@dataclass(frozen=True, slots=True)
class Login:
    """What makes two sends share a connection. It holds a password: never log it."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    client_id: str | None = None
    clean_session: bool = True
    protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311
    tls: bool = False
    verify: bool = True
    enters_private: bool = False

    @property
    def idle_s(self) -> float:
        """Tell how long it is kept unused: with a client id a second connection would throw the first out."""
        return 0.0 if self.client_id else IDLE_S


class _Paho(Client):
    """paho's client over a socket that was connected before, its address and certificate checked."""

    ready: socket.socket

    def _create_socket_connection(self) -> socket.socket:
        return self.ready


@dataclass(eq=False)
class Broker:
    """One connection; `under_way` are the messages without a confirmation, by their number."""

    login: Login
    client: _Paho
    loop: asyncio.AbstractEventLoop
    under_way: dict[int, asyncio.Future[None]] = field(default_factory=dict)
    greeted: "asyncio.Future[None]" = field(init=False)
    used_at: float = field(default_factory=monotonic)
    fd: int = -1
    lost: bool = False

    def __post_init__(self) -> None:
        self.greeted = self.loop.create_future()
        self.client.on_connect = self._on_connect
        self.client.on_publish = lambda _client, _data, number, _code, _properties: self._settle(number)
        self.client.on_disconnect = lambda *_: self.lose()
        self.client.on_socket_register_write = lambda *_: self._soon(self._watch_writing)
        self.client.on_socket_unregister_write = lambda *_: self._soon(self._unwatch_writing)

    def _soon(self, act: Callable[[], Any]) -> None:
        self.loop.call_soon_threadsafe(act)  # the first packet is queued from the connecting thread

    def watch(self) -> None:
        """Begin to read what the broker says, and to look after the connection."""
        taken = self.client.socket()
        if taken is None or self.lost:
            raise BrokerAwayError
        self.fd = taken.fileno()
        self.loop.add_reader(self.fd, self._read)
        self._watch_writing()
        self.loop.call_later(TICK_S, self._tick)

    async def publish(self, topic: str, payload: PayloadType, qos: int, *, retain: bool) -> None:
        """Send a message; raises BrokerAwayError, TimeoutError when no confirmation came, ValueError."""
        confirmed = self.loop.create_future()
        self.used_at = monotonic()
        info = self.client.publish(topic, payload, qos, retain)
        if info.rc not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_QUEUE_SIZE) or self.lost:
            raise BrokerAwayError
        if info.is_published():
            return
        self.under_way[info.mid] = confirmed
        try:
            async with asyncio.timeout(CONFIRM_S):
                await confirmed
        finally:
            self.under_way.pop(info.mid, None)
            self.used_at = monotonic()

    def lose(self) -> None:
        """Settle everything under way as not arrived: the connection is no more."""
        self.lost = True
        self.unwatch()
        for waiting in (self.greeted, *self.under_way.values()):
            if not waiting.done():
                waiting.set_exception(BrokerAwayError())

    def close(self) -> None:
        """Say good-bye and close."""
        self.lost = True
        self.client.disconnect()
        self.client.loop_write()
        self.unwatch()
        if (taken := self.client.socket()) is not None:
            taken.close()

    def unwatch(self) -> None:
        """Leave the socket alone."""
        if self.fd >= 0:
            self.loop.remove_reader(self.fd)
            self.loop.remove_writer(self.fd)
        self.fd = -1

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, code: Any, _properties: Any) -> None:
        if self.greeted.done():
            return
        if not code.is_failure:
            self.greeted.set_result(None)
        else:
            away = code.getName() in ("Server unavailable", "Server busy")
            self.greeted.set_exception(BrokerAwayError() if away else LoginRefusedError())

    def _settle(self, number: int) -> None:
        waiting = self.under_way.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def _read(self) -> None:
        self.client.loop_read()
        while isinstance(taken := self.client.socket(), ssl.SSLSocket) and taken.pending():
            self.client.loop_read()

    def _watch_writing(self) -> None:
        if self.fd >= 0 and self.client.want_write():
            self.loop.add_writer(self.fd, self.client.loop_write)

    def _unwatch_writing(self) -> None:
        if self.fd >= 0 and not self.client.want_write():
            self.loop.remove_writer(self.fd)

    def _tick(self) -> None:
        if self.lost:
            return
        if self.is_idle():
            self.close()
            return
        self.client.loop_misc()
        self.loop.call_later(TICK_S, self._tick)

    def is_idle(self) -> bool:
        """Say whether nobody has used it for so long that the broker may have left."""
        return not self.under_way and monotonic() - self.used_at >= self.login.idle_s


class Brokers:
    """The connections of one event loop."""

    def __init__(self, trust: ssl.SSLContext) -> None:
        self._trust = trust
        self._open: dict[Login, asyncio.Task[Broker]] = {}

    async def publish(
        self, login: Login, topic: str, payload: PayloadType, qos: int, *, retain: bool
    ) -> None:
        """Send a message over the login's connection, opened where there is none.

        Raises BrokerAwayError, LoginRefusedError, PrivateAddressError, TimeoutError when the message may
        have arrived, ssl.SSLError, and ValueError for a topic that no broker takes.
        """
        broker = await self._connection(login)
        await broker.publish(topic, payload, qos, retain=retain)

    def close(self) -> None:
        """Close all connections."""
        for opening in self._open.values():
            if opening.done() and not opening.cancelled() and opening.exception() is None:
                opening.result().close()
        self._open.clear()

    async def _connection(self, login: Login) -> Broker:
        opening = self._open.get(login)
        if opening is None or _is_over(opening):
            self._open = {other: task for other, task in self._open.items() if not _is_over(task)}
            opening = self._open[login] = asyncio.create_task(self._connect(login))
        return await asyncio.shield(opening)  # others wait for it too

    async def _connect(self, login: Login) -> Broker:
        try:
            async with asyncio.timeout(CONNECT_S):
                ready = await _reach(login)
            if login.tls:
                ready = await asyncio.to_thread(self._shake_hands, ready, login)
        except ssl.SSLError:
            raise
        except OSError:  # a time-out is one
            raise BrokerAwayError from None
        broker = Broker(login, self._client(login, ready), asyncio.get_running_loop())
        try:
            await asyncio.to_thread(broker.client.connect, login.host, login.port, KEEPALIVE_S)
            broker.watch()
            async with asyncio.timeout(CONNECT_S):
                await broker.greeted
        except BaseException as error:
            broker.unwatch()
            ready.close()
            if isinstance(error, OSError):
                raise BrokerAwayError from None
            raise
        return broker

    def _shake_hands(self, ready: socket.socket, login: Login) -> ssl.SSLSocket:
        """Put TLS on a connection; here and not in paho, which leaves the socket open where that fails."""
        context = self._trust if login.verify else _trusting()
        secure = context.wrap_socket(ready, server_hostname=login.host, do_handshake_on_connect=False)
        secure.settimeout(CONNECT_S)
        try:
            secure.do_handshake()
        except BaseException:
            secure.close()
            raise
        return secure

    def _client(self, login: Login, ready: socket.socket) -> _Paho:
        client = _Paho(
            CallbackAPIVersion.VERSION2,
            login.client_id,
            login.clean_session,
            protocol=login.protocol,
            reconnect_on_failure=False,
        )
        client.ready = ready
        client.max_inflight_messages_set(IN_FLIGHT)
        if login.user:
            client.username_pw_set(login.user, login.password)
        return client


def _is_over(opening: "asyncio.Task[Broker]") -> bool:
    """Say whether a connection cannot be used any more."""
    if not opening.done():
        return False
    if opening.cancelled() or opening.exception() is not None:
        return True
    broker = opening.result()
    if not broker.lost and broker.is_idle():  # the loop may have stood still since
        broker.close()
    return broker.lost


async def _reach(login: Login) -> socket.socket:
    """Connect; raises PrivateAddressError where the login may not lead."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(login.host, login.port, type=socket.SOCK_STREAM)
    guard = None if login.enters_private else public_socket
    return await aiohappyeyeballs.start_connection(found, socket_factory=guard, loop=loop)


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
