"""Topics that ask for IPTC Media Topics, by code and by name, with all that is narrower."""

from collections.abc import Collection

import pytest

from subscriptions.queries import (
    ArticleText,
    MatchedWord,
    Query,
    QueryError,
    analyse,
    explain,
    match,
    parse_query,
)
from subscriptions.queries.media_topics import apart

SPORT, FOOTBALL, WAR = "15000000", "20001065", "20000053"


class Vocabulary:
    """A small vocabulary of our own."""

    names = {"sport": (SPORT,), "football": (FOOTBALL, "20009999"), "bewaffneter konflikt": (WAR,)}  # noqa: RUF012 - nobody changes it

    def named(self, name: str) -> Collection[str]:
        return self.names.get(name.casefold(), ())

    def narrower(self, code: str) -> Collection[str]:
        return (FOOTBALL,) if code == SPORT else ()

    def meant(self, name: str) -> str:
        return "bewaffneter Konflikt" if name == "konflikt" else ""


def query(text: str) -> Query:
    return parse_query(text, media_topics=Vocabulary())


def rings(text: str, *codes: str) -> bool:
    article = analyse(ArticleText("A match", media_topics=codes))
    return match(query(text), article) is not None


@pytest.mark.parametrize(
    "written",
    [
        f"mediatopic:{WAR}",
        f"mediatopic:medtop:{WAR}",
        f"medtop:{WAR}",
        f"MediaTopic:MEDTOP:{WAR}",
        f"mediatopic:http://cv.iptc.org/newscodes/mediatopic/{WAR}",
        f"mediatopic:https://cv.iptc.org/newscodes/mediatopic/{WAR}/",
        'mediatopic:"bewaffneter Konflikt"',
        "mediatopic:(“Bewaffneter KONFLIKT”)",
    ],
)
def test_a_media_topic_has_a_code_and_names_and_all_ask_the_same(written: str) -> None:
    assert query(written).canonical == f"mediatopic:{WAR}"
    assert rings(written, WAR)
    assert not rings(written, SPORT)


def test_a_broad_media_topic_rings_for_a_narrower_one_and_not_the_other_way() -> None:
    assert rings("mediatopic:sport", FOOTBALL)
    assert not rings(f"mediatopic:{FOOTBALL}", SPORT)
    assert not rings(f"match -mediatopic:{SPORT}", WAR, FOOTBALL)


def test_a_name_that_several_media_topics_have_asks_for_any_of_them() -> None:
    assert query("mediatopic:football").canonical == f"mediatopic:{FOOTBALL} OR mediatopic:20009999"
    assert rings("mediatopic:football", "20009999")
    assert not rings("match -mediatopic:football", "20009999")


def test_media_topics_stand_beside_words_and_in_groups() -> None:
    assert rings('match mediatopic:(sport OR "bewaffneter Konflikt")', WAR)
    assert not rings("mediatopic:(sport football)", SPORT)
    assert not rings("goal mediatopic:sport", SPORT)


def test_an_article_whose_source_names_no_media_topics_fails_closed() -> None:
    assert not rings("match mediatopic:sport")
    assert not rings("match NOT mediatopic:sport")
    reason = explain(query("match NOT mediatopic:sport"), analyse(ArticleText("A match")))
    assert reason == 'The article has no media topic, so the query\'s "NOT mediatopic:sport" fails.'


def test_a_match_shows_the_narrower_code_and_silence_names_what_was_asked() -> None:
    article = analyse(ArticleText("A match", media_topics=(WAR, FOOTBALL)))
    matched = match(query("mediatopic:sport"), article)
    assert matched is not None
    assert matched.words == (MatchedWord(FOOTBALL, "mediatopic", 9, 17),)
    assert article.fields["mediatopic"].text[9:17] == FOOTBALL
    assert (
        explain(query("mediatopic:20009999"), article) == '"20009999" is none of the article\'s media topics.'
    )


@pytest.mark.parametrize(
    ("written", "position", "suggestion"),
    [
        ("mediatopic:konflikt", 11, '"bewaffneter Konflikt"'),
        ("a mediatopic:(sport chess)", 20, ""),
        ("mediatopic:spo*", 11, ""),
        ("mediatopic:123", 11, ""),
        ('mediatopic:"sport"~3', 11, ""),
        ("medtop:123", 0, "mediatopic:"),
    ],
)
def test_a_media_topic_nobody_knows_is_refused_at_its_place(
    written: str, position: int, suggestion: str
) -> None:
    with pytest.raises(QueryError) as caught:
        query(written)
    assert (caught.value.position, caught.value.suggestion) == (position, suggestion)


def test_without_a_vocabulary_a_code_is_just_that_code_and_there_are_no_names() -> None:
    article = analyse(ArticleText("A match", media_topics=(FOOTBALL,)))
    assert match(parse_query(f"mediatopic:{FOOTBALL}"), article)
    assert not match(parse_query(f"mediatopic:{SPORT}"), article)
    with pytest.raises(QueryError, match="name of a known IPTC Media Topic"):
        parse_query("mediatopic:sport")


def test_a_code_in_other_fields_is_a_number() -> None:
    assert query(f"title:medtop:{WAR} {WAR}").canonical == f"{WAR} AND title:medtop-{WAR}"
    assert not rings(WAR, WAR)


def test_tags_that_name_media_topics_are_told_from_those_that_are_words() -> None:
    tags = ["Sport", f"medtop:{SPORT}", "20260302", f"http://cv.iptc.org/newscodes/mediatopic/{WAR}", "Sport"]
    assert apart(tags) == (("Sport", "20260302"), (SPORT, WAR))
