"""Handing mails in over few kept connections to an SMTP server.

aiosmtplib speaks the protocol. A connection carries many mails, one after the other; what a mail is answered
decides what becomes of it, as docs/delivery.md has it.
"""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import aiosmtplib

from subscriptions import clock
from subscriptions.settings import settings
from worker.push.answer import Answer, Failure, judge
from worker.push.compose import Message
from worker.push.mail import Mail, write
from worker.push.mail_server import MailServer
from worker.push.wire import wire

CONNECTIONS = 4  # to a server, of each sending process
MAILS = 100  # over one connection: servers count
IDLE_S = 30.0
ANSWER_S = 10.0  # each
CLOSING = 421
NO_SUCH_ADDRESS = 553  # RFC 6531, 3.5: with 5.6.7, when an address needs SMTPUTF8 and the server has it not


@dataclass(slots=True)
class _Line:
    """A connection, and for how long and much it was used."""

    smtp: aiosmtplib.SMTP
    mails: int = 0
    used_at: float = field(default_factory=monotonic)

    @property
    def is_good(self) -> bool:
        """Say whether it may carry one more mail."""
        return self.smtp.is_connected and self.mails < MAILS and monotonic() - self.used_at < IDLE_S


@dataclass(slots=True)
class _Exchange:
    """The connections of one loop to one server."""

    free: list[_Line] = field(default_factory=list)
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
            with suppress(aiosmtplib.SMTPException):
                await line.smtp.quit()
            line.smtp.close()


async def _hand_in(server: MailServer, exchange: _Exchange, mail: Mail) -> Answer | None:
    """Try it over a kept connection, or else a new one; gives what went wrong."""
    while exchange.free:
        line = exchange.free.pop()
        if line.is_good:
            try:
                return await _carry(exchange, line, mail)
            except _BrokenError:
                continue  # it broke before the mail was on its way: a new one tells
        line.smtp.close()
    try:
        line = _Line(await _connect(server))
    except _FailedError as failed:
        return failed.answer
    try:
        return await _carry(exchange, line, mail)
    except _BrokenError:
        return Answer(failure=Failure.unreachable)


class _BrokenError(Exception):
    """The connection broke before a mail's text was sent."""


class _FailedError(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer))
        self.answer = answer


async def _connect(server: MailServer) -> aiosmtplib.SMTP:
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
    return smtp


def _trust(server: MailServer) -> ssl.SSLContext:
    if server.checks_certificate:
        return wire().trust
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def _carry(exchange: _Exchange, line: _Line, mail: Mail) -> Answer | None:
    """Hand a mail in over a connection, and keep that for others if it is well; raises _BrokenError."""
    line.mails, line.used_at = line.mails + 1, monotonic()
    try:
        answer = await _converse(line.smtp, mail)
    except BaseException:
        line.smtp.close()
        raise
    if answer is not None and (answer.failure is not None or answer.status == CLOSING):
        line.smtp.close()
        return answer
    if answer is not None:
        with suppress(aiosmtplib.SMTPException):
            await line.smtp.rset()
    exchange.free.append(line)
    return answer


async def _converse(smtp: aiosmtplib.SMTP, mail: Mail) -> Answer | None:
    encoding, options = ("utf-8", ["SMTPUTF8"]) if mail.international else ("ascii", None)
    if mail.international and not smtp.supports_extension("smtputf8"):
        return Answer.smtp(NO_SUCH_ADDRESS, "5.6.7 the mail server takes no such address")
    try:
        await smtp.mail(mail.sender, options=options, encoding=encoding)
    except aiosmtplib.SMTPResponseException as error:  # our sender, not this reader's address
        return Answer.smtp(error.code, error.message, at_login=True)
    except (aiosmtplib.SMTPException, OSError):
        raise _BrokenError from None
    try:
        await smtp.rcpt(mail.recipient, encoding=encoding)
    except aiosmtplib.SMTPResponseException as error:
        return Answer.smtp(error.code, error.message)
    except (aiosmtplib.SMTPException, OSError):
        raise _BrokenError from None
    try:
        await smtp.data(mail.content)
    except aiosmtplib.SMTPResponseException as error:  # our text, not this reader's address
        return Answer.smtp(error.code, error.message, at_login=True)
    except (aiosmtplib.SMTPException, OSError):  # it may be on its way
        return Answer(failure=Failure.no_answer)
    return None
