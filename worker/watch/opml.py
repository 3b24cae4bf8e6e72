"""Lists of feeds: OPML 1.0 to 2.0, and plain lists of URLs. Pure.

Of 59 public OPML lists looked at, 40 are not well-formed XML, most by a bare "&" in an address: so tags are
read one by one, and what is between them does not matter. Format: http://opml.org/spec2.opml
"""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from worker.watch.document import decode

COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
OUTLINE = re.compile(r"(?:[\w.-]{1,40}:)?outline\b", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""(?:^|\s)([\w:.-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)')""")
# Only what ends in ";": "&copy=2" in an address is a parameter, no sign.
REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
CONTROL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed in a list; `folder` is the path of the outlines around it, outermost first."""

    title: str
    url: str
    site: str = ""
    folder: tuple[str, ...] = ()


def read_outlines(document: bytes) -> list[Outline]:
    """Read the feeds of a list, each address once, in order; empty where it names none."""
    text = COMMENT.sub("", decode(document))
    found = _outlines(text) if "<" in text else _lines(text)
    return list({outline.url: outline for outline in reversed(found)}.values())[::-1]


def _outlines(text: str) -> list[Outline]:
    found: list[Outline] = []
    around: list[str] = []
    for piece in text.split("<"):
        if piece.startswith("/") and OUTLINE.match(piece, 1):
            del around[-1:]
        elif name := OUTLINE.match(piece):
            tag = piece[name.end() :].rpartition(">")[0]
            given = {key.lower(): _plain(one or other) for key, one, other in ATTRIBUTE.findall(tag)}
            title = given.get("title") or given.get("text", "")
            if url := given.get("xmlurl", ""):
                folder = tuple(name for name in around if name)
                found.append(Outline(title, url, given.get("htmlurl", ""), folder))
            if not tag.rstrip().endswith("/"):
                around.append("" if given.get("xmlurl") else title)
    return found


def _plain(value: str) -> str:
    return " ".join(REFERENCE.sub(lambda found: html.unescape(found[0]), value).split())


def _lines(text: str) -> list[Outline]:
    lines = [line.strip() for line in text.splitlines()]
    urls = [line for line in lines if line and not line.startswith("#")]
    return [Outline("", url) for url in urls] if any("://" in url for url in urls) else []


def write_outlines(outlines: Iterable[Outline], title: str) -> bytes:
    """Write a list as OPML 2.0, which `read_outlines` reads back."""
    body = "\n".join(_written(list(outlines), depth=0))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n'
        f"<head><title>{escape(CONTROL.sub('', title))}</title></head>\n<body>\n{body}\n</body>\n</opml>\n"
    ).encode()


def _written(outlines: Sequence[Outline], depth: int) -> Iterable[str]:
    folders: dict[str, list[Outline]] = {}
    for outline in outlines:
        if len(outline.folder) > depth:
            folders.setdefault(outline.folder[depth], []).append(outline)
            continue
        site = f" htmlUrl={_quoted(outline.site)}" if outline.site else ""
        name = _quoted(outline.title or outline.url)
        yield f'<outline type="rss" text={name} xmlUrl={_quoted(outline.url)}{site}/>'
    for folder, inside in folders.items():
        yield f"<outline text={_quoted(folder)}>"
        yield from _written(inside, depth + 1)
        yield "</outline>"


def _quoted(value: str) -> str:
    return quoteattr(CONTROL.sub("", value))
