"""From bytes to a tree: which encoding, which letters, and what to do about broken markup. Pure.

The document type is cut off before parsing, so that the parser knows no entity, let alone fetches one; short
plain ones of its own are put in by us.
"""

import codecs
import html.entities
import re
from collections.abc import Iterator, Mapping

from lxml import etree

from worker.watch.feed import NotAFeed

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The first letters of "<?xml" or "<rss" show UTF-16 and UTF-32 without a mark, and EBCDIC (XML 1.0, F).
SHAPES = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
# What publishers say, and what they mean (WHATWG Encoding): the right-hand ones hold more letters.
MEANT = {
    "iso-8859-1": "windows-1252",
    "iso8859-1": "windows-1252",
    "latin-1": "windows-1252",
    "latin1": "windows-1252",
    "us-ascii": "windows-1252",
    "ascii": "windows-1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "iso-8859-9": "windows-1254",
    "iso-8859-8-i": "iso-8859-8",
    "tis-620": "cp874",
    "big5": "big5hkscs",
    "x-mac-roman": "mac_roman",
    "utf-16": "utf-16",
    "ucs-2": "utf-16",
}
WESTERN = "windows-1252"
# Python's own, which no publisher means; punycode takes quadratic time.
NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}
DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([\w.:-]{1,40})""")
CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REFERENCE = re.compile(r"&(?:#(\d{1,9})|#[xX]([0-9a-fA-F]{1,8})|([A-Za-z][A-Za-z0-9]{1,31}))(;?)|&")
XML_NAMES = {"lt", "gt", "amp", "quot", "apos"}
HTML_PAGE = re.compile(r"<(?:html|head|body)\b", re.IGNORECASE)
ENTITY = re.compile(r"""<!ENTITY\s+([A-Za-z][\w.-]{0,40})\s+(?:"([^"&%<]{0,200})"|'([^'&%<]{0,200})')\s*>""")
UNQUOTED = re.compile(r"""(\s[\w:.-]{1,60})\s*=\s*([^\s"'<>=]{1,2000})(?=[\s>])""")
OPENING = re.compile(r"<[A-Za-z][^<>]{0,4000}>")
FEED_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(rss|rdf|feed|channel)[\s>/]", re.IGNORECASE)
LONGEST_ATTRIBUTES = 20_000  # characters of one tag: more would stall a parser


def read_tree(document: bytes, content_type: str) -> tuple[etree._Element, bool]:
    """Parse a document forgivingly; say whether it was cut off in the middle. Raises NotAFeed."""
    text = decode(document, content_type)
    root = FEED_ROOT.search(text)
    if root is None:
        raise NotAFeed(_what_else(text))
    page = HTML_PAGE.search(text)
    if page is not None and page.start() < root.start():
        raise NotAFeed(_what_else(text))
    own = {name: double or single for name, double, single in ENTITY.findall(text[: root.start()])}
    text = _well_formed(text[root.start() :], own)
    closed = re.search(rf"</(?:[\w.-]{{1,40}}:)?{root[1]}\b", text[-2000:], re.IGNORECASE)
    return _parse(text), closed is None


def decode(document: bytes, content_type: str = "") -> str:
    """Decode a document: its mark first, else what the server, the declaration and the bytes say, in turn."""
    for encoding in _encodings(document, content_type):
        try:
            if codecs.lookup(encoding).name in NO_CHARSETS:
                continue
            text = document.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        return text.lstrip("\ufeff")
    return document.decode("utf-8", "replace")


def _encodings(document: bytes, content_type: str) -> Iterator[str]:
    for mark, encoding in MARKS:
        if document.startswith(mark):
            yield encoding
            break
    else:
        for shape, encoding in SHAPES:
            if document.startswith(shape):
                yield encoding
    served = CHARSET.search(content_type)
    declared = DECLARED.match(document[:400])
    names = [served[1] if served else "", declared[1].decode() if declared else ""]
    for name in names:
        meant = MEANT.get(name.lower(), name)
        if meant == WESTERN:
            yield "utf-8"  # often only said by habit; what is Western text by chance never is UTF-8
        if meant:
            yield meant
    yield "utf-8"
    yield "windows-1252"
    yield "latin-1"


def _well_formed(text: str, own: Mapping[str, str]) -> str:
    """Mend what XML parsers stop at: forbidden letters, HTML's names of letters, bare ampersands."""

    def reference(found: re.Match[str]) -> str:
        return _escaped(own[found[3]]) if found[3] in own else _reference(found)

    mended = (
        part if part.startswith("<![CDATA[") else REFERENCE.sub(reference, part)
        for part in _around_cdata(_without_long_tags(text))
    )
    return FORBIDDEN.sub("", "".join(mended))


def _around_cdata(text: str) -> Iterator[str]:
    """Split a text into CDATA sections and what is between them."""
    position = 0
    while (start := text.find("<![CDATA[", position)) >= 0 and (end := text.find("]]>", start)) >= 0:
        yield text[position:start]
        yield text[start : end + 3]
        position = end + 3
    yield text[position:]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _reference(found: re.Match[str]) -> str:
    decimal, hexadecimal, name, end = found.groups()
    if decimal or hexadecimal:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        return _letter(code) if end else "&amp;" + found[0][1:]
    if name in XML_NAMES and end:
        return found[0]
    letters = html.entities.html5.get(f"{name};") if name and end else None
    if letters is None:
        return "&amp;" + found[0][1:]
    return _escaped(letters)


def _letter(code: int) -> str:
    if 0x80 <= code <= 0x9F:  # noqa: PLR2004 - meant as windows-1252, as browsers read it
        return bytes([code]).decode("windows-1252", "ignore")
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF or FORBIDDEN.match(chr(code)):  # noqa: PLR2004 - no letter
        return ""
    return f"&#{code};"


def _without_long_tags(text: str) -> str:
    if len(text) < LONGEST_ATTRIBUTES or not re.search(rf"<\w[^<>]{{{LONGEST_ATTRIBUTES}}}", text):
        return text
    return re.sub(rf"<([\w:.-]{{1,100}})[^<>]{{{LONGEST_ATTRIBUTES},}}(/?)>", r"<\1\2>", text)


def _parse(text: str) -> etree._Element:
    for recover in (False, True):
        data = (_quoted(text) if recover else text).encode("utf-8", "ignore")
        parser = etree.XMLParser(
            encoding="utf-8",
            recover=recover,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
            huge_tree=False,
        )
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError:
            continue
        if root is not None:
            return root
    raise NotAFeed("It looks like a feed, but its XML is too broken to read.")


def _quoted(text: str) -> str:
    """Put quotes around attribute values that lack them."""
    return OPENING.sub(lambda tag: UNQUOTED.sub(r'\1="\2"', tag[0]), text)


def _what_else(text: str) -> str:
    start = text.lstrip()[:2000]
    if not start:
        return "The document is empty."
    if HTML_PAGE.search(start) or start[:14].lower() == "<!doctype html":
        return "It is an HTML page, no feed."
    if start.startswith("<"):
        name = re.search(r"<([A-Za-z][\w:.-]{0,40})", start)
        return f"It is XML of another kind (<{name[1]}>), no feed." if name else "It is broken XML, no feed."
    return "It is neither RSS, Atom nor JSON Feed."
