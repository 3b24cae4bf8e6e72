"""`tocsin topics import|export`: topics in a file, all or none."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.database import unit_of_work
from subscriptions.tables import TopicRevision
from subscriptions.topic_file import Kind, Listed, read_listed, write_listed
from tests.builders import a_topic
from tests.commands import a_sentence, done, tocsin

pytestmark = pytest.mark.usefixtures("db")

STORMS: dict[str, str] = {"slug": "storms", "name": "Storms at sea", "query": 'storm* AND "high water"'}
FLOODS: dict[str, str] = {"slug": "floods", "query": "flood*", "rings": "after_approval", "status": "draft"}


def a_file(tmp_path: Path, *topics: Any) -> Path:
    file = tmp_path / "topics.json"
    file.write_text(json.dumps({"topic": topics}))
    return file


def stored() -> dict[str, dict[str, Any]]:
    """The topics that are there, without their ids and times."""
    keys = ("name", "query", "rings", "status")
    return {row["slug"]: {key: row[key] for key in keys} for row in done("topics", "list", "--json").json}


def test_topics_of_a_file_are_added(tmp_path: Path) -> None:
    file = tmp_path / "topics.toml"
    file.write_text("""
        [[topic]]
        slug = "storms"
        name = "Storms at sea"
        query = '''
        storm* AND "high water"'''

        [[topic]]
        slug = "Floods"
        query = "flood*"
        rings = "after_approval"
        status = "paused"
    """)
    assert "Added 2 topics, changed 0" in done("topics", "import", file).out
    assert stored() == {
        "storms": {
            "name": "Storms at sea",
            "query": '        storm* AND "high water"',
            "rings": "by_itself",
            "status": "live",
        },
        "floods": {"name": "Floods", "query": "flood*", "rings": "after_approval", "status": "paused"},
    }


@pytest.mark.parametrize("kind", ["toml", "json"])
def test_what_was_exported_is_imported_as_it_was(tmp_path: Path, kind: str) -> None:
    topics = [
        STORMS | {"status": "paused"},
        FLOODS,
        {"slug": "israel", "name": 'צה"ל\\', "query": 'צה"ל\nOR \'עזה\'\tOR "x y"~5'},
    ]
    done("topics", "import", a_file(tmp_path, *topics))
    before = stored()
    exported = tmp_path / f"exported.{kind}"
    done("topics", "export", exported)
    assert "left 3 as they were" in done("topics", "import", exported, "--update").out
    for slug in before:
        done("topics", "remove", slug, "--yes")
    assert done("topics", "import", exported, "--json").json["added"] == ["floods", "israel", "storms"]
    assert stored() == before


def test_standard_streams_take_and_give_both_kinds(tmp_path: Path) -> None:
    done("topics", "import", "-", typed=json.dumps({"topic": [STORMS]}))
    done("topics", "import", "-", typed='[[topic]]\nslug = "floods"\nquery = "flood*"\n')
    as_toml, as_json = done("topics", "export").out, done("topics", "export", "-", "--json").out
    assert tomllib.loads(as_toml) == json.loads(as_json)
    assert [topic["slug"] for topic in json.loads(as_json)["topic"]] == ["floods", "storms"]
    assert "left 2 as they were" in done("topics", "import", "-", "--update", typed=as_toml).out


def test_everything_that_is_wrong_is_listed_and_nothing_is_stored(tmp_path: Path) -> None:
    done("topics", "add", "harbour", "harbour")
    file = a_file(
        tmp_path,
        STORMS,
        {"slug": "gales", "query": "gale AND (", "stat": "live"},
        {"slug": "tides", "query": "tide OR )", "rings": "sometimes"},
        {"query": "surf"},
        {"slug": "harbour", "query": "harbour*"},
        {"slug": "Storms", "query": "storm"},
        {"slug": "???", "query": 7},
        {"slug": "swell", "query": "swell AND NOT"},
        {"slug": "calm"},
        "waves",
        {"slug": "mist", "query": "mist", "name": "n" * 81},
    )
    answer = tocsin("topics", "import", file)
    assert answer.code == 2
    assert a_sentence(answer)
    for wrong in (
        "11 mistakes in",
        "topic 2, gales: 'stat' is no key of a topic: did you mean status?",
        "topic 3, tides: its rings is 'sometimes', not by_itself or after_approval.",
        "topic 4: it has no slug.",
        "topic 5, harbour: there is a topic 'harbour' already; --update changes it.",
        "topic 6, Storms: topic 1, storms has the same slug.",
        "topic 7, ???: '???' makes no slug",
        "topic 7, ???: its query is no text.",
        "topic 8, swell: At character",
        "swell AND NOT\n",
        "topic 9, calm: it has no query.",
        "topic 10: it is no table",
        "topic 11, mist: its name has 81 letters, 80 at most.",
    ):
        assert wrong in answer.err
    assert list(stored()) == ["harbour"]


def test_an_update_changes_what_the_file_says_and_no_more(tmp_path: Path) -> None:
    done("topics", "import", a_file(tmp_path, STORMS, FLOODS))
    changes = [
        {"slug": "storms", "query": "storm*", "status": "paused"},
        {"slug": "floods", "status": "live"},
    ]
    refused = tocsin("topics", "import", a_file(tmp_path, *changes))
    assert refused.code == 2
    assert "'storms' already" in refused.err
    assert "'floods' already" in refused.err
    answer = done(
        "topics", "import", a_file(tmp_path, *changes, {"slug": "tides", "query": "tide"}), "--update"
    )
    assert "Added 1 topic, changed 2" in answer.out
    storms, floods = stored()["storms"], stored()["floods"]
    assert (storms["name"], storms["query"], storms["status"]) == ("Storms at sea", "storm*", "paused")
    assert (floods["query"], floods["rings"], floods["status"]) == ("flood*", "after_approval", "live")


def test_a_live_topic_cannot_become_a_draft_again(tmp_path: Path) -> None:
    done("topics", "import", a_file(tmp_path, STORMS))
    answer = tocsin("topics", "import", a_file(tmp_path, {"slug": "storms", "status": "draft"}), "--update")
    assert answer.code == 2
    assert "it is live, and cannot become draft" in answer.err


def test_topics_of_the_practice_newsroom_are_left_alone(tmp_path: Path) -> None:
    with unit_of_work() as session:
        a_topic(session, slug="storms", practice=True)
    assert "practice newsroom" in tocsin("topics", "import", a_file(tmp_path, STORMS), "--update").err
    assert json.loads(done("topics", "export", "-", "--json").out) == {"topic": []}
    assert done("topics", "export").out == "topic = []\n"


def test_matchers_are_told_of_imported_topics(tmp_path: Path) -> None:
    def changes() -> int:
        with unit_of_work() as session:
            return session.get_one(TopicRevision, 1).number

    before = changes()
    done("topics", "import", a_file(tmp_path, STORMS))
    assert changes() > before


@pytest.mark.parametrize(
    ("name", "document", "says"),
    [
        ("topics.toml", b"[[topic]\n", "line 1"),
        ("topics.json", b'{"topic": [,]}', "line 1"),
        ("topics.json", b'{"topics": []}', "lists no topics"),
        ("topics.json", b"\xff\xfe", "UTF-8"),
        ("topics.json", b"[" * 100_000, "too deep"),
        ("topics.csv", b"", ".toml or .json"),
        ("topics.json", b'{"topic": [{"slug": "a\\u0000b", "query": "\\ud800"}]}', "no character"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    tmp_path: Path, name: str, document: bytes, says: str
) -> None:
    file = tmp_path / name
    file.write_bytes(document)
    answer = tocsin("topics", "import", file)
    assert answer.code == 2
    assert a_sentence(answer)
    assert says in answer.err


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(
    str.strip
)


@pytest.mark.parametrize("kind", ["toml", "json"])
@given(queries=st.lists(TEXT | st.sampled_from(["a\nb", "a\r\nb'''\x7f", "'\n'", "\n\n"]).filter(str.strip)))
def test_any_text_comes_back_from_a_file(kind: Kind, queries: list[str]) -> None:
    topics = [Listed(f"topic {n}, t{n}", f"t{n}", query, "N") for n, query in enumerate(queries, 1)]
    assert read_listed(write_listed(topics, kind).encode(), kind, "file") == (topics, [])
