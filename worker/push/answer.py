"""What a far end answered, and what is to be done about it. Pure; docs/delivery.md is this as a table."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus

from worker.errors import AddressGone, Refused, SendError, TryLater, Unknown

ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")  # RFC 3463
LONGEST_WAIT_S = 86_400.0
STATUSES = frozenset(HTTPStatus)


class Failure(StrEnum):
    """A request that got no answer."""

    unreachable = "the connection failed"
    untrusted = "its certificate is not trusted"
    private = "it leads to this machine or a private network, and was not added with --private"
    login = "it refused the login"
    no_answer = "it was sent, and no answer came in time"
    garbled = "it was sent, and what came is no answer that can be read"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: HTTP status, or SMTP code, or the failure to get one."""

    status: int = 0
    words: str = ""
    retry_after: str = ""
    failure: Failure | None = None
    is_smtp: bool = False
    at_login: bool = False

    @classmethod
    def http(cls, status: int, retry_after: str = "") -> "Answer":
        """Read an HTTP answer; its words are the standard's: the far end's own may name the address."""
        return cls(status, HTTPStatus(status).phrase if status in STATUSES else "", retry_after)

    @classmethod
    def smtp(cls, code: int, words: bytes | str, *, at_login: bool = False) -> "Answer":
        """Read an SMTP reply; of its text only the enhanced code is kept, the rest may name the address."""
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        enhanced = ENHANCED.search(text)
        return cls(code, enhanced[0] if enhanced else "", is_smtp=True, at_login=at_login)

    def __str__(self) -> str:
        """Say it in words, without secrets."""
        if self.failure is not None:
            return str(self.failure)
        return f"{'SMTP ' if self.is_smtp else ''}{self.status} {self.words}".strip()


def judge(answers: Sequence[Answer], now: datetime | None = None) -> SendError:
    """Decide what a failed send means from the answers it got; the last one counts.

    `now` is for Retry-After given as a date; without it such a date is left to the back-off.
    """
    if not answers:
        return Refused("the service took the message for unfit before sending it")
    if any(answer.failure is Failure.private for answer in answers):
        return Refused(str(Failure.private))
    last = answers[-1]
    if last.failure in (Failure.no_answer, Failure.garbled):
        return Unknown(str(last))
    if last.failure is Failure.login:
        return Refused(str(last))
    if last.failure is not None:
        return TryLater(str(last))
    return _judge_smtp(last) if last.is_smtp else _judge_http(last, now)


def _judge_http(answer: Answer, now: datetime | None) -> SendError:
    said = str(answer)
    if answer.status in (404, 410):
        return AddressGone(said)
    if answer.status in (408, 425, 429) or answer.status >= 500:  # noqa: PLR2004 - HTTP's numbers
        return TryLater(said, retry_after_s(answer.retry_after, now))
    return Refused(said)


def _judge_smtp(answer: Answer) -> SendError:
    said = str(answer)
    kind = answer.words.split(".", 1)[1] if "." in answer.words else ""
    of_sender = kind in ("1.7", "1.8")  # RFC 3463: it is our own address that is bad
    if answer.at_login or of_sender or answer.status < 500 or kind == "2.2":  # noqa: PLR2004 - 4xx; 5.2.2: mailbox full
        return TryLater(said)  # our own login failing is for the newsroom to mend, not the reader's fault
    no_such_mailbox = kind.startswith("1.") or kind == "2.1"  # RFC 3463: bad address; mailbox disabled
    if no_such_mailbox or (not kind and answer.status in (550, 551, 553)):
        return AddressGone(said)
    return Refused(said)


def retry_after_s(header: str, now: datetime | None) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3: seconds or a date) as seconds from now; None if it says nothing."""
    header = header.strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", header):
        return min(float(header), LONGEST_WAIT_S)
    if not header or now is None:
        return None
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return min(max((date - now).total_seconds(), 0.0), LONGEST_WAIT_S)
