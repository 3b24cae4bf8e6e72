"""Mails handed in to real SMTP servers: few connections, and what their breaking leads to."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from subscriptions.settings import settings
from tests.postgres import free_port
from worker.errors import Refused, TryLater, Unknown
from worker.push.compose import Message
from worker.push.mail_server import mail_server
from worker.push.smtp import CONNECTIONS, hang_up, send_mail
from worker.push.wire import wire
from worker.rehearsal.certificate import make_certificate

STORM = Message("Storm closes the harbour", "Nobody was hurt.", thread="story-1")


class Office:
    """An SMTP server that counts connections and mails; `do` may break one, told which message it is."""

    def __init__(self) -> None:
        self.connections = 0
        self.mails: list[str] = []
        self.encrypted: list[bool] = []
        self.at_rcpt: Callable[[int, Any], str] = lambda _number, _server: "250 OK"
        self.at_data: Callable[[int, Any], str] = lambda _number, _server: "250 OK"
        self._tried = 0

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        self.encrypted.append(session.ssl is not None)
        return responses

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self._tried += 1
        verdict = self.at_rcpt(self._tried, server)
        if verdict.startswith("250"):
            envelope.rcpt_tos.append(address)
        return verdict

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        verdict = self.at_data(self._tried, server)
        if verdict.startswith("250"):
            self.mails += envelope.rcpt_tos
        return verdict


@contextmanager
def serving(
    monkeypatch: pytest.MonkeyPatch, url: str = "mailto://127.0.0.1:{port}?mode=insecure", **kwargs: Any
) -> Iterator[Office]:
    """Run an office as the newsroom's own mail server."""
    office, port = Office(), free_port()
    controller = Controller(office, hostname="127.0.0.1", port=port, **kwargs)
    controller.start()
    monkeypatch.setenv("TOCSIN_MAIL_URL", f"{url.format(port=port)}&from=alerts@news.example")
    settings.cache_clear()
    try:
        yield office
    finally:
        wire().run(hang_up())
        controller.stop()


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An SMTP server without encryption."""
    with serving(monkeypatch) as running:
        yield running


def hand_in(*readers: str) -> list[BaseException | None]:
    async def all_of_them() -> list[BaseException | None]:
        sends = (send_mail(mail_server(), f"{reader}@news.example", STORM) for reader in readers)
        return await asyncio.gather(*sends, return_exceptions=True)

    return wire().run(all_of_them())


def test_many_mails_go_over_few_connections(office: Office) -> None:
    readers = [f"reader{number}" for number in range(300)]
    assert hand_in(*readers) == [None] * len(readers)
    assert sorted(office.mails) == sorted(f"{reader}@news.example" for reader in readers)
    assert office.connections <= CONNECTIONS


def test_a_connection_is_not_used_for_ever(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.push.smtp_line.MAILS", 10)
    for number in range(30):
        assert hand_in(f"reader{number}") == [None]
    assert (len(office.mails), office.connections) == (30, 3)


@pytest.mark.parametrize(("at", "mails"), [("at_rcpt", 5), ("at_data", 5)])
def test_a_server_that_closes_a_connection_in_words_gets_the_mail_over_another(
    office: Office, at: str, mails: int
) -> None:
    setattr(office, at, lambda number, _server: "421 4.3.2 closing" if number == 3 else "250 OK")
    assert [hand_in(f"reader{number}") for number in range(mails)] == [[None]] * mails
    assert len(office.mails) == mails
    assert office.connections == 2


def test_a_connection_that_breaks_before_the_mail_is_sent_is_made_anew(office: Office) -> None:
    def cut(number: int, server: Any) -> str:
        if number == 3:
            server.transport.abort()
        return "250 OK"

    office.at_rcpt = cut
    assert [hand_in(f"reader{number}") for number in range(5)] == [[None]] * 5
    assert len(office.mails) == len(set(office.mails)) == 5


def test_a_connection_that_breaks_after_the_mail_was_sent_leaves_it_unknown(office: Office) -> None:
    def cut(number: int, server: Any) -> str:
        if number == 2:
            server.transport.abort()
        return "250 OK"

    office.at_data = cut
    (well,), (broken,), (after,) = (hand_in(f"reader{number}") for number in range(3))
    assert (well, after) == (None, None)
    assert isinstance(broken, Unknown)
    assert office.mails.count("reader1@news.example") == 1, "it is not handed in again"


@pytest.mark.parametrize(
    ("verdict", "problem"), [("554 5.7.1 no bulk mail", Refused), ("450 4.2.1 busy", TryLater)]
)
def test_after_a_refusal_the_connection_serves_others(
    office: Office, verdict: str, problem: type[Exception]
) -> None:
    office.at_rcpt = lambda number, _server: verdict if number == 2 else "250 OK"
    (well,), (refused,), (after,) = (hand_in(f"reader{number}") for number in range(3))
    assert (well, after) == (None, None)
    assert isinstance(refused, problem)
    assert office.connections == 1


def test_a_server_that_is_away_is_tried_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_MAIL_URL", "mailto://127.0.0.1:9?mode=insecure&from=alerts@news.example")
    settings.cache_clear()
    (problem,) = hand_in("ann")
    assert isinstance(problem, TryLater)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's certificate that this machine trusts."""
    made = make_certificate(tmp_path_factory.mktemp("certificate"), "127.0.0.1")
    wire().trust.load_verify_locations(made)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made)
    return context


def test_mails_go_over_tls(monkeypatch: pytest.MonkeyPatch, certificate: ssl.SSLContext) -> None:
    with serving(monkeypatch, "mailtos://127.0.0.1:{port}?mode=ssl", ssl_context=certificate) as office:
        assert hand_in("ann", "bob") == [None, None]
    assert len(office.mails) == 2


def test_mails_go_over_starttls_with_a_login(
    monkeypatch: pytest.MonkeyPatch, certificate: ssl.SSLContext
) -> None:
    def login(_server: Any, _session: Any, _envelope: Any, _way: str, data: Any) -> AuthResult:
        return AuthResult(success=data == LoginPassword(b"desk", b"p@ss/word"), handled=False)

    server: dict[str, Any] = {"tls_context": certificate, "authenticator": login, "auth_required": True}
    with serving(
        monkeypatch, "mailtos://desk:p%40ss%2Fword@127.0.0.1:{port}?mode=starttls", **server
    ) as office:
        assert hand_in("ann") == [None]
    assert office.encrypted[-1]
    with serving(monkeypatch, "mailtos://desk:wrong@127.0.0.1:{port}?mode=starttls", **server) as office:
        (problem,) = hand_in("ann")
    assert isinstance(problem, TryLater), "our login is not the reader's fault"
    assert "wrong" not in str(problem)


def test_a_server_whose_certificate_is_not_trusted_gets_no_mail(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(make_certificate(tmp_path, "127.0.0.1"))
    with serving(monkeypatch, "mailtos://127.0.0.1:{port}?mode=ssl", ssl_context=context) as office:
        (problem,) = hand_in("ann")
    assert isinstance(problem, TryLater)
    assert "certificate" in str(problem)
    assert not office.mails


def test_a_mail_server_that_takes_no_international_address_refuses_only_those(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    (problem,) = hand_in("jürgen")
    assert problem is None or isinstance(problem, Refused)
    assert hand_in("ann") == [None]
