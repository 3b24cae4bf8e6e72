"""A feed as Atom (RFC 4287). Pure."""

from datetime import UTC, datetime

from lxml import etree

from subscriptions.feeds.document import Document, Entry

ATOM = "http://www.w3.org/2005/Atom"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MEDIA_TYPE = "application/atom+xml"


def write_atom(document: Document) -> bytes:
    """Write a feed as Atom, in UTF-8."""
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    _text(feed, "id", document.name)
    _text(feed, "title", document.title)
    _text(feed, "updated", instant(document.updated))
    _author(feed, document.author)
    _link(feed, "self", document.own_address, MEDIA_TYPE)
    _link(feed, "alternate", document.page, "text/html")
    for each in document.entries:
        _entry(feed, each)
    return etree.tostring(feed, xml_declaration=True, encoding="utf-8")


def instant(at: datetime) -> str:
    """Write an instant as RFC 3339 does."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _entry(feed: etree._Element, each: Entry) -> None:
    entry = etree.SubElement(feed, f"{{{ATOM}}}entry")
    if each.language:
        entry.set(LANG, each.language)
    _text(entry, "id", each.name)
    _text(entry, "title", each.title or "…")
    _text(entry, "published", instant(each.published))
    _text(entry, "updated", instant(each.updated))
    if each.source_name:
        _author(entry, each.source_name)
    if each.link:
        _link(entry, "alternate", each.link, "text/html")
        if each.text:
            _text(entry, "summary", each.text)
    else:  # one without a link needs content (RFC 4287, 4.1.2)
        _text(entry, "content", each.text or each.title or "…")


def _author(parent: etree._Element, name: str) -> None:
    _text(etree.SubElement(parent, f"{{{ATOM}}}author"), "name", name)


def _text(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}{name}").text = text


def _link(parent: etree._Element, relation: str, address: str, media_type: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}link", rel=relation, type=media_type, href=address)
