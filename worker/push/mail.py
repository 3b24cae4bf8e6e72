"""A message as a mail: headers, text and HTML, as bytes for SMTP. Pure.

What all recipients of a message share is written once and kept; a recipient adds who, when and how to leave.
"""

import hashlib
import re
from base64 import encodebytes
from binascii import b2a_qp
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from worker.push.compose import TITLE_LIMIT, Message, leaving, one_line
from worker.push.mail_header import field, mailbox, person, text_field
from worker.push.mail_page import is_language, page

HERE = "\0"  # where the address to leave by belongs in what all share; no message holds it
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")
LONGEST_WORD = 900  # letters of an address or a note
BOUNDARY = "=_tocsin"  # base64 has no "_" and quoted-printable no "=_": it is in no part
HEADERS_OF_OURS = frozenset(
    {
        "auto-submitted",
        "bcc",
        "cc",
        "content-language",
        "content-transfer-encoding",
        "content-type",
        "date",
        "from",
        "importance",
        "in-reply-to",
        "list-id",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "message-id",
        "mime-version",
        "references",
        "reply-to",
        "sender",
        "subject",
        "to",
        "x-priority",
    }
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who mails come from: a name and an address, where answers go, headers of the newsroom's own."""

    address: str
    name: str = ""
    reply_to: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in its envelope; `international`: its addresses need SMTPUTF8 (RFC 6531)."""

    sender: str
    recipient: str
    content: bytes
    international: bool


@dataclass(frozen=True, slots=True)
class _Shared:
    headers: bytes
    text: str
    page: str
    is_latin: bool


def write(message: Message, sender: Sender, to: str, host: str, now: datetime) -> Mail:
    """Write a message to one recipient; `host` is the site's name, under which messages are numbered.

    Raises Refused when `to` is no mail address.
    """
    recipient = mailbox(to)
    shared = _shared(replace(message, leave=HERE if message.leave else ""), sender, host)
    headers = field("To", recipient) + field("Date", format_datetime(now)) + _numbers(message, to, host, now)
    if message.leave:
        headers += b"".join(field(name, value) for name, value in leaving(message.leave).items())
    else:
        headers += field("Auto-Submitted", "auto-generated")
    content = shared.headers + headers + _parts(shared, message.leave)
    return Mail(sender.address, recipient, content, not f"{recipient}{sender.address}".isascii())


@lru_cache(maxsize=1000)  # the same for most of an alert's recipients
def _shared(message: Message, sender: Sender, host: str) -> _Shared:
    message = _tidy(message)
    text, html = message.body, page(message)
    is_latin = len(text.encode()) < 1.2 * len(text)  # quoted-printable is readable there, and shorter
    return _Shared(_lasting_headers(message, sender, host), _crlf(text), _crlf(html), is_latin)


def _tidy(message: Message) -> Message:
    """Leave out what no text has; a line break only where lines are."""
    lines = message.text.replace("\r\n", "\n").replace("\r", "\n")
    return replace(
        message,
        title=one_line(message.title, TITLE_LIMIT),
        text=_sound(CONTROL.sub(" ", lines)),
        note=one_line(message.note, LONGEST_WORD),
        link=_sound(CONTROL.sub("", message.link.replace("\n", ""))),
        image=_sound(CONTROL.sub("", message.image)),
    )


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # half a surrogate pair becomes a question mark


def _lasting_headers(message: Message, sender: Sender, host: str) -> bytes:
    fields = [
        field("From", person(sender.name, sender.address)),
        text_field("Subject", _sound(message.title)),
        *(field("Reply-To", ", ".join(sender.reply_to)) for _any in sender.reply_to[:1]),
        *(field("Content-Language", message.language) for _any in [1] if is_language(message.language)),
        *(text_field(name, text) for name, text in sender.headers if name.lower() not in HEADERS_OF_OURS),
    ]
    if message.leave:
        fields.append(field("List-Id", f"<alerts.{host}>"))
    if message.urgent:
        fields += [field("X-Priority", "1"), field("Importance", "high")]
    fields.append(field("MIME-Version", "1.0"))
    fields.append(field("Content-Type", f'multipart/alternative; boundary="{BOUNDARY}"'))
    return b"".join(fields)


def _numbers(message: Message, to: str, host: str, now: datetime) -> bytes:
    """Give a mail the same number at a second attempt, and let the mails of one story belong together."""
    if not message.thread:
        return field("Message-ID", f"<{_digest(message.title, message.text, to, now.isoformat())}@{host}>")
    whose = _digest(message.thread, to)
    first = f"<{whose}.1@{host}>"
    if message.version == 1:
        return field("Message-ID", first)
    number = field("Message-ID", f"<{whose}.{message.version}@{host}>")
    return number + field("In-Reply-To", first) + field("References", first)


def _digest(*what: str) -> str:
    # Message-IDs are quoted in answers and archives: this one tells neither address nor story.
    return hashlib.blake2b("\0".join(what).encode("utf-8", "replace"), digest_size=12).hexdigest()


def _parts(shared: _Shared, leave: str) -> bytes:
    text = _part("plain", shared.text.replace(HERE, leave), shared.is_latin)
    html = _part("html", shared.page.replace(HERE, leave), shared.is_latin)
    return b"".join((b"\r\n", text, html, f"--{BOUNDARY}--\r\n".encode()))


def _part(kind: str, text: str, is_latin: bool) -> bytes:  # noqa: FBT001 - of one call
    content = text.encode()
    way = "quoted-printable" if is_latin else "base64"
    written = b2a_qp(content) if is_latin else encodebytes(content).replace(b"\n", b"\r\n")
    head = field("Content-Type", f"text/{kind}; charset=utf-8") + field("Content-Transfer-Encoding", way)
    return b"".join((f"--{BOUNDARY}\r\n".encode(), head, b"\r\n", written, b"\r\n"))


def _crlf(text: str) -> str:
    return text.replace("\n", "\r\n")
