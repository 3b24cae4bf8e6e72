"""Reading RSS 0.90 to 2.0 and Atom 0.3 and 1.0, with the modules newsrooms use. Pure.

Elements are asked for by short names such as "dc:date", whatever prefix or version of a namespace the
document uses; core names of RSS and Atom have no prefix, since publishers mix the two.
"""

import base64
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urljoin

from lxml import etree

from subscriptions.queries.media_topics import tagged_code
from worker.watch.dates import read_date
from worker.watch.feed import Feed, Item, NotAFeed
from worker.watch.plain import clean, plain, structure, web_link

PREFIXES = {
    "http://purl.org/dc/elements": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://search.yahoo.com/mrss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/xml/1998/namespace": "xml",
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns": "atom",
    "http://purl.org/rss/1.0/modules/slash": "slash",
    "http://purl.org/rss/1.0/modules/syndication": "sy",
}
CORE = (
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com",
    "http://channel.netscape.com",
    "http://backend.userland.com/rss",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://cyber.law.harvard.edu/rss",
)
XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
MARKUP_TYPES = ("html", "text/html", "application/xhtml+xml", "xhtml")
DEEPEST = 40  # elements above an item; real feeds have three


class Element:
    """One element with its children by short name."""

    __slots__ = ("base", "children", "node")

    def __init__(self, node: etree._Element, base: str) -> None:
        self.node = node
        self.base = _joined(base, node.get(XML_BASE, ""))
        self.children: dict[str, list[etree._Element]] = {}
        for child in node:
            self.children.setdefault(short_name(child), []).append(child)

    def all(self, *names: str) -> Iterator[etree._Element]:
        """Give the children of these names, those of the first name first."""
        for name in names:
            yield from self.children.get(name, ())

    def text(self, *names: str) -> str:
        """Give the first text that is not empty among the children of these names, as markup."""
        return next((found for child in self.all(*names) if (found := markup(child).strip())), "")

    def date(self, *names: str) -> datetime | None:
        """Give the first date that can be read."""
        return next((found for child in self.all(*names) if (found := read_date(_plain_text(child)))), None)


def read_xml_feed(root: etree._Element, url: str, *, cut_off: bool = False) -> Feed:
    """Read a feed's tree; where the document was cut off, the half element at its end is left out."""
    channel = _channel(root, url)
    language = (
        clean(channel.text("language", "dc:language"))
        or root.get(XML_LANG, "")
        or channel.node.get(XML_LANG, "")
    )
    nodes = list(_item_nodes(root))
    if cut_off and nodes and not _whole(nodes[-1]):
        nodes.pop()
    if cut_off and not nodes:
        raise NotAFeed("The document is cut off before its first whole item.")
    url = url or _link(channel)
    items = tuple(_item(Element(node, _base(node, url)), language) for node in nodes)
    return Feed(
        title=plain(channel.text("title", "dc:title", "itunes:title", "media:title")),
        link=_link(channel),
        language=language,
        items=items,
        hubs=tuple(_hrefs(channel, "hub")),
        self_url=next(_hrefs(channel, "self"), ""),
    )


def short_name(node: etree._Element) -> str:
    """Give an element's name: "title", "dc:date"; other namespaces keep the prefix the document gave them."""
    tag = str(node.tag)
    if not tag.startswith("{"):
        prefix, _colon, local = tag.rpartition(":")
        prefix = "" if prefix in ("atom", "rss", "a") else prefix
        return f"{prefix.lower()}:{local.lower()}" if prefix else tag.lower().rpartition(":")[2]
    namespace, _brace, local = tag[1:].partition("}")
    lowered = namespace.lower()
    for start, prefix in PREFIXES.items():
        if lowered.startswith(start):
            return local.lower() if prefix == "atom" else f"{prefix}:{local.lower()}"
    if lowered.startswith(CORE):
        return local.lower()
    prefix = str(node.prefix or "")
    return f"{prefix.lower()}:{local.lower()}" if prefix else local.lower()


def _channel(root: etree._Element, url: str) -> Element:
    base = _joined(url, root.get(XML_BASE, ""))
    for child in root:
        if short_name(child) == "channel":
            return Element(child, base)
    return Element(root, url)


def _item_nodes(root: etree._Element) -> Iterator[etree._Element]:
    """Walk to the items wherever they stand; an item inside an item is part of it."""
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        if short_name(node) in ("item", "entry"):
            yield node
        elif depth < DEEPEST:
            waiting += [(child, depth + 1) for child in reversed(node)]


def _base(node: etree._Element, url: str) -> str:
    above = [ancestor.get(XML_BASE, "") for ancestor in node.iterancestors()]
    base = url
    for part in reversed(above):
        base = _joined(base, part)
    return base


def _joined(base: str, part: str) -> str:
    try:
        return urljoin(base, part.strip()) if part.strip() else base
    except ValueError:
        return base


def _whole(node: etree._Element) -> bool:
    """Drop the element the cut went through, and say whether what is left of the item names it."""
    if len(node):
        node.remove(node[-1])
    left = {short_name(child) for child in node}
    return "title" in left and bool(left & {"guid", "id", "link"})


def _item(item: Element, language: str) -> Item:
    identity = (
        clean(_plain_text_of(item, "guid", "id", "dc:identifier")) or item.node.get(RDF_ABOUT, "").strip()
    )
    content = item.text("content:encoded", "content", "xhtml:body", "body", "fullitem")
    summary = item.text("summary", "description", "dc:description", "dcterms:abstract", "itunes:summary")
    summary = summary or item.text("abstract", "tagline", "itunes:subtitle", "media:description")
    published = item.date(
        "pubdate", "published", "issued", "dcterms:issued", "dc:date", "created", "dcterms:created"
    )
    updated = item.date("updated", "modified", "dcterms:modified", "atom:updated", "lastbuilddate")
    return Item(
        id=identity,
        link=_link(item) or _permalink(item),
        title=_title(item),
        summary=plain(summary or content) or _media(item, "media:description"),
        summary_markup=structure(summary or content),
        body=plain(content),
        published=published or updated or item.date("date", "dcterms:date", "dcterms:available"),
        updated=updated,
        language=clean(item.text("language", "dc:language")) or item.node.get(XML_LANG, "") or language,
        tags=tuple(_tags(item)),
        author=_author(item),
        image=_image(item),
    )


def markup(node: etree._Element) -> str:
    """Give an element's content as one piece of markup: text as it stands, inline XHTML as tags.

    Atom's type says whether text is markup; plain text is escaped, so that `a < b` stays.
    """
    kind = node.get("type", "").strip().lower()
    if len(node) and str(node.get("mode", "")).lower() != "escaped":
        inner = [_escaped(node.text or "")] + [_serialized(child) for child in node]
        return "".join(inner)
    text = _unpacked("".join(str(part) for part in node.itertext()), node)
    is_atom_text = short_name(node) in ("title", "summary", "subtitle", "rights") and kind in (
        "text",
        "text/plain",
    )
    return _escaped(text) if is_atom_text else text


def _unpacked(text: str, node: etree._Element) -> str:
    """Undo base64, which Atom 0.3 names by mode and Atom 1.0 by a type that is no text."""
    kind, mode = node.get("type", "").strip().lower(), node.get("mode", "").strip().lower()
    if (mode != "base64" and kind in ("", "text", "html", "xhtml")) or (
        kind.startswith("text/") and mode != "base64"
    ):
        return text
    try:
        return base64.b64decode(text, validate=False).decode("utf-8") if _is_base64(text) else text
    except (ValueError, UnicodeDecodeError):
        return text


def _is_base64(text: str) -> bool:
    return bool(text.strip()) and re.fullmatch(r"[A-Za-z0-9+/\s]+={0,2}\s*", text) is not None


def _serialized(child: etree._Element) -> str:
    return etree.tostring(child, encoding="unicode", with_tail=True)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain_text(node: etree._Element) -> str:
    return "".join(str(part) for part in node.itertext()).strip()


def _plain_text_of(item: Element, *names: str) -> str:
    return next((found for child in item.all(*names) if (found := _plain_text(child))), "")


def _title(item: Element) -> str:
    return plain(item.text("title", "dc:title", "itunes:title")) or _media(item, "media:title")


def _media(item: Element, name: str) -> str:
    if own := item.text(name):
        return plain(own)
    for node in item.all("media:group", "media:content"):
        inner = Element(node, item.base)
        if found := inner.text(name):
            return plain(found)
    return ""


def _link(element: Element) -> str:
    """Find the page: Atom's alternate link, HTML before others, or RSS's text."""
    best = ""
    for node in element.all("link", "url"):
        href, kind = node.get("href"), node.get("type", "text/html").lower()
        relation = node.get("rel", "alternate").lower()
        found = web_link(
            _plain_text(node) if href is None else href, _joined(element.base, node.get(XML_BASE, ""))
        )
        if found and relation == "alternate":
            if kind in MARKUP_TYPES or href is None:
                return found
            best = best or found
    return best


def _permalink(item: Element) -> str:
    for node in item.all("guid"):
        if node.get("isPermaLink", node.get("ispermalink", "true")).strip().lower() != "false":
            return web_link(_plain_text(node))
    about = web_link(item.node.get(RDF_ABOUT, ""))
    return about or next(
        (found for node in item.all("feedburner:origlink") if (found := web_link(_plain_text(node)))), ""
    )


def _hrefs(element: Element, relation: str) -> Iterator[str]:
    for node in element.all("link"):
        if node.get("rel", "").lower() == relation and (
            found := web_link(node.get("href", ""), element.base)
        ):
            yield found


def _tags(item: Element) -> Sequence[str]:
    found: dict[str, None] = {}
    for node in item.all("category", "dc:subject", "media:category"):
        text = node.get("label") or _plain_text(node) or node.get("term") or ""
        code = _media_topic(node)
        if (tag := plain(text)) and not (code and tag.endswith(code)):
            found.setdefault(tag)
        if code:
            found.setdefault(f"medtop:{code}")
    for keywords in (*item.all("itunes:keywords"), *item.all("media:keywords")):
        for word in _plain_text(keywords).split(","):
            if tag := clean(word):
                found.setdefault(tag)
    return list(found)


def _media_topic(node: etree._Element) -> str:
    """Find IPTC's code where a category's value, or its scheme with its value, names a media topic."""
    value = node.get("term") or _plain_text(node)
    scheme = node.get("scheme") or node.get("domain") or ""
    spellings = (value, scheme + value, f"{scheme}/{value}", f"{scheme}:{value}")
    return next(filter(None, map(tagged_code, spellings)), "")


def _author(item: Element) -> str:
    for node in item.all("author", "dc:creator", "itunes:author", "creator"):
        inner = Element(node, item.base)
        if name := plain(inner.text("name")) or ("" if len(node) else plain(_plain_text(node))):
            return name
    return ""


def _image(item: Element) -> str:
    for node in (*item.all("media:thumbnail", "media:content", "enclosure"), *_grouped(item)):
        kind = node.get("type", "")
        pictures = (
            short_name(node) == "media:thumbnail"
            or kind.startswith("image/")
            or node.get("medium") == "image"
        )
        if pictures and (found := web_link(node.get("url", ""), item.base)):
            return found
    return next((found for node in item.all("itunes:image") if (found := web_link(node.get("href", "")))), "")


def _grouped(item: Element) -> Iterator[etree._Element]:
    for group in item.all("media:group", "media:content"):
        for child in group:
            if short_name(child) in ("media:thumbnail", "media:content"):
                yield child
