"""Lists of feeds that admins bring along."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from lxml import etree

from worker.watch.opml import Outline, read_outlines, write_outlines

LIST = b"""<?xml version="1.0"?><opml version="1.0"><head><title>Mine</title></head><body>
<outline text="News"><!-- <outline xmlUrl="http://hidden.example/"/> -->
  <outline text="World">
    <outline TITLE="Island &amp; Sea" xmlURL='http://news.example/feed?a=1&copy=2&amp;b=3' htmlUrl="http://news.example/"/>
  </outline>
  <outline text="Twice" xmlUrl="http://twice.example/"></outline>
  <outline text="Again" xmlUrl="http://twice.example/"/>
</outline>
<outline text="Loose" xmlUrl="http://loose.example/"/>
</body></opml>"""


def test_folders_bare_ampersands_and_names_in_any_case_are_read() -> None:
    assert read_outlines(LIST) == [
        Outline(
            "Island & Sea",
            "http://news.example/feed?a=1&copy=2&b=3",
            "http://news.example/",
            ("News", "World"),
        ),
        Outline("Twice", "http://twice.example/", "", ("News",)),
        Outline("Loose", "http://loose.example/"),
    ]


def test_a_plain_list_of_addresses_is_read() -> None:
    text = b"# mine\nhttps://one.example/feed\n\n https://two.example/feed \nnonsense\n"
    assert [outline.url for outline in read_outlines(text)] == [
        "https://one.example/feed",
        "https://two.example/feed",
        "nonsense",
    ]


@pytest.mark.parametrize("document", [b"", b"garbage", b"<html><body>No list</body></html>", b"\x00\xff<"])
def test_what_names_no_feed_is_empty(document: bytes) -> None:
    assert read_outlines(document) == []


# U+FFFE and U+FFFF are no characters of XML; white space is folded.
letters = some.characters(
    exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="\ufffe\uffff"
)
words = some.text(letters, min_size=1, max_size=20)
feeds = some.builds(Outline, words, words, words | some.just(""), some.lists(words, max_size=3).map(tuple))


@given(some.lists(feeds, max_size=6, unique_by=lambda one: one.url))
def test_what_is_written_is_well_formed_and_reads_back(outlines: list[Outline]) -> None:
    document = write_outlines(outlines, "Tocsin's sources")
    etree.fromstring(document)
    assert set(read_outlines(document)) == set(outlines)


@pytest.mark.timeout(60)  # in linear time it is milliseconds, in quadratic time many minutes
def test_a_hostile_list_does_no_harm() -> None:
    for document in (
        b"<outline " * 200_000,
        b"<!--" * 200_000,
        b'<outline a="' + b"=" * 500_000,
        b"&" * 500_000,
    ):
        assert list(read_outlines(document)) == []


def test_public_lists_yield_all_their_feeds() -> None:
    corpus = os.environ.get("TOCSIN_CORPUS")
    if not corpus:
        pytest.skip("TOCSIN_CORPUS does not name the folder of public samples")
    folder = Path(corpus) / "opml"
    for line in (folder / "index.jsonl").read_text().splitlines():
        case = json.loads(line)
        expected = case.get("distinct_feeds", case.get("feeds_by_pattern"))
        found = read_outlines((folder.parent / case["case"]).read_bytes())
        if "distinct_feeds" in case:
            assert len(found) == expected, case["case"]
        else:
            assert expected * 0.9 <= len(found) <= expected, case["case"]
        for subscription in case.get("expected_subscriptions", []):
            assert subscription["FeedURL"] in [outline.url for outline in found]
