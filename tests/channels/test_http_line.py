"""A line to an HTTP server gives each message its own answer, whatever the far end does."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest

from subscriptions.channels import read_address
from tests.postgres import free_port
from worker.errors import Unknown
from worker.push.compose import Message
from worker.push.http_line import (
    LARGEST,
    Answered,
    BrokenError,
    GarbledError,
    SilentError,
)
from worker.push.http_lines import Lines, Origin, UnreachableError, UntrustedError, written
from worker.push.transport import send
from worker.push.wire import wire

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
ENDLESS = 400  # parts of a megabyte in all: far beyond every limit
Far = Callable[[asyncio.StreamReader, asyncio.StreamWriter, int], Awaitable[None]]


class Seen(NamedTuple):
    """What the far end has seen."""

    connections: list[int]
    ended: asyncio.Event  # its last connection has


class Asker(NamedTuple):
    """Lines to one far end."""

    lines: Lines
    origin: Origin
    seen: Seen

    async def ask(self, body: bytes = b"news", silence_s: float = 5) -> Answered:
        address = f"http://{self.origin.host}:{self.origin.port}/ann"
        found = written("POST", address, {"Accept": "*/*"}, body)
        assert found is not None
        return await self.lines.ask(*found, 5, silence_s)


@asynccontextmanager
async def far_end(far: Far, idle_s: float = 30) -> AsyncIterator[Asker]:
    """Serve on loopback: `far` gets each connection, and how manieth it is."""
    seen = Seen([], asyncio.Event())

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(seen.connections)
        seen.connections.append(number)
        try:
            await far(reader, writer, number)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            seen.ended.set()
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        lines = Lines(ssl.create_default_context(), None, idle_s=idle_s, names_s=60)
        try:
            yield Asker(
                lines, Origin(is_tls=False, host="127.0.0.1", port=port, said=f"127.0.0.1:{port}"), seen
            )
        finally:
            await lines.close()


async def request(reader: asyncio.StreamReader) -> bytes:
    """Read one request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    return head + await reader.readexactly(length)


def answering(*answers: bytes | Iterable[bytes]) -> Far:
    """Answer the requests of each connection one after the other; where there are no more, close it."""

    async def far(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _number: int) -> None:
        for answer in answers:
            await request(reader)
            for part in [answer] if isinstance(answer, bytes) else answer:
                writer.write(part)
                await writer.drain()

    return far


def asked(far: Far, times: int = 1, **more: Any) -> tuple[list[Answered], Seen]:
    """Ask so many times, one after the other."""

    async def ask() -> tuple[list[Answered], Seen]:
        async with far_end(far) as asker:
            return [await asker.ask(**more) for _each in range(times)], asker.seen

    return asyncio.run(ask())


CHUNKED = (
    b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2\r\nab\r\n1;x=y\r\nc\r\n0\r\nX-Late: 1\r\n\r\n"
)


def test_one_connection_carries_one_message_after_the_other() -> None:
    nothing = b"HTTP/1.1 204 No Content\r\n\r\n"
    (first, second, third), seen = asked(answering(OK, CHUNKED, nothing), 3)
    assert [(each.status, each.content) for each in (first, second, third)] == [
        (200, b"{}"),
        (201, b"abc"),
        (204, b""),
    ]
    assert len(seen.connections) == 1


def test_an_answer_that_comes_letter_by_letter_is_read() -> None:
    (answer,), _seen = asked(answering([CHUNKED[at : at + 1] for at in range(len(CHUNKED))]))
    assert (answer.status, answer.reason, answer.content) == (201, b"Created", b"abc")


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n\r\n{}",  # its end is the connection's
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_a_connection_that_ends_with_its_answer_is_not_used_again(said: bytes) -> None:
    answers, seen = asked(answering(said), 2)
    assert [(each.status, each.content) for each in answers] == [(200, b"{}")] * 2
    assert len(seen.connections) == 2


def test_what_announces_an_answer_is_not_the_answer() -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nRetry-After: 9\r\n\r\n"
    (answer,), seen = asked(answering(b"HTTP/1.1 100 Continue\r\n\r\n" + hint + OK))
    assert (answer.status, "Retry-After" in answer.headers) == (200, False)
    assert len(seen.connections) == 1


def test_headers_are_found_in_whatever_case() -> None:
    (answer,), _seen = asked(answering(b"HTTP/1.1 429 No\r\nretry-AFTER: 7\r\nContent-Length: 0\r\n\r\n"))
    assert answer.headers.get("Retry-After") == "7"


@pytest.mark.parametrize(("content", "size"), [(b"abc", 3), (bytes(50 * LARGEST), LARGEST)])
def test_a_packed_answer_is_unpacked_as_far_as_it_is_read(content: bytes, size: int) -> None:
    packed = gzip.compress(content)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    (answer,), _seen = asked(answering(head + packed))
    assert len(answer.content) == size


@pytest.mark.parametrize(
    "said",
    [
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 2",  # and then it closes
    ],
)
def test_what_is_no_answer_leaves_open_whether_it_arrived_and_is_not_sent_again(said: bytes) -> None:
    async def ask() -> int:
        async with far_end(answering(said)) as asker:
            with pytest.raises(GarbledError):
                await asker.ask()
            return len(asker.seen.connections)

    assert asyncio.run(ask()) == 1


HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKS = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PART = 10_000


@pytest.mark.parametrize(
    "parts",
    [
        [HEAD, *[b"X-%d: %s\r\n" % (number, b"x" * PART) for number in range(ENDLESS)]],
        [HEAD + b"X: ", *[b"x" * PART] * ENDLESS],
        [b"HTTP/1.1 200 ", *[b"x" * PART] * ENDLESS],
        [b"HTTP/1.1 100 Continue\r\n\r\n" * (PART // 25)] * ENDLESS,
    ],
    ids=["fields", "a field", "a reason", "announcements"],
)
def test_a_head_without_end_is_given_up(parts: list[bytes]) -> None:
    async def ask() -> None:
        async with far_end(answering(parts)) as asker:
            with pytest.raises(GarbledError):
                await asker.ask()
            await asyncio.wait_for(asker.seen.ended.wait(), 5)  # it was hung up on

    asyncio.run(ask())


@pytest.mark.parametrize(
    "parts",
    [
        [HEAD + b"Content-Length: 999999999999\r\n\r\n", *[b"x" * PART] * ENDLESS],
        [HEAD + b"\r\n", *[b"x" * PART] * ENDLESS],
        [CHUNKS, *[b"1\r\nx\r\n" * (PART // 6)] * ENDLESS],
        [CHUNKS + b"0\r\nX: ", *[b"x" * PART] * ENDLESS],
        [CHUNKS + b"0\r\n", *[b"X: x\r\n" * (PART // 6)] * ENDLESS],
        [CHUNKS + b"2;", *[b"x" * PART] * ENDLESS],
        [CHUNKS + b"2\r\nabcdef\r\n"],
        [CHUNKS + b"ffffffffffffffffff\r\n"],
        [HEAD + b"Content-Length: 5\r\n\r\nab"],  # and then it closes
    ],
    ids=["length", "no length", "chunks", "a trailer", "trailers", "extension", "bad chunk", "huge", "half"],
)
def test_once_the_status_is_known_nothing_else_matters(parts: list[bytes]) -> None:
    answers, seen = asked(answering(parts), 2)
    assert [answer.status for answer in answers] == [200, 200]
    assert all(len(answer.content) <= LARGEST for answer in answers)
    assert len(seen.connections) == 2


def test_an_answer_that_nobody_asked_for_is_not_taken_for_another_ones() -> None:
    forged = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
    answers, seen = asked(answering(OK + forged, OK), 3)
    assert [answer.status for answer in answers] == [200] * 3
    assert len(seen.connections) == 3


def test_what_comes_before_a_request_is_no_answer_to_it() -> None:
    async def far(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        await answering(OK)(reader, writer, number)
        writer.write(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")
        await asyncio.sleep(5)

    async def ask() -> list[int]:
        async with far_end(far) as asker:
            first = await asker.ask()
            await asyncio.sleep(0.05)
            return [first.status, (await asker.ask()).status]

    assert asyncio.run(ask()) == [200, 200]


def test_an_answer_that_comes_before_the_request_was_read_is_one() -> None:
    async def far(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _number: int) -> None:
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await asyncio.sleep(5)

    answers, seen = asked(far, 2, body=bytes(30 * LARGEST))
    assert [answer.status for answer in answers] == [413, 413]
    assert len(seen.connections) == 2  # the rest of the first was still on its way


def test_silence_is_told_from_an_answer() -> None:
    async def far(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _number: int) -> None:
        await request(reader)
        writer.write(b"HTTP/1.1 ")
        await asyncio.sleep(5)

    async def ask() -> None:
        async with far_end(far) as asker:
            with pytest.raises(SilentError):
                await asker.ask(silence_s=0.05)

    asyncio.run(ask())


def test_a_drip_ends_when_nobody_waits_any_more() -> None:
    async def far(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _number: int) -> None:
        await request(reader)
        writer.write(HEAD + b"X-Slow: ")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    async def ask() -> None:
        async with far_end(far) as asker:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asker.ask(silence_s=0.5), 0.2)
            await asyncio.wait_for(asker.seen.ended.wait(), 5)

    asyncio.run(ask())


def test_a_kept_connection_that_was_closed_meanwhile_loses_nothing() -> None:
    answers, seen = asked(answering(OK), 2)
    assert [answer.status for answer in answers] == [200, 200]
    assert len(seen.connections) == 2


def test_a_far_end_that_closes_without_a_word_is_asked_twice() -> None:
    async def far(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _number: int) -> None:
        await request(reader)

    async def ask() -> int:
        async with far_end(far) as asker:
            with pytest.raises(BrokenError):
                await asker.ask()
            return len(asker.seen.connections)

    assert asyncio.run(ask()) == 2


def test_an_idle_connection_is_closed_after_a_while() -> None:
    async def ask() -> None:
        async with far_end(answering(OK, OK), idle_s=0.05) as asker:
            await asker.ask()
            await asyncio.wait_for(asker.seen.ended.wait(), 5)

    asyncio.run(ask())


def test_where_nothing_listens_or_speaks_tls_nothing_is_sent() -> None:
    async def far(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _number: int) -> None:
        writer.write(OK)

    async def ask() -> None:
        async with far_end(far) as asker:
            tls = asker.origin._replace(is_tls=True)
            with pytest.raises(UntrustedError):
                await asker.lines.ask(tls, b"news", 5, 5)
            nobody = asker.origin._replace(port=free_port())
            with pytest.raises(UnreachableError):
                await asker.lines.ask(nobody, b"news", 5, 5)

    asyncio.run(ask())


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("POST", "http://ann@news.example/", {}),
        ("POST", "http://[::1]/", {}),
        ("POST", "http://127.1/", {}),
        ("POST", "http://2130706433/", {}),
        ("POST", "http://0x7f.0x1/", {}),
        ("POST", "http://news.example./", {}),
        ("POST", "http://news.example:0/", {}),
        ("POST", "http://news.example:70000/", {}),
        ("POST", "http://news.example/a b", {}),
        ("POST", "http://news.example/é", {}),
        ("POST", "http://news.example", {}),
        ("POST", "ftp://news.example/", {}),
        ("HEAD", "http://news.example/", {}),
        ("POST", "http://news.example/", {"X": "a\r\nY: b"}),
        ("POST", "http://news.example/", {"X": "a\nY: b"}),
        ("POST", "http://news.example/", {"X\r\nY": "a"}),
        ("POST", "http://news.example/", {"X": "a\0"}),
    ],
)
def test_what_is_unusual_does_not_go_by_a_line(method: str, url: str, headers: dict[str, str]) -> None:
    assert written(method, url, headers, b"news") is None


def test_a_request_is_written_as_the_standard_has_it() -> None:
    found = written("POST", "https://news.example:8443/a?b=c", {"X": "é"}, b"news")
    assert found is not None
    origin, request = found
    assert (origin.is_tls, origin.host, origin.port) == (True, "news.example", 8443)
    assert request == (
        "POST /a?b=c HTTP/1.1\r\nHost: news.example:8443\r\nX: é\r\nContent-Length: 4\r\n\r\nnews".encode()
    )
    assert written("GET", "http://news.example/", {}, b"") == (
        Origin(is_tls=False, host="news.example", port=80, said="news.example"),
        b"GET / HTTP/1.1\r\nHost: news.example\r\n\r\n",
    )


def test_a_send_that_is_answered_with_half_an_answer_is_unknown() -> None:
    async def tell() -> None:
        async with far_end(answering(b"HTTP/1.1 200")) as asker:
            parts = read_address(f"json://127.0.0.1:{asker.origin.port}/ann").parts
            await send(parts, Message("Storm"), enters_private=True)

    with pytest.raises(Unknown, match="what came is no answer"):
        wire().run(tell())
