"""Plain text out of what publishers write into texts: markup, entities, control characters. Pure."""

import html
import re
import unicodedata
from urllib.parse import quote, urljoin, urlsplit

# A pattern on hostile text may look at each character a bounded number of times: no nested repeats.
SILENT = re.compile(
    r"<(script|style|template|iframe|object|noscript)\b[^<>]{0,2000}>.*?</\1\s{0,9}>",
    re.IGNORECASE | re.DOTALL,
)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
BLOCK = re.compile(
    r"</?(?:p|div|br|li|ul|ol|tr|td|th|table|h[1-6]|blockquote|section|article|header|footer|figure"
    r"|figcaption|pre|hr|dt|dd)\b[^<>]*>",
    re.IGNORECASE,
)
TAG = re.compile(r"</?[a-zA-Z!?][^<>]*>")
# Bidi overrides and isolates, the byte order mark, soft hyphens, zero-width space and word joiner:
# they hide or turn text. Zero-width joiner and non-joiner belong to scripts and emoji: they stay.
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
WEB = ("http", "https")


def plain(text: str) -> str:
    """Give a text without markup: tags dropped, entities decoded, one line, no control characters."""
    if "<" in text or "&" in text:
        text = html.unescape(_without_tags(text))
        if TAG.search(text):  # escaped twice, as many feeds do
            text = _without_tags(text)
        text = html.unescape(text) if "&" in text else text
    return clean(text)


def _without_tags(text: str) -> str:
    text = COMMENT.sub("", SILENT.sub("", text))
    return TAG.sub("", BLOCK.sub(" ", text))


def clean(text: str) -> str:
    """Make a text one line without control characters and what hides or turns text; white space is folded."""
    text = INVISIBLE.sub("", text)
    visible = (" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in text)
    return (
        " ".join("".join(visible).split())
        if not text.isascii() or not text.isprintable()
        else " ".join(text.split())
    )


def web_link(link: str, base: str = "") -> str:
    """Give an absolute http or https URL, or "" for anything else, such as javascript:."""
    link = (
        re.sub(r"[\x00-\x20\x7f\u2028\u2029]+", "", link.strip()) if not link.isprintable() else link.strip()
    )
    try:
        joined = urljoin(base, link) if base else link
        parts = urlsplit(joined)
    except ValueError:
        return ""
    if parts.scheme.lower() not in WEB or not parts.netloc:
        return ""
    return quote(joined, safe="%/:=&?~#+!$,;'@()*[]|{}^\\`\"<>") if " " in joined else joined
