"""Which articles a topic rings for, with which words, and why it does not. Articles are made up."""

import re
from pathlib import Path

import pytest

from subscriptions.queries import (
    ArticleText,
    MatchedWord,
    analyse,
    explain,
    find_matching,
    match,
    parse_query,
)

STORM = ArticleText(
    title="Storm closes Tel-Aviv port",
    summary="Waves of nine metres; ferries to Haifa cancelled.",
    body="The storm reached the coast at dawn. "
    "The port of Tel Aviv closed. Ferries stay in Haifa till Friday.",
    url="https://news.example/weather/storm-closes-port",
    source="Harbour Gazette",
    family="Gazette Group",
    language="en-GB",
    tags=("Weather", "Middle East"),
    author="Dana O'Hara",
    urgency=3,
)
BARE = ArticleText(title="Storm closes port")


def rings(query: str, article: ArticleText = STORM) -> bool:
    return match(parse_query(query), analyse(article)) is not None


def shown(query: str, article: ArticleText = STORM) -> tuple[str, ...]:
    matched = match(parse_query(query), analyse(article))
    return matched.display if matched else ()


@pytest.mark.parametrize(
    "query",
    [
        *("storm", "storm haifa", "title:storm", "summary:waves", "body:dawn", "title:(storm port)"),
        *('"port of tel aviv"', '"tel-aviv port"', "title:telaviv", "fer*", "title:tel-av*", "telav*"),
        *("*ries", "title:*torm", "*tel-aviv", "*telaviv", "*lfriday OR *day", "url:*ther", "tag:*ddle"),
        *(
            "source:harbour",
            'source:"harbour gazette"',
            "family:gazette",
            "url:news.example",
            "url:storm-closes-port",
        ),
        *(
            "url:news.example/weather",
            "storm language:en",
            "storm language:en-gb",
            "storm LANGUAGE:EN",
            "tag:weather",
            "tag:WEATHER",
        ),
        *('tag:"middle east"', "author:O'Hara", "author:dana", "urgency:3", "urgency:<=3", "urgency:1..3"),
        *("storm -jerusalem", "storm NOT language:he", "storm -title:haifa", "flood OR storm"),
        *(
            '"storm dawn"~>5',
            '"tel aviv closed"~>0',
            '"reached coast dawn"~>2',
            'summary:"haifa cancelled"~>0',
        ),
        *('"dawn storm"~5', '"storm dawn"~5', '"haifa friday"~1', '"tel aviv closed port"~1'),
    ],
)
def test_a_topic_rings(query: str) -> None:
    assert rings(query)


@pytest.mark.parametrize(
    "query",
    [
        *("flood", "storm flood", "title:waves", "body:metres", "storm -haifa", "storm -body:dawn"),
        *('"aviv tel"', '"port tel aviv"', "weather", "gazette", "tag:storm", 'tag:"weather middle"'),
        *(
            "source:harbours",
            "storm language:fr",
            "storm language:gb",
            "storm language:en-us",
            "urgency:<3",
            "urgency:4",
            "family:harbour",
        ),
        *('"dawn storm"~3', '"haifa friday"~0', '"storm storm storm"~50', "flo*"),
        *("*flood", "*por", "title:*lfriday", "url:*gazette", '"dawn storm"~>50', '"storm dawn"~>3'),
        *('"coast reached"~>9', '"reached coast dawn"~>1', '"storm storm storm"~>50', '"port waves"~>100'),
    ],
)
def test_a_topic_stays_silent(query: str) -> None:
    assert not rings(query)


def test_a_phrase_never_goes_from_one_field_to_the_next() -> None:
    assert not rings('"port waves"')
    assert not rings('"port waves"~100')


def test_near_words_may_be_far_from_one_another_in_another_place() -> None:
    far = ArticleText("a " + "x " * 50 + "b " + "x " * 3 + "a")
    assert rings('"a b"~3', far)
    assert not rings('"a b"~2', far)


def test_ordered_near_words_are_found_wherever_the_fewest_others_lie_between() -> None:
    article = ArticleText("a x x b x a b x x c x b x c")
    assert rings('"a b c"~>2', article)
    assert not rings('"a b c"~>1', article)
    assert shown('"a b c"~>0', ArticleText("a a b c c")) == ("a", "b", "c")


def test_an_ordered_near_word_is_no_two_words() -> None:
    assert not rings('"strike strikes"~>3', ArticleText("Strikes spread"))
    assert not rings('"tel-aviv aviv"~>3', ArticleText("Tel Aviv"))
    assert rings('"tel-aviv aviv"~>3', ArticleText("TelAviv or Aviv"))


def test_a_word_in_one_piece_is_near_where_it_is_written_in_two() -> None:
    assert rings('"telaviv storm"~0', ArticleText("Tel-Aviv storm"))
    assert rings('"storm telaviv"~>0', ArticleText("A storm, Tel-Aviv says"))
    assert not rings('"storm telaviv"~0', ArticleText("Storm in Tel-Aviv"))


def test_a_word_is_not_near_a_part_of_itself() -> None:
    assert not rings('"tel-aviv aviv"~3', ArticleText("Tel Aviv"))
    assert rings('"tel-aviv aviv"~3', ArticleText("Tel Aviv and Aviv"))


def test_a_phrase_of_words_in_one_piece_and_in_two_is_shown_from_its_first_word_to_its_last() -> None:
    article = ArticleText("In Tel-Aviv port, Telaviv port and tel aviv-port")
    assert shown('"tel-aviv port"', article) == ("Tel-Aviv port", "Telaviv port", "tel aviv-port")


def test_a_near_word_asked_for_twice_must_stand_there_twice() -> None:
    assert rings('"cat cat"~3', ArticleText("cat and cat"))
    assert not rings('"cat cat"~3', ArticleText("cat and dog"))
    assert not rings('"cats cats"~3', ArticleText("Cats and dogs"))


def test_two_near_words_need_two_words_in_the_article() -> None:
    assert not rings('"strike strikes"~3', ArticleText("Strikes spread"))
    assert rings('"strike strikes"~3', ArticleText("Strike strikes spread"))


def test_near_words_match_as_plain_words_do() -> None:
    assert rings('"ferry haifa"~3')
    assert not rings('"ferry to haifa"')


@pytest.mark.parametrize("field", ["url", "source", "family", "tag", "author"])
def test_what_is_not_known_about_an_article_fails_closed_even_behind_not(field: str) -> None:
    assert not rings(f"storm {field}:x", BARE)
    assert not rings(f"storm NOT {field}:x", BARE)
    assert rings(f"storm OR {field}:x", BARE)


def test_an_unknown_language_or_urgency_fails_closed_even_behind_not() -> None:
    unknown = ArticleText("Nr. 12345")
    assert not rings("12345 language:he", unknown)
    assert not rings("12345 NOT language:he", unknown)
    assert not rings("12345 urgency:>5", unknown)
    assert not rings("12345 NOT urgency:>5", unknown)


def test_a_missing_body_is_an_empty_body() -> None:
    assert rings("storm -body:dawn", BARE)


def test_matched_words_stand_in_the_article_where_they_say() -> None:
    matched = match(parse_query("haifa tel-aviv"), analyse(STORM))
    assert matched is not None
    for word in matched.words:
        text = getattr(STORM, word.field)
        assert text[word.start : word.end] == word.text
    assert matched.words[0] == MatchedWord("Tel-Aviv", "title", 13, 21)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("haifa storm", ("Storm", "Haifa")),
        ("port OR flood", ("port",)),
        ("(flood haifa) OR port", ("port",)),
        ("storm -flood", ("Storm",)),
        ('"port of tel aviv"', ("port of Tel Aviv",)),
        ('"dawn storm"~5', ("storm", "dawn")),
        ('"storm dawn"~>5', ("storm", "dawn")),
        ("fer*", ("ferries",)),
        ("*ries -*sleet", ("ferries",)),
        ("tag:east storm", ("Storm", "East")),
        ("urgency:3", ("3",)),
        ("ferry", ("ferries",)),
        ("storm NOT (flood OR NOT haifa)", ("Storm", "Haifa")),
    ],
)
def test_matched_words_are_shown_as_written_in_order_and_once(query: str, words: tuple[str, ...]) -> None:
    assert shown(query) == words


def test_offsets_of_tags_count_in_their_lines() -> None:
    analysed = analyse(STORM)
    matched = match(parse_query("tag:east"), analysed)
    assert matched is not None
    (word,) = matched.words
    assert analysed.fields["tag"].text[word.start : word.end] == "East"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("storm flood", '"flood" is not in the title, summary or body.'),
        (
            "flood OR snow",
            '"flood" is not in the title, summary or body; "snow" is not in the title, summary or body.',
        ),
        ("storm -haifa", '"haifa" is there, and the query excludes it.'),
        ("storm title:haifa", '"haifa" is not in the article\'s title.'),
        (
            'storm "aviv tel"',
            (
                '"aviv tel" is not in the title, summary or body, though all its words are: '
                "they do not stand side by side."
            ),
        ),
        ('storm "aviv sleet"', '"aviv sleet" is not in the title, summary or body.'),
        (
            '"storm friday"~2',
            (
                '"storm friday"~2 is not in the title, summary or body, though all its words are: '
                "they do not stand so near."
            ),
        ),
        (
            " OR ".join(f"w{number}" for number in range(1, 8)),
            "; ".join(f'"w{number}" is not in the title, summary or body' for number in range(1, 6))
            + "; nor does any of 2 others hold.",
        ),
        ("storm *sleet", '"*sleet" is not in the title, summary or body.'),
        ("storm -*ave", '"*ave" is there, and the query excludes it.'),
        (
            'storm "dawn storm"~>9',
            (
                '"dawn storm"~>9 is not in the title, summary or body, though all its words are: '
                "they do not stand so near in this order."
            ),
        ),
        ("storm urgency:1", 'The article\'s urgency is 3, not "urgency:1".'),
        ("zebra ant", '"zebra" is not in the title, summary or body.'),
        ("storm", "It matches: Storm."),
    ],
)
def test_silence_is_explained_by_the_first_part_that_failed(query: str, reason: str) -> None:
    assert explain(parse_query(query), analyse(STORM)) == reason


def test_missing_metadata_is_named_in_the_explanation() -> None:
    reason = explain(parse_query("storm NOT source:gazette"), analyse(BARE))
    assert reason == 'The article has no source, so the query\'s "NOT source:gazette" fails.'


def test_all_matching_topics_are_found_with_their_words() -> None:
    topics = {
        7: "storm",
        8: "flood",
        9: "fer* haifa",
        11: "urgency:<4",
        12: "source:harbour -storm",
        13: '"tel aviv"',
    }
    found = find_matching({number: parse_query(text) for number, text in topics.items()}, analyse(STORM))
    assert {number: matched.display for number, matched in found.items()} == {
        7: ("Storm",),
        9: ("ferries", "Haifa"),
        11: ("3",),
        13: ("Tel-Aviv", "Tel Aviv"),
    }


def test_a_word_of_every_second_place_is_shown_a_hundred_times_at_most() -> None:
    matched = match(parse_query("a"), analyse(ArticleText("a b " * 1_000)))
    assert matched is not None
    assert len(matched.words) == 100


def test_an_empty_article_answers_no_topic() -> None:
    assert find_matching({1: parse_query("storm")}, analyse(ArticleText(""))) == {}


def test_every_topic_that_the_documentation_offers_to_copy_is_accepted() -> None:
    page = (Path(__file__).parents[2] / "docs" / "topics.md").read_text()
    topics = page.split("## Topics to copy")[1].split("##")[0].strip().splitlines()
    assert len([parse_query(topic) for topic in topics]) == 9
    examples = [
        query
        for line in page.split("## Topics to copy")[0].splitlines()
        if line.startswith("| `")
        for query in re.findall("`([^`]+)`", line.split(" | ")[0])
    ]
    assert len([parse_query(query) for query in examples]) == 16
