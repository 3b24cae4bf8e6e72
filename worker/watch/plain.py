"""Plain text out of what publishers write into texts: markup, entities, control characters. Pure."""

import html
import re
import unicodedata
from urllib.parse import quote, urljoin, urlsplit

# Every pattern stops at the next "<" or ">", and pairs are found by one walk: time is linear in the text.
SILENT = re.compile(r"<(script|style|template|iframe|object|noscript)\b[^<>]*>", re.IGNORECASE)
BLOCK = re.compile(
    r"</?(?:p|div|br|li|ul|ol|tr|td|th|table|h[1-6]|blockquote|section|article|header|footer|figure"
    r"|figcaption|pre|hr|dt|dd)\b[^<>]*>",
    re.IGNORECASE,
)
TAG = re.compile(r"</?[a-zA-Z!?][^<>]*>")
FORM = re.compile(r"<(/?)([a-zA-Z][\w:-]{0,40})[^<>]*>")
# Bidi overrides and isolates, the byte order mark, soft hyphens, zero-width space and word joiner:
# they hide or turn text. Zero-width joiner and non-joiner belong to scripts and emoji: they stay.
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
BREAKING = ("Cc", "Zl", "Zp", "Cs")  # control characters, line and paragraph breaks, half letters
WEB = ("http", "https")
LONGEST_LINK = 4_000  # characters; news sites stay under 1,000, servers take 8,000 with all headers


def structure(text: str) -> str:
    """Give a text's markup without attributes, scripts and styles: structure, and nothing active."""
    return FORM.sub(r"<\1\2>", _without_silent(text)).strip()


def plain(text: str) -> str:
    """Give a text without markup: tags dropped, entities decoded, one line, no control characters."""
    if "<" in text or "&" in text:
        text = html.unescape(_without_tags(text))
        if TAG.search(text):  # escaped twice, as many feeds do
            text = _without_tags(text)
        text = html.unescape(text) if "&" in text else text
    return clean(text)


def _without_silent(text: str) -> str:
    """Drop scripts, styles and the like with what is in them, and comments; of an endless one the tag."""
    kept, position, endless = [], 0, set[str]()
    while opening := SILENT.search(text, position):
        kept.append(text[position : opening.start()])
        position, name = opening.end(), opening[1].lower()
        if name not in endless:
            closing = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(text, position)
            position = closing.end() if closing else position
            endless |= set() if closing else {name}
    kept.append(text[position:])
    return _without_comments("".join(kept))


def _without_comments(text: str) -> str:
    kept, position = [], 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[position:start])
        position = end + 3
    return "".join((*kept, text[position:]))


def _without_tags(text: str) -> str:
    text = _without_silent(text)
    return TAG.sub("", BLOCK.sub(" ", text))


def clean(text: str) -> str:
    """Make a text one line: control characters and what hides or turns text go, white space is folded."""
    text = INVISIBLE.sub("", text)
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(letter) in BREAKING else letter for letter in text)
    return " ".join(text.split())


def web_link(link: str, base: str = "") -> str:
    """Give an absolute http or https URL, or "" for anything else (javascript:) and for endless ones."""
    link = (
        re.sub(r"[\x00-\x20\x7f\u2028\u2029]+", "", link.strip()) if not link.isprintable() else link.strip()
    )
    try:
        joined = urljoin(base, link) if base else link
        parts = urlsplit(joined)
    except ValueError:
        return ""
    if parts.scheme.lower() not in WEB or not parts.netloc or len(joined) > LONGEST_LINK:
        return ""
    return quote(joined, safe="%/:=&?~#+!$,;'@()*[]|{}^\\`\"<>") if " " in joined else joined
