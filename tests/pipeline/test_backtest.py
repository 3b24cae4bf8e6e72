"""Backtests: what a query would have rung, from the stored articles."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from subscriptions.articles import as_first_seen
from subscriptions.backtesting import Backtest, backtest, search
from subscriptions.concordances import SETTLED
from subscriptions.database import reading, unit_of_work
from subscriptions.queries import AnalysedArticle, analyse, match, parse_query
from subscriptions.tables import (
    Article,
    ArticleStatus,
    ArticleVersion,
    Concordance,
    Source,
    Story,
    StoryJoin,
)
from tests.builders import NOON, a_source, an_article, stored
from worker.watch.gather import gather

pytestmark = pytest.mark.usefixtures("stopped_clock", "db")


def matched_article(story: Story | None = None, source: Source | None = None, **values: Any) -> Article:
    """An article that went down the whole chain, in a story of its own unless one is given."""
    values.setdefault("seen_at", NOON - timedelta(days=1))
    with unit_of_work() as session:
        article = an_article(session, source, **{"status": ArticleStatus.matched} | values)
        seen_at = article.seen_at
        story = story or stored(
            session, Story(headline=article.title, first_seen_at=seen_at, last_seen_at=seen_at)
        )
        stored(session, StoryJoin(article_id=article.id or 0, story_id=story.id or 0, joined_at=NOON))
    return article


def tried(query: str, *, days: int = 30, shown: int = 20, practice: bool = False) -> Backtest:
    with reading() as session:
        return backtest(session, parse_query(query), days=days, shown=shown, practice=practice)


def gather_all() -> None:
    while gather():
        pass


@pytest.fixture(params=["gathered", "not gathered"])
def gathered(request: pytest.FixtureRequest) -> Any:
    """What makes concordances, or not: a backtest says the same with them and without."""
    return gather_all if request.param == "gathered" else lambda: None


def titles(tested: Backtest) -> list[str]:
    return [each.article.title for each in tested.stories]


def test_a_story_rings_once_with_the_first_article_that_matches(gathered: Any) -> None:
    first = matched_article(title="Storm closes the harbour", seen_at=NOON - timedelta(hours=3))
    with reading() as session:
        story = session.exec(select(Story)).one()
    matched_article(story, title="Harbour closed by storm", seen_at=NOON - timedelta(hours=2))
    matched_article(story, title="Turnips are in season", seen_at=NOON - timedelta(hours=1))
    matched_article(title="Storm over the hills", seen_at=NOON - timedelta(days=2))
    gathered()
    tested = tried("storm")
    assert tested.alerts == 2
    newest = tested.stories[0]
    assert (newest.article.id, newest.story_id, newest.articles) == (first.id, story.id, 2)
    assert [(each.day.day, each.alerts) for each in tested.per_day if each.alerts] == [(28, 1), (2, 1)]


def test_a_story_that_began_before_the_days_asked_for_has_rung_already(gathered: Any) -> None:
    matched_article(title="Storm closes the harbour", seen_at=NOON - timedelta(days=7, hours=5))
    with reading() as session:
        story = session.exec(select(Story)).one()
    matched_article(story, title="Storm: harbour still closed", seen_at=NOON - timedelta(days=6, hours=23))
    gathered()
    assert tried("storm", days=7).alerts == 0
    assert tried("storm", days=8).alerts == 1


@pytest.mark.parametrize("status", [ArticleStatus.baseline, ArticleStatus.stale, ArticleStatus.held])
def test_what_never_rings_is_counted_apart(status: ArticleStatus, gathered: Any) -> None:
    with unit_of_work() as session:
        an_article(session, title="Storm closes the harbour", status=status)
        an_article(session, title="Turnips are in season", status=status)
    gathered()
    tested = tried("storm")
    assert (tested.alerts, tested.silent_articles, tested.articles) == (0, 1, 2)
    assert [each.article.status for each in tested.silent] == [status]


def test_an_article_on_its_way_to_its_story_counts_as_one_of_its_own() -> None:
    with unit_of_work() as session:
        an_article(session, title="Storm closes the harbour")
    assert tried("storm").alerts == 1


def test_the_practice_newsroom_is_tried_apart_from_the_real_one(gathered: Any) -> None:
    with unit_of_work() as session:
        practice = a_source(session, practice=True)
    matched_article(source=practice, title="Storm closes the practice harbour")
    matched_article(title="Storm closes the harbour")
    gathered()
    assert titles(tried("storm")) == ["Storm closes the harbour"]
    assert titles(tried("storm", practice=True)) == ["Storm closes the practice harbour"]


def test_an_edit_would_not_have_rung(gathered: Any) -> None:
    article = matched_article(title="Storm closes the harbour", version=2)
    with unit_of_work() as session:
        before = ArticleVersion(
            article_id=article.id or 0, version=1, title="A developing story", replaced_at=NOON
        )
        stored(session, before)
    gathered()
    assert tried("storm").alerts == 0
    assert "".join(piece.text for piece in tried("developing").stories[0].title) == "A developing story"


def test_an_article_that_is_gone_or_older_is_not_counted(gathered: Any) -> None:
    gone = matched_article(title="Storm closes the harbour")
    matched_article(title="Storm over the hills", seen_at=NOON - timedelta(days=31))
    matched_article(title="Storm over the sea", seen_at=NOON - timedelta(days=29))
    gathered()
    with unit_of_work() as session:
        session.delete(session.get_one(StoryJoin, gone.id))
        session.delete(session.get_one(Article, gone.id))
    assert titles(tried("storm")) == ["Storm over the sea"]


def test_days_of_a_young_newsroom_are_counted_from_its_first_article(gathered: Any) -> None:
    for hours in (1, 30, 60):
        matched_article(title="Storm", seen_at=NOON - timedelta(hours=hours))
    gathered()
    tested = tried("storm")
    assert tested.since == NOON - timedelta(hours=60)
    assert tested.alerts_a_day == pytest.approx(3 / 2.5)
    assert tried("storm", days=2).alerts_a_day == 1


def test_without_any_article_there_is_nothing_to_say() -> None:
    tested = tried("storm")
    assert (tested.articles, tested.alerts, tested.alerts_a_day, tested.stories) == (0, 0, 0, [])


def test_what_is_said_of_a_source_counts_as_it_is_now(gathered: Any) -> None:
    with unit_of_work() as session:
        source = a_source(session, title="Island Herald", family="herald", language="en")
    matched_article(source=source, title="Neue Häuser", link="http://news.example/old-harbour")
    gathered()
    asked = ("source:gazette", "haus", "neue language:de", "family:gazette", "url:new-harbour")
    assert [tried(query).alerts for query in asked] == [0] * 5
    with unit_of_work() as session:
        changed = session.get_one(Source, source.id)
        changed.sqlmodel_update({"title": "Island Gazette", "family": "gazette", "language": "de"})
        article = session.exec(select(Article)).one()
        article.link = "http://news.example/new-harbour"
        session.add_all([changed, article])
    assert [tried(query).alerts for query in asked] == [1] * 5
    assert [tried(query).alerts for query in ("source:herald", "url:old-harbour", "neue language:en")] == [
        0
    ] * 3


def test_a_query_that_leaves_too_much_to_look_at_tells_of_the_newest_days_only(
    gathered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_LOOKED_AT", 10)
    for number in range(20):
        matched_article(title=f"High water {number}", seen_at=NOON - timedelta(days=20 - number))
    gathered()
    tested = tried('"high water"')
    assert tested.is_cut
    assert (tested.doubtful, tested.looked_at, tested.alerts) == (20, 10, 10)
    assert (tested.articles, tested.per_day[0].day) == (11, (NOON - timedelta(days=11)).date())
    assert titles(tested)[-1] == "High water 10"
    if gathered is gather_all:
        assert not tried("water").is_cut, "single words are known for sure"


def test_what_was_seen_with_the_last_article_looked_at_is_left_out_whole(
    gathered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_LOOKED_AT", 5)
    for title in ["Harbour"] * 10 + ["High water"] * 10:
        matched_article(title=title)
    gathered()
    assert tried('harbour OR "high water"').alerts == 5


def test_very_long_articles_are_fewer_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_CHARACTERS", 1_000)
    for number in range(5):
        matched_article(
            title=f"Storm {number}", body="word " * 150, seen_at=NOON - timedelta(days=5 - number)
        )
    assert tried("storm").looked_at == 2


def test_the_words_are_marked_where_they_stand() -> None:
    matched_article(
        title="Storm closes harbour", summary=f"{'Waves. ' * 30}Two storms and a flood.{' Rain.' * 30}"
    )
    shown = tried("storm flood").stories[0]
    assert [tuple(piece) for piece in shown.title] == [("Storm", True), (" closes harbour", False)]
    marked = [piece.text for piece in shown.excerpt if piece.marked]
    assert marked == ["storms", "flood"]
    text = "".join(piece.text for piece in shown.excerpt)
    assert text.startswith("…Waves. Waves.")
    assert text.endswith("Rain. Rain.…")
    assert len(text) < 200
    assert list(shown.matched.display) == ["Storm", "storms", "flood"]


WORDS = (
    *(
        "strike",
        "strikes",
        "AI",
        "J'AI",
        "U.S.",
        "us",
        "Tel-Aviv",
        "TelAviv",
        "covid-19",
        "O'Reilly",
        "Häuser",
        "Haus",
    ),
    *(
        "בעזה",
        "עזה",
        'צה"ל',
        "والحرب",
        "حرب",
        "Израиля",
        "Израиль",
        "चुनावों",
        "이스라엘이",
        "前総理大臣",
        "総理",
        "กรุงเทพ",
    ),
)
QUERIES = (
    *WORDS,
    *(
        "strike OR עזה",
        "strike NOT AI",
        '"AI strike"',
        '"strike haus"~2',
        "stri*",
        "*rike",
        "stem:english striking",
        '"strike haus"~>2',
        "isr* OR израил*",
        "title:strike",
    ),
    *(
        "tag:strike NOT us",
        "strike language:de",
        "urgency:<=4",
        "source:herald strike",
        "url:strike",
        "author:dana",
        "mediatopic:20000065",
        "strike NOT mediatopic:20000065",
    ),
)


def every_article() -> dict[int, AnalysedArticle]:
    with reading() as session:
        ids = [number or 0 for number in session.exec(select(Article.id))]
        return {each.article.id or 0: analyse(each.text) for each in as_first_seen(session, ids)}


def test_no_article_in_any_script_is_missed() -> None:
    chance = random.Random(7)  # noqa: S311 - made-up articles

    def words(most: int) -> str:
        return " ".join(chance.choices(WORDS, k=chance.randint(0, most)))

    with unit_of_work() as session:
        sources = [a_source(session, title=f"{name} Herald", language=name) for name in ("", "de", "tr")]
        for number in range(160):
            an_article(
                session,
                chance.choice(sources),
                title=words(3),
                summary=words(4),
                body=words(4),
                author=chance.choice(["", "Dana Sharp"]),
                link=f"http://news.example/{chance.choice(['strike', 'turnip'])}/{number}",
                language=chance.choice(["", "en", "de"]),
                tags=[*words(1).split(), *chance.choices(["medtop:20000065", "sea"])],
                urgency=chance.choice([None, 3, 5]),
                status=chance.choice([*SETTLED, ArticleStatus.seen, ArticleStatus.held]),
                seen_at=NOON - timedelta(minutes=number),
            )
    gather_all()
    with reading() as session:
        assert sum(row.articles for row in session.exec(select(Concordance))) > 80
    every = every_article()
    for query in QUERIES:
        tested = tried(query, shown=200)
        found = [each.article.id for each in (*tested.stories, *tested.silent)]
        assert len(found) == len(set(found)) == tested.alerts + tested.silent_articles
        matching = {number for number, article in every.items() if match(parse_query(query), article)}
        assert set(found) == matching, query


def test_concordances_are_made_anew_when_articles_settle_or_the_analysis_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with unit_of_work() as session:
        held = an_article(session, title="Storm", status=ArticleStatus.held)
        an_article(session, title="Storm", status=ArticleStatus.baseline)
    assert gather()
    assert not gather(), "there is nothing more to do"
    with unit_of_work() as session:
        session.get_one(Article, held.id).status = ArticleStatus.baseline
    assert gather()
    assert not gather()
    monkeypatch.setattr("subscriptions.concordances.analysis", lambda: "of another version")
    assert gather()
    assert not gather()


def test_an_article_that_cannot_be_analysed_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_on_one(text: Any) -> Any:
        if text.title == "Broken":
            raise ValueError("broken")
        return analyse(text)

    with unit_of_work() as session:
        for title in ("Storm", "Broken", "Storms"):
            an_article(session, title=title, status=ArticleStatus.baseline)
    monkeypatch.setattr("subscriptions.concordances.analyse", break_on_one)
    monkeypatch.setattr("subscriptions.backtesting.search.analyse", break_on_one)
    assert gather()
    assert not gather()
    assert tried("storm").silent_articles == 2
