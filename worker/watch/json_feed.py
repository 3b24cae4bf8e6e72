"""Reading JSON Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/). Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

from worker.watch.dates import read_date
from worker.watch.feed import Feed, Item, NotAFeed
from worker.watch.plain import clean, plain, structure, web_link

NO_LETTER = re.compile(r"[\0\ud800-\udfff]")  # JSON can write them, a database cannot


def read_json_feed(text: str, url: str) -> Feed:
    """Read a JSON Feed; raises NotAFeed for other JSON."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAFeed("It begins like JSON, and is cut off or broken.") from None
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        raise NotAFeed("It is JSON of another kind, no JSON Feed: it has no list of items.")
    link = web_link(_text(document, "home_page_url"), url)
    language = _text(document, "language")
    items = (_item(item, link or url, language) for item in document["items"] if isinstance(item, dict))
    hubs = (_text(hub, "url") for hub in _list(document, "hubs") if isinstance(hub, dict))
    return Feed(
        title=clean(_text(document, "title")),
        link=link,
        language=language,
        items=tuple(items),
        hubs=tuple(hub for hub in hubs if hub),
        self_url=web_link(_text(document, "feed_url"), url),
    )


def _item(item: Mapping[str, Any], base: str, language: str) -> Item:
    content = plain(_text(item, "content_html")) or clean(_text(item, "content_text"))
    return Item(
        id=clean(_text(item, "id")),
        link=web_link(_text(item, "url"), base) or web_link(_text(item, "external_url"), base),
        title=plain(_text(item, "title")),
        summary=plain(_text(item, "summary")) or content,
        summary_markup=structure(_text(item, "summary") or _text(item, "content_html")) or content,
        body=content,
        published=read_date(_text(item, "date_published")) or read_date(_text(item, "date_modified")),
        updated=read_date(_text(item, "date_modified")),
        language=_text(item, "language") or language,
        tags=tuple(clean(tag) for tag in _list(item, "tags") if isinstance(tag, str) and tag.strip()),
        author=_author(item),
        image=web_link(_text(item, "image") or _text(item, "banner_image"), base),
    )


def _author(item: Mapping[str, Any]) -> str:
    people = _list(item, "authors") or [item.get("author")]
    return ", ".join(clean(_text(person, "name")) for person in people if isinstance(person, dict))


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    return NO_LETTER.sub("", str(value))


def _list(record: Mapping[str, Any], name: str) -> list[Any]:
    value = record.get(name)
    return value if isinstance(value, list) else []
