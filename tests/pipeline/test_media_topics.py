"""IPTC's Media Topics: imported from a file, looked up, and asked for by name in topics."""

from pathlib import Path

import pytest

from subscriptions.database import reading, unit_of_work
from subscriptions.media_topics import Vocabulary, vocabulary
from subscriptions.tables import Alert, ArticleStatus, MediaTopic
from tests.builders import NOON, a_topic, an_article
from tests.commands import a_sentence, done, tocsin
from tests.media_topics import (
    CONFLICT,
    FOOTBALL,
    NAMES,
    OLD,
    RIOT,
    SPORT,
    WAR,
    as_json,
    as_json_ld,
    as_rdf_xml,
)
from worker.match.find import find
from worker.understand.story import understand

pytestmark = pytest.mark.usefixtures("db", "stopped_clock")


def imported(tmp_path: Path, document: bytes) -> str:
    file = tmp_path / "mediatopics"
    file.write_bytes(document)
    return done("topics", "import-mediatopics", file).out


def known() -> Vocabulary:
    with reading() as session:
        return vocabulary(session)


@pytest.mark.parametrize("document", [as_json(), as_json_ld(), as_rdf_xml(), b"\xef\xbb\xbf" + as_json()])
def test_the_vocabulary_is_read_in_each_form_iptc_gives_it_out(tmp_path: Path, document: bytes) -> None:
    says = imported(tmp_path, document)
    assert "Read 6 media topics in 4 languages (ar, de, en-GB, fr): 6 new" in says
    assert "1 are retired" in says
    rows = {row["code"]: row for row in done("topics", "media-topics", "--json").json}
    assert {code: row["labels"] for code, row in rows.items()} == NAMES
    assert {code: row["broader"] for code, row in rows.items() if row["broader"]} == {
        CONFLICT: [WAR],
        RIOT: [CONFLICT],
        FOOTBALL: [SPORT],
        OLD: [FOOTBALL],
    }
    assert [code for code, row in rows.items() if row["retired"]] == [OLD]


def test_a_topic_is_known_by_its_names_in_all_languages_and_holds_all_below_it(tmp_path: Path) -> None:
    imported(tmp_path, as_json())
    vocabulary = known()
    for name in ("armed conflict", "Bewaffneter  KONFLIKT", "conflit armé"):
        assert set(vocabulary.named(name)) == {CONFLICT}
    assert set(vocabulary.narrower(WAR)) == {CONFLICT, RIOT}
    assert set(vocabulary.narrower(SPORT)) == {FOOTBALL, OLD}
    assert set(vocabulary.narrower(RIOT)) == set()
    assert vocabulary.meant("armed conflit") == "armed conflict"
    assert vocabulary.meant("turnips in season") == ""


def test_a_circle_in_the_vocabulary_is_walked_once(tmp_path: Path) -> None:
    with unit_of_work() as session:
        for code, broader in ((WAR, CONFLICT), (CONFLICT, WAR)):
            session.add(MediaTopic(code=code, broader=[broader], imported_at=NOON))
    assert set(known().narrower(WAR)) == {WAR, CONFLICT}


def test_a_later_import_adds_languages_and_keeps_former_names(tmp_path: Path) -> None:
    imported(tmp_path, as_json())
    says = imported(tmp_path, as_json({SPORT: {"es": "deporte"}, FOOTBALL: {"en-GB": "soccer"}}))
    assert "0 new, 2 changed, 0 as they were" in says
    assert "0 new, 0 changed, 2 as they were" in imported(
        tmp_path, as_json({SPORT: {"es": "deporte"}, FOOTBALL: {"en-GB": "soccer"}})
    )
    rows = {row["code"]: row for row in done("topics", "media-topics", "--json").json}
    assert rows[SPORT]["labels"] == NAMES[SPORT] | {"es": "deporte"}
    assert rows[FOOTBALL]["labels"]["en-GB"] == "soccer"
    for name in ("soccer", "football"):
        assert set(known().named(name)) == {FOOTBALL}


def test_topics_are_looked_up_by_any_name_or_code(tmp_path: Path) -> None:
    imported(tmp_path, as_json())
    found = done("topics", "media-topics", "FUSSBALL").out
    assert FOOTBALL in found
    assert "Straßenfußball" in found
    assert WAR not in found
    assert "bewaffneter Konflikt" in done("topics", "media-topics", CONFLICT, "--language", "de").out
    none = tocsin("topics", "media-topics", "turnip")
    assert none.code == 1
    assert "import-mediatopics" in none.out


def test_an_article_with_a_narrower_topic_rings_for_a_broader_one_by_name(tmp_path: Path) -> None:
    assert "known IPTC Media Topic" in tocsin("topics", "add", "war", 'mediatopic:"armed conflict"').err
    imported(tmp_path, as_json())
    done("topics", "add", "war", 'mediatopic:"conflict, war and peace"')
    with unit_of_work() as session:
        article = an_article(session, title="Shots at dawn", tags=[f"medtop:{RIOT}"])
    alerts = find(understand([article.id or 0]))
    with reading() as session:
        assert [session.get_one(Alert, alert.id).title for alert in alerts] == ["Shots at dawn"]


def test_topics_follow_a_vocabulary_that_is_imported_later(tmp_path: Path) -> None:
    done("topics", "add", "war", f"mediatopic:{WAR}")

    def rings() -> bool:
        with unit_of_work() as session:
            article = an_article(session, tags=[f"medtop:{RIOT}"])
        return find(understand([article.id or 0])) != []

    assert not rings(), "nothing says what is narrower yet"
    imported(tmp_path, as_json())
    assert rings()


def test_a_name_may_be_tried_before_it_is_saved(tmp_path: Path) -> None:
    imported(tmp_path, as_json())
    with unit_of_work() as session:
        an_article(session, title="Shots at dawn", tags=[f"medtop:{RIOT}"], status=ArticleStatus.baseline)
        a_topic(session, 'mediatopic:"armed conflict"', slug="conflict")
    for asked in ("conflict", 'mediatopic:"armed conflict"'):
        assert done("topics", "backtest", asked, "--json").json["silent_articles"] == 1
        assert done("topics", "test", asked, "--json").json[0]["matches"]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b"<rdf:RDF",
        b"<html/>",
        b"\xff\xfe",
        b'{"conceptSet": [1, {"qcode": "medtop:1"}]}',
    ],
)
def test_a_file_without_media_topics_is_refused_in_words(tmp_path: Path, document: bytes) -> None:
    file = tmp_path / "mediatopics.json"
    file.write_bytes(document)
    answer = tocsin("topics", "import-mediatopics", file)
    assert answer.code == 2
    assert a_sentence(answer)
    assert "cv.iptc.org" in answer.err


def test_a_file_of_xml_cannot_read_other_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cr3t")
    document = as_rdf_xml().replace(
        b"<rdf:RDF", f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]><rdf:RDF'.encode(), 1
    )
    imported(tmp_path, document.replace(b"armed conflict", b"armed &e; conflict"))
    assert "s3cr3t" not in done("topics", "media-topics", "--json").out
