"""A feed as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/). Pure."""

import json
from typing import Any

from subscriptions.feeds.atom import instant
from subscriptions.feeds.document import Document, Entry

MEDIA_TYPE = "application/feed+json"
VERSION = "https://jsonfeed.org/version/1.1"


def write_json_feed(document: Document) -> bytes:
    """Write a feed as JSON, in UTF-8."""
    said = {
        "version": VERSION,
        "title": document.title,
        "home_page_url": document.page,
        "feed_url": document.own_address,
        "authors": [{"name": document.author}],
        "items": [_item(each) for each in document.entries],
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _item(each: Entry) -> dict[str, Any]:
    said = {
        "id": each.name,
        "url": each.link,
        "title": each.title,
        "content_text": each.text or each.title,
        "image": each.image,
        "date_published": instant(each.published),
        "date_modified": instant(each.updated),
        "authors": [{"name": each.source_name}] if each.source_name else [],
        "language": each.language,
    }
    return {name: value for name, value in said.items() if value or name == "content_text"}
