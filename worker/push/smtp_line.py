"""One SMTP connection, kept for many mails.

aiosmtplib connects, greets, secures and logs in. It waits for each answer before the next command; here a
mail takes two round trips where the server takes commands in a row (RFC 2920), else four.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from time import monotonic
from typing import Any, NamedTuple

from worker.push.answer import Answer, Failure
from worker.push.mail import Mail

MAILS = 100  # then a new connection: servers count
IDLE_S = 30.0  # most servers close theirs after a minute or five
ANSWER_S = 10.0  # to the commands, and to the mail
LONGEST_REPLY = 32_000  # bytes
NO_SUCH_ADDRESS = 553  # RFC 6531, 3.5: with 5.6.7, when an address needs SMTPUTF8 and the server has it not
GO_AHEAD, FIRST_FAILURE, CLOSING = 354, 400, 421


class BrokenError(Exception):
    """The connection broke before a mail's text was sent."""


class Reply(NamedTuple):
    """A server's reply to one command."""

    code: int
    words: bytes


class Line(asyncio.Protocol):
    """A connection that is logged in; it carries one mail at a time."""

    def __init__(self, transport: Any, extensions: Collection[str]) -> None:
        self._transport = transport
        self._in_a_row = "pipelining" in extensions
        self._international = "smtputf8" in extensions
        self._received = self._words = b""
        self._replies: deque[Reply] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._between_mails = True
        self._forget: list[bytes] = []  # the server has the beginning of a mail that it refused
        self._mails = 0
        self._used_at = monotonic()
        transport.set_protocol(self)

    @property
    def is_good(self) -> bool:
        """Say whether it may carry one more mail."""
        quiet = self._between_mails and not self._received and not self._replies
        lasting = self._mails < MAILS and monotonic() - self._used_at < IDLE_S
        return quiet and lasting and not self._transport.is_closing()

    async def carry(self, mail: Mail) -> Answer | None:
        """Hand a mail in; gives what went wrong. Raises BrokenError."""
        if mail.international and not self._international:
            return Answer.smtp(NO_SUCH_ADDRESS, "5.6.7 the mail server takes no such address")
        self._between_mails = False
        self._mails += 1
        try:
            async with asyncio.timeout(ANSWER_S):
                refusal = await self._announce(mail)
        except TimeoutError:
            raise BrokenError from None
        if refusal is None:
            try:
                async with asyncio.timeout(ANSWER_S):
                    refusal = await self._hand_over(mail.content)
            except (TimeoutError, BrokenError):
                return Answer(failure=Failure.no_answer)  # it may be on its way
        self._used_at = monotonic()
        return refusal

    async def _announce(self, mail: Mail) -> Answer | None:
        """Ask whether the server takes the mail; if it does, it waits for the text."""
        extra = b" SMTPUTF8 BODY=8BITMIME" if mail.international else b""
        sender, recipient = mail.sender.encode(), mail.recipient.encode()
        asked = [*self._forget, b"MAIL FROM:<%b>%b" % (sender, extra), b"RCPT TO:<%b>" % recipient, b"DATA"]
        replies = (await self._ask(asked))[len(self._forget) :]
        if not replies:
            raise BrokenError  # it cannot even forget
        refused = [at for at, reply in enumerate(replies) if reply.code >= FIRST_FAILURE]
        if not refused and replies[-1].code == GO_AHEAD:
            self._forget = []
            return None
        self._forget = [b"RSET"]
        self._between_mails = replies[-1].code != GO_AHEAD  # else it waits for a mail that nobody is to get
        at = refused[0] if refused else len(replies) - 1
        of_reader = at == 1  # else it is about our sender, or all mails
        return Answer.smtp(replies[at].code, replies[at].words, at_login=not of_reader)

    async def _ask(self, commands: Sequence[bytes]) -> list[Reply]:
        if self._in_a_row:
            self._transport.write(b"\r\n".join([*commands, b""]))
            return [await self._reply() for _command in commands]
        replies: list[Reply] = []
        for command in commands:
            self._transport.write(command + b"\r\n")
            replies.append(await self._reply())
            if replies[-1].code >= FIRST_FAILURE:
                break
        return replies

    async def _hand_over(self, content: bytes) -> Answer | None:
        text = content.replace(b"\r\n.", b"\r\n..")  # a line of one dot is the end
        self._transport.write(text + (b".\r\n" if text.endswith(b"\r\n") else b"\r\n.\r\n"))
        reply = await self._reply()
        self._between_mails = reply.code != CLOSING
        # What it says of the text is ours to mend, not this reader's address.
        return None if reply.code < FIRST_FAILURE else Answer.smtp(reply.code, reply.words, at_login=True)

    async def _reply(self) -> Reply:
        while not self._replies:
            if self._transport.is_closing():
                raise BrokenError
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        reply = self._replies.popleft()
        if reply.code == CLOSING:
            self._transport.close()
        return reply

    def close(self) -> None:
        """Close it, politely where the server listens."""
        if self._between_mails and not self._transport.is_closing():
            self._transport.write(b"QUIT\r\n")
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Gather replies, each of one line or more."""
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            self._words += line[4:].strip() + b" "
            if line[3:4] != b"-":
                self._replies.append(Reply(int(line[:3]) if line[:3].isdigit() else 0, self._words))
                self._words = b""
        too_long = len(self._received) + len(self._words) > LONGEST_REPLY
        if too_long or any(not reply.code for reply in self._replies):  # that is no SMTP
            self._replies.clear()
            self._transport.abort()
        self._wake()

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell who waits."""
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
