"""Feeds as their standards want them, whatever headlines say; corrections in their places; stable names."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some
from lxml import etree

from subscriptions.feeds.atom import ATOM, write_atom
from subscriptions.feeds.document import Document, Telling, as_they_stand, urn
from subscriptions.feeds.json_feed import VERSION, write_json_feed
from tests.builders import NOON
from worker.watch.dates import read_date
from worker.watch.wire import read_feed

HERE = "https://alerts.example/topics/storms"


def a_telling(number: int = 1, **values: Any) -> Telling:
    given: dict[str, Any] = {
        "number": number,
        "corrects": (),
        "trace": f"trace{number}",
        "withdraws": False,
        "title": f"Storm {number}",
        "text": "Nobody was hurt.",
        "link": f"https://news.example/{number}",
        "image": "",
        "language": "en",
        "source_name": "Island Herald",
        "at": NOON + timedelta(minutes=number),
    }
    return Telling(**given | values)


def a_document(*tellings: Telling) -> Document:
    entries = as_they_stand(tellings)
    updated = max((entry.updated for entry in entries), default=NOON)
    return Document(urn("topic", 1), "Storms", HERE, f"{HERE}/feed.atom", updated, entries)


def read_atom(document: Document) -> etree._Element:
    return etree.fromstring(write_atom(document), etree.XMLParser(resolve_entities=False))


def texts(node: etree._Element, name: str) -> list[str]:
    return [each.text or "" for each in node.findall(f"{{{ATOM}}}{name}")]


def demands_of_rfc_4287(feed: etree._Element) -> None:
    """Check what RFC 4287 says a feed and its entries must and must not have."""
    assert feed.tag == f"{{{ATOM}}}feed"
    has_author = bool(feed.findall(f"{{{ATOM}}}author"))
    entries = feed.findall(f"{{{ATOM}}}entry")
    for node in [feed, *entries]:
        for once in ("id", "title", "updated"):  # 4.1.1, 4.1.2
            assert len(texts(node, once)) == 1
            assert texts(node, once)[0]
        assert str(UUID(texts(node, "id")[0].removeprefix("urn:uuid:")))  # 4.2.6: an IRI
        for date in (*texts(node, "updated"), *texts(node, "published")):  # 3.3: RFC 3339, upper case T and Z
            assert date[10] == "T"
            assert date[-1] == "Z"
            assert read_date(date) is not None
        links = node.findall(f"{{{ATOM}}}link")
        kinds = [(link.get("rel"), link.get("type")) for link in links]
        assert len(set(kinds)) == len(kinds)  # no two alternates of one type
        assert all(link.get("href") for link in links)  # 4.2.7.1
    for entry in entries:
        assert has_author or entry.findall(f"{{{ATOM}}}author")
        for at_most_once in ("content", "published", "summary"):
            assert len(texts(entry, at_most_once)) <= 1
        alternates = [link for link in entry.findall(f"{{{ATOM}}}link") if link.get("rel") == "alternate"]
        assert alternates or texts(entry, "content")  # 4.1.2
        for author in entry.findall(f"{{{ATOM}}}author"):
            assert len(texts(author, "name")) == 1  # 3.2.1
    names = [texts(entry, "id")[0] for entry in entries]
    assert len(set(names)) == len(names)


def demands_of_json_feed(written: bytes) -> None:
    """Check what JSON Feed 1.1 says a feed and its items must have."""
    feed = json.loads(written.decode())
    assert feed["version"] == VERSION
    assert feed["title"]
    for item in feed["items"]:
        assert isinstance(item["id"], str)
        assert item["id"]
        assert isinstance(item["content_text"], str)
        for date in (item["date_published"], item["date_modified"]):
            assert read_date(date) is not None
        assert all(author["name"] for author in item.get("authors", []))
    assert len({item["id"] for item in feed["items"]}) == len(feed["items"])


ANY = some.text(some.characters(codec=None), max_size=30)
LINKS = some.sampled_from(
    ["", "javascript:alert(1)", "https://n.example/a b", "https://n.example/ä?x=1&y=2", "http://n.example"]
)
FIELDS = some.fixed_dictionaries(
    {
        "title": ANY,
        "text": ANY,
        "source_name": ANY,
        "link": LINKS,
        "image": LINKS,
        "language": ANY | some.just("he"),
    }
)


@given(some.lists(FIELDS, max_size=4), some.booleans())
def test_whatever_headlines_say_the_feeds_are_well_formed_and_as_their_standards_demand(
    fields: list[dict[str, str]],
    withdraws: bool,  # noqa: FBT001 - Hypothesis draws it
) -> None:
    tellings = [a_telling(number, **each) for number, each in enumerate(fields, 1)]
    if tellings:
        tellings.append(a_telling(9, corrects=(1,), withdraws=withdraws, title="Right"))
    document = a_document(*tellings)
    demands_of_rfc_4287(read_atom(document))
    demands_of_json_feed(write_json_feed(document))


@pytest.mark.parametrize("write", [write_atom, write_json_feed])
def test_our_own_reader_reads_them(write: Any) -> None:
    document = a_document(a_telling(1), a_telling(2, title="Ships & 'harbours', 3 < 4", language="he"))
    feed = read_feed(write(document), url=HERE)
    second, first = feed.items
    assert (feed.title, feed.link) == ("Storms", HERE)
    assert (first.title, first.link, first.summary) == (
        "Storm 1",
        "https://news.example/1",
        "Nobody was hurt.",
    )
    assert first.published == NOON + timedelta(minutes=1)
    assert first.id == urn("alert", 1, "trace1")
    assert first.author == "Island Herald"
    assert second.title == "Ships & 'harbours', 3 < 4"
    assert second.language == "he"


def test_a_correction_takes_the_place_and_the_name_of_what_it_corrects() -> None:
    before = a_document(a_telling(1), a_telling(2))
    after = a_document(a_telling(1), a_telling(2), a_telling(3, corrects=(1,), title="Correction: calm"))
    assert [entry.name for entry in after.entries] == [entry.name for entry in before.entries]
    assert [entry.title for entry in after.entries] == ["Storm 2", "Correction: calm"]
    corrected = after.entries[1]
    assert (corrected.published, corrected.updated) == (
        NOON + timedelta(minutes=1),
        NOON + timedelta(minutes=3),
    )
    assert after.updated > before.updated
    again = a_document(
        *[a_telling(1), a_telling(3, corrects=(1,)), a_telling(4, corrects=(3,), title="Correction: fog")]
    )
    assert [entry.title for entry in again.entries] == ["Correction: fog"]


def test_what_was_withdrawn_says_so_and_leads_nowhere() -> None:
    document = a_document(
        a_telling(1), a_telling(2, corrects=(1,), withdraws=True, title="Withdrawn: Storm", text="No.")
    )
    (entry,) = document.entries
    assert (entry.title, entry.text, entry.link) == ("Withdrawn: Storm", "No.", "")


def test_names_are_the_same_for_ever() -> None:
    assert urn("alert", 1, "trace1") == "urn:uuid:a7de704d-357a-529e-a60d-b24056670d38"
