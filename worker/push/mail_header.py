"""Header fields of a mail that cannot be broken out of, whatever is put into them. Pure."""

import re
from base64 import b64encode
from functools import lru_cache

import idna

from worker.errors import Refused
from worker.push.compose import one_line

LONGEST_TEXT = 250  # characters of a subject
LONGEST_NAME = 80  # unfolded, so that a line stays far under 998 letters (RFC 5322, 2.1.1)
WORD_BYTES = 36  # of text in one encoded word: a line of it stays under 76 letters (RFC 2047, 2)
PLAIN = re.compile(r"[\x20-\x7e]*")
PLAIN_LINE = 60  # letters of a text that need no folding
LOCAL_PART = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}")
LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
DOMAIN = re.compile(rf"(?=.{{1,253}}$)({LABEL}\.)*{LABEL}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")


def field(name: str, value: str) -> bytes:
    """Write one field of well-formed values; raises ValueError where they could add another."""
    if not NAME.fullmatch(name) or any(letter < " " or letter == "\x7f" for letter in value):
        raise ValueError(f"The mail header {name!a} has a control character in its name or value.")
    return f"{name}: {value}\r\n".encode()


def text_field(name: str, text: str) -> bytes:
    """Write a field of free text: plain where it can be, else in encoded words, folded."""
    return f"{name}: ".encode() + "\r\n ".join(_words(one_line(text, LONGEST_TEXT))).encode() + b"\r\n"


def person(name: str, address: str) -> str:
    """Write an address with the name of who has it, for a field that is not folded."""
    name = one_line(name, LONGEST_NAME)
    if not name:
        return address
    if PLAIN.fullmatch(name) and "=?" not in name:
        return '"{}" <{}>'.format(name.replace("\\", "\\\\").replace('"', '\\"'), address)
    return f"{' '.join(_encoded(name))} <{address}>"


def mailbox(address: str) -> str:
    """Give an address as SMTP takes it, its domain in ASCII; raises Refused when it is none."""
    local, _at, domain = address.rpartition("@")
    domain = domain if domain.isascii() else _ascii_domain(domain)
    if not LOCAL_PART.fullmatch(local) or not DOMAIN.fullmatch(domain):
        raise Refused("it is not written like a mail address")
    return f"{local}@{domain}"


@lru_cache(maxsize=1000)
def _ascii_domain(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return ""


def _words(text: str) -> list[str]:
    # What looks like an encoded word would be decoded by the reader's program: it is encoded once more.
    if len(text) <= PLAIN_LINE and PLAIN.fullmatch(text) and "=?" not in text:
        return [text]
    return _encoded(text)


def _encoded(text: str) -> list[str]:
    chunks, chunk = [], b""
    for letter in text:
        written = letter.encode("utf-8", "replace")  # half a surrogate pair becomes a question mark
        if len(chunk) + len(written) > WORD_BYTES:
            chunks.append(chunk)
            chunk = b""
        chunk += written
    return [f"=?utf-8?b?{b64encode(each).decode()}?=" for each in [*chunks, chunk]]
