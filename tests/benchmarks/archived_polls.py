"""Archived polls of real feeds, read by simple means of our own: lxml and the first child of each name."""

import gzip
import json
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from lxml import etree


@dataclass(frozen=True, slots=True)
class Poll:
    """A document as its source served it at a time."""

    source: str
    at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """An item, read simply."""

    guid: str
    link: str
    title: str
    published: datetime | None

    @property
    def keys(self) -> set[str]:
        """By what it is known again: its guid and its link."""
        return {f"guid {self.guid}" if self.guid else "", f"link {self.link}" if self.link else ""} - {""}


def read_polls(corpus: Path, window: str = "") -> list[Poll]:
    """Read the archived polls, in the order of their times; a window of a source is a source of its own."""
    root = corpus / "feeds" / "polls" / "gesab001"
    with gzip.open(root / "polls.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    wanted = [row for row in rows if row["window"].startswith(window)]
    polls = []
    for archive in sorted({row["archive"] for row in wanted}):
        with tarfile.open(root / archive) as documents:
            for row in (row for row in wanted if row["archive"] == archive):
                member = documents.extractfile(row["file"])
                body = member.read() if member else b""
                at = datetime.fromisoformat(row["poll_time"])
                polls.append(Poll(archive.removesuffix(".tar.xz"), at, body))
    return sorted(polls, key=lambda poll: (poll.at, poll.source))


def read_items(body: bytes) -> list[Item]:
    """Read a document's items: first child of each name, nothing else."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    tree = etree.fromstring(body, parser) if body.strip() else None
    if tree is None:
        return []
    return [_item(node) for node in tree.iter() if _name(node) in ("item", "entry")]


def _item(node: Any) -> Item:
    found: dict[str, str] = {}
    for child in node:
        text = (child.get("href") or "".join(child.itertext())) if _name(child) else ""
        found.setdefault(_name(child), text.strip())
    published = found.get("pubDate") or found.get("published") or ""
    title = " ".join(found.get("title", "").split())
    return Item(found.get("guid") or found.get("id", ""), found.get("link", ""), title, _date(published))


def _name(node: Any) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def _date(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text)
        except (ValueError, TypeError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None
