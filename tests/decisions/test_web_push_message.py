"""What a web push says: fits into a push, in any script, and knows its direction."""

import json
import string
import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.builders import NOON
from worker.push.aes128gcm import ROOM
from worker.push.compose import Message
from worker.push.direction import direction
from worker.push.web_push_message import arguments, collapse_key, payload

ANY = st.text(st.characters(codec=None), max_size=40).flatmap(
    lambda part: st.integers(0, 200).map(lambda times: part * times)
)
FAMILY = "👩\u200d👩\u200d👧\u200d👦"


def said(**fields: str) -> dict[str, str]:
    plaintext = payload(fields)
    assert len(plaintext) <= ROOM
    read: dict[str, str] = json.loads(plaintext.decode())
    return read


@given(st.dictionaries(st.sampled_from(["title", "text", "note", "link", "image", "language", "tag"]), ANY))
@example({"title": "\x00" * 5000, "text": "\x00" * 5000, "link": "\x00" * 300, "note": '"' * 5000})
@example({"title": "\ud800" * 9000})
@example({"title": FAMILY * 2000, "text": "नि" * 3000})
def test_any_message_in_any_script_fits_a_push(fields: dict[str, str]) -> None:
    read = said(**fields)
    for name, value in fields.items():
        kept, whole = read.get(name, ""), value.encode("utf-8", "replace").decode()
        if name in ("title", "text", "note") and kept.endswith("…"):
            assert not whole or whole.strip().startswith(kept.removesuffix("…").strip())
        elif name in ("title", "text", "note"):
            assert whole.strip().startswith(kept.strip())  # cut after a sentence, it has no ellipsis
        elif kept:
            assert kept in (whole, whole.strip())


@given(
    st.text(min_size=3000, max_size=5000, alphabet=string.ascii_letters + " ")
    | st.just(FAMILY * 400)
    | st.just("नि" * 3000)
)
def test_a_long_text_is_cut_as_late_as_possible_and_never_within_a_letter(text: str) -> None:
    read = said(title="Storm", text=text * 2, link="https://n.example/1")
    kept = read["text"].removesuffix("…")
    assert (text * 2).strip().startswith(kept)
    rest = (text * 2).strip()[len(kept) :]
    assert rest[0] != "\u200d"
    assert not kept.endswith("\u200d")
    assert unicodedata.category(rest[0])[0] != "M"
    assert len(payload(read)) > ROOM * 0.45  # a text without spaces may be cut to half by the end of a word


def test_a_text_gives_way_before_the_note_and_the_title() -> None:
    long = "word " * 2000
    read = said(title="Storm", text=long, note="Herald · You follow Storms", link="https://n.example/1")
    assert read["title"] == "Storm"
    assert read["note"] == "Herald · You follow Storms"
    assert read["text"].endswith("word…")
    read = said(title=long, text=long, note=long)
    assert set(read) == {"title"}
    assert read["title"].endswith("word…")


def test_a_text_that_just_fits_is_whole_and_one_letter_more_is_cut() -> None:
    room = ROOM - len(payload({"title": "Storm", "text": "a"})) + 1
    for length in range(room - 10, room + 11):
        assert said(title="Storm", text="a" * length)["text"].endswith("a" if length <= room else "…")


def test_an_address_is_whole_or_left_out() -> None:
    whole = "https://n.example/" + "a" * 2030
    assert said(title="Storm", link=whole)["link"] == whole
    assert "link" not in said(title="Storm", link=whole + "a")
    assert "image" not in said(title="Storm", image="https://n.example/" + "a" * 1024)


def test_what_is_empty_is_left_out() -> None:
    assert said(title="Storm", text="", link="", image="", note="") == {"title": "Storm"}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("he", "Storm", "rtl"),
        ("he-IL", "", "rtl"),
        ("iw", "", "rtl"),
        ("AR", "", "rtl"),
        ("fa", "", "rtl"),
        ("ur_PK", "", "rtl"),
        ("yi", "", "rtl"),
        ("az-Arab", "", "rtl"),
        ("he-Latn", "Shalom", "ltr"),
        ("en", "Storm in חיפה", "ltr"),
        ("en", "חיפה: storm", "rtl"),
        ("", "123 (!) עזה", "rtl"),
        ("", "١٢٣ عاصفة", "rtl"),
        ("", "嵐", "ltr"),
        ("", "123 !", "ltr"),
        ("", "", "ltr"),
    ],
)
def test_a_message_runs_as_its_language_or_its_first_letter(language: str, text: str, expected: str) -> None:
    assert direction(language, text) == expected


@given(st.text(max_size=300))
def test_a_collapse_key_is_one_a_push_service_takes(thread: str) -> None:
    key = collapse_key(thread)
    assert len(key) == (32 if thread else 0)
    assert set(key) <= set(string.ascii_letters + string.digits + "-_")


def test_the_messages_of_a_story_share_a_collapse_key_and_no_others() -> None:
    assert len({collapse_key(f"story-{number}") for number in range(1000)}) == 1000
    assert collapse_key("story-1") == collapse_key("story-1")


def test_the_plugin_is_told_how_a_message_is_to_be_handled() -> None:
    message = Message(
        "סערה", "בחיפה", "https://n.example/1", "Herald", image="https://n.example/1.jpg", language="he",
        thread="story-7", story=7, urgent=True, expires_at=NOON + timedelta(seconds=600),
    )  # fmt: skip
    expected: dict[str, Any] = {
        "ttl": 600,
        "urgency": "high",
        "topic": collapse_key("story-7"),
        "tag": collapse_key("story-7"),
        "link": "https://n.example/1",
        "image": "https://n.example/1.jpg",
        "language": "he",
        "direction": "rtl",
        "note": "Herald",
        "story": "7",
        "receipt": "",
        "withdraws": "",
    }
    assert arguments(message, NOON) == expected
    assert arguments(replace(message, withdraws=True), NOON)["withdraws"] == "yes"
    assert arguments(replace(message, receipt="MQ.x"), NOON)["receipt"] == "MQ.x"
    assert arguments(Message("Calm"), NOON)["urgency"] == "normal"
