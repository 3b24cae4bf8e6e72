"""Handing mails in over few kept connections to an SMTP server.

A connection carries many mails, one after the other; what a mail is answered decides what becomes of it, as
docs/delivery.md has it.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import aiosmtplib

from subscriptions import clock
from subscriptions.settings import settings
from worker.push.answer import Answer, Failure, judge
from worker.push.compose import Message
from worker.push.mail import Mail, write
from worker.push.mail_server import MailServer
from worker.push.smtp_line import ANSWER_S, CLOSING, BrokenError, Line
from worker.push.wire import wire

CONNECTIONS = 4  # to a server, of each sending process


@dataclass(slots=True)
class _Exchange:
    """The connections of one loop to one server."""

    free: list[Line] = field(default_factory=list)
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))


_exchanges: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[MailServer, _Exchange]] = WeakKeyDictionary()


async def send_mail(server: MailServer, to: str, message: Message) -> None:
    """Hand a mail to a reader in; returns when the server took it.

    Raises TryLater, AddressGone, Refused or Unknown, whose texts hold no secret.
    """
    host = urlsplit(settings().site).hostname or "localhost"
    mail = write(message, server.sender, to, host, clock.now())
    exchange = _exchange_with(server)
    async with exchange.places:
        answer = await _hand_in(server, exchange, mail)
        if answer is not None and answer.status == CLOSING:  # this connection is not to be used any more
            answer = await _hand_in(server, exchange, mail)
    if answer is not None:
        raise judge([answer])


def _exchange_with(server: MailServer) -> _Exchange:
    loop = asyncio.get_running_loop()
    if loop not in _exchanges:
        wire().at_close.append(hang_up)
    return _exchanges.setdefault(loop, {}).setdefault(server, _Exchange())


async def hang_up() -> None:
    """Close the kept connections of this loop."""
    for exchange in _exchanges.pop(asyncio.get_running_loop(), {}).values():
        for line in exchange.free:
            line.close()


async def _hand_in(server: MailServer, exchange: _Exchange, mail: Mail) -> Answer | None:
    """Try it over a kept connection, or else a new one; gives what went wrong."""
    while exchange.free:
        line = exchange.free.pop()
        if line.is_good:
            try:
                return await _carry(exchange, line, mail)
            except BrokenError:
                continue  # it broke before the mail was on its way: a new one tells
        line.close()
    try:
        line = await _connect(server)
    except _FailedError as failed:
        return failed.answer
    try:
        return await _carry(exchange, line, mail)
    except BrokenError:
        return Answer(failure=Failure.unreachable)


class _FailedError(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer))
        self.answer = answer


async def _connect(server: MailServer) -> Line:
    smtp = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user or None,
        password=server.password or None,
        use_tls=server.security == "ssl",
        start_tls=server.security == "starttls",
        tls_context=None if server.security == "insecure" else _trust(server),
        timeout=ANSWER_S,
    )
    try:
        await smtp.connect()
        if smtp.is_ehlo_or_helo_needed:
            await smtp.ehlo()
    except aiosmtplib.SMTPResponseException as error:
        smtp.close()
        raise _FailedError(Answer.smtp(error.code, error.message, at_login=True)) from None
    except ssl.SSLError:
        smtp.close()
        raise _FailedError(Answer(failure=Failure.untrusted)) from None
    except (aiosmtplib.SMTPException, OSError) as error:
        smtp.close()
        untrusted = isinstance(error.__cause__, ssl.SSLError)
        raise _FailedError(Answer(failure=Failure.untrusted if untrusted else Failure.unreachable)) from None
    return Line(smtp.transport, smtp.esmtp_extensions)


def _trust(server: MailServer) -> ssl.SSLContext:
    if server.checks_certificate:
        return wire().trust
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def _carry(exchange: _Exchange, line: Line, mail: Mail) -> Answer | None:
    """Hand a mail in over a connection, and keep that for others if it is well; raises BrokenError."""
    try:
        return await line.carry(mail)
    finally:
        if line.is_good:
            exchange.free.append(line)
        else:
            line.close()
