"""IPTC Media Topics in queries and articles: a code of eight digits, and what the vocabulary says of it.

A query that names a topic asks for all narrower topics too. The vocabulary is passed in; without one, queries
know topics by their codes only.
"""

import re
from collections.abc import Collection, Iterable
from typing import Protocol

_CODE = re.compile(r"[0-9]{8}")
_NAMED = re.compile(r"(?:medtop:|https?://cv\.iptc\.org/newscodes/mediatopic/)([0-9]{8})/?", re.IGNORECASE)


class MediaTopics(Protocol):
    """The vocabulary, as far as a query needs it."""

    def named(self, name: str) -> Collection[str]:
        """Return the codes of the topics that are called `name` in any language, in any capitals."""

    def narrower(self, code: str) -> Collection[str]:
        """Return the codes of all topics below the one of `code`; it may or may not be among them."""

    def meant(self, name: str) -> str:
        """Return the name of a topic that looks like `name`, which no topic has; empty if there is none."""


class CodesOnly:
    """No vocabulary: no names, and nothing narrower."""

    def named(self, _name: str) -> Collection[str]:
        """Return nothing."""
        return ()

    def narrower(self, _code: str) -> Collection[str]:
        """Return nothing."""
        return ()

    def meant(self, _name: str) -> str:
        """Return nothing."""
        return ""


def asked_code(written: str) -> str:
    """Return the code in a query's `04000000` or `medtop:04000000`, or in its address; else nothing."""
    return written if _CODE.fullmatch(written) else tagged_code(written)


def tagged_code(tag: str) -> str:
    """Return the code if `tag` is a topic's with its scheme (a bare number may be anything); else nothing."""
    found = _NAMED.fullmatch(tag.strip()) if ":" in tag else None
    return found[1] if found else ""


def apart(tags: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tags that are words, and the codes of those that are media topics."""
    codes = {tag: tagged_code(tag) for tag in tags}
    return tuple(tag for tag in codes if not codes[tag]), tuple(dict.fromkeys(filter(None, codes.values())))
