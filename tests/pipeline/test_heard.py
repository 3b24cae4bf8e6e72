"""What a person got, and why, and why not, from what the senders stored of it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from subscriptions import database, preferences
from subscriptions.corrections import correct_alert, kill_alert
from subscriptions.heard import Answer, Heard, entries, find_articles, heard, heard_of, why_did_i_not_hear
from subscriptions.own_topics import write_own_topic
from subscriptions.quiet_hours import QuietHours
from subscriptions.settings import settings
from subscriptions.subscribers import subscribe, unsubscribe
from subscriptions.tables import (
    Alert,
    AlertStatus,
    Article,
    ArticleStatus,
    Match,
    Rings,
    Source,
    Story,
    Subscriber,
    Topic,
)
from subscriptions.wants import Cadence
from tests.builders import NOON, a_channel, a_source, a_subscriber, a_topic, an_article, stored
from tests.conftest import Clock
from tests.pushing import follower, ring
from tests.sinks import HttpSink, Reply
from worker.match.find import find
from worker.push.digest import deliver_digests
from worker.push.fan_out import fan_out
from worker.push.send import deliver
from worker.understand.story import understand

NOT_URGENT = "Its urgency is 5, and you want to hear of {} and more urgent news only."

pytestmark = pytest.mark.usefixtures("db", "stopped_clock")


def ann(session: Any, name: str = "ann") -> Subscriber:
    found: Subscriber = session.exec(select(Subscriber).where(Subscriber.name == name)).one()
    return found


def got(name: str = "ann", **page: Any) -> Sequence[Heard]:
    with database.reading() as session:
        return heard(session, ann(session, name), **page).entries


def sentences(one: Heard) -> list[str]:
    return [" ".join(map(str, each.says)) for each in one.channels]


def want(**changes: Any) -> None:
    with database.unit_of_work() as session:
        preferences.change_preferences(session, ann(session), **changes)


def publish(title: str, source: int = 1, **values: Any) -> Article:
    """Let an article go all the way to its recipients."""
    with database.unit_of_work() as session:
        article = an_article(session, title=title, source_id=source, **values)
    for alert in find(understand([article.id or 0])):
        for shard_id in fan_out(alert.id or 0):
            deliver(shard_id)
    return article


def why_not(asked: object, name: str = "ann") -> Answer:
    with database.reading() as session:
        (article,) = find_articles(session, str(asked))
        return why_did_i_not_hear(session, ann(session, name), article)


def says(answer: Answer) -> str:
    return " ".join(map(str, answer.says))


def test_a_person_sees_what_came_on_each_channel_newest_first(sink: HttpSink, topic: Topic) -> None:
    channel = follower(sink, "ann", topic)
    with database.unit_of_work() as session:
        a_channel(session, ann(session), sink.url("second"))
    follower(sink, "bob", topic)
    sink.replies = lambda path, _count: Reply(410 if path == "/second" else 200)
    first, second = ring(topic, title="First"), ring(topic, title="Second")
    newest, oldest = got()
    assert (newest.alert.id, oldest.alert.id) == (second, first)
    told, gone = sentences(oldest)
    assert told.startswith("Told: ")
    assert gone == ("This address is no more, so we have stopped writing to it. It answered: 410 Gone.")
    assert all(each.label.startswith("json://127.0.0.1") for each in oldest.channels)
    assert (oldest.outcome, channel) == ("accepted", 1)
    assert len(newest.channels) == 1  # the other had been retired


def test_nobody_sees_what_was_for_others(sink: HttpSink, topic: Topic) -> None:
    with database.unit_of_work() as session:
        other = a_topic(session)
    for number in range(3):
        follower(sink, f"before{number}", topic)
    follower(sink, "ann", other)
    follower(sink, "after", topic)
    number = ring(topic)
    assert got() == []
    with database.reading() as session:
        assert heard_of(session, ann(session), [number]) == []


def test_alerts_of_others_take_no_place_on_a_page(sink: HttpSink, topic: Topic) -> None:
    with database.unit_of_work() as session:
        other = a_topic(session)
    follower(sink, "before", topic)
    follower(sink, "ann", other)
    follower(sink, "after", topic)
    hers = ring(other)
    ring(topic)
    assert [each.alert.id for each in got(most=1)] == [hers]


def test_a_person_without_channels_has_got_nothing(topic: Topic) -> None:
    with database.unit_of_work() as session:
        a_subscriber(session, topic, name="ann")
    assert got() == []


def test_pages_go_on_where_the_one_before_ended(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower(sink, "ann", topic)
    numbers = [ring(topic) for _ in range(5)]
    seen, before = [], None
    for _page in range(3):
        with database.reading() as session:
            page = heard(session, ann(session), before, most=2)
        seen += [each.alert.id for each in page.entries]
        before = page.older
    assert (seen, before) == (numbers[::-1], None)
    monkeypatch.setattr("subscriptions.heard.ledger.LOOKED_AT", 1)
    with database.reading() as session:
        page = heard(session, ann(session), most=100)
        assert len(page.entries) == 1
        assert page.older == numbers[-1]


def test_what_is_older_than_the_look_back_is_left_out(
    sink: HttpSink, topic: Topic, stopped_clock: Clock
) -> None:
    follower(sink, "ann", topic)
    ring(topic)
    assert len(got()) == 1
    stopped_clock.move(days=entries.LOOK_BACK / timedelta(days=1) + 1)
    assert got() == []


def test_channels_far_apart_are_looked_up_each_in_its_own_shard(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_SHARD_CHANNELS", "2")
    settings.cache_clear()
    follower(sink, "ann", topic)
    for number in range(6):
        follower(sink, f"other{number}", topic)
    with database.unit_of_work() as session:
        a_channel(session, ann(session), sink.url("second"))
    ring(topic)
    (one,) = got()
    assert [each.outcome for each in one.channels] == ["accepted", "accepted"]


@pytest.mark.parametrize(
    ("wish", "outcome", "sentence"),
    [
        ({"quiet": QuietHours(600, 900)}, "held", "quiet hours and waits for you until 2026-03-02 15:00"),
        ({"pause_until": NOON + timedelta(days=2)}, "held", "You had paused all alerts"),
    ],
)
def test_what_is_held_says_until_when_and_why(
    sink: HttpSink, topic: Topic, wish: dict[str, Any], outcome: str, sentence: str
) -> None:
    follower(sink, "ann", topic)
    want(**wish)
    ring(topic)
    (one,) = got()
    assert one.outcome == outcome
    assert sentence in sentences(one)[0]


def test_what_came_in_a_digest_says_so(sink: HttpSink, topic: Topic, stopped_clock: Clock) -> None:
    follower(sink, "ann", topic)
    with database.unit_of_work() as session:
        subscribe(session, ann(session), session.get_one(Topic, topic.id), cadence=Cadence.daily)
    ring(topic)
    assert "daily digest" in sentences(got()[0])[0]
    stopped_clock.move(hours=20)
    deliver_digests()
    (one,) = got()
    assert one.outcome == "accepted"
    assert sentences(one) == ["Told in your digest: 2026-03-03 08:00:00+00:00."]


def test_why_it_came_marks_the_words_and_names_only_what_the_person_follows(
    sink: HttpSink, topic: Topic
) -> None:
    with database.unit_of_work() as session:
        other = a_topic(session, name="Ferries")
    follower(sink, "ann", topic)
    number = ring(
        topic, other, title="Storm closes harbour", why="it speaks of Harbour, and its story has not rung yet"
    )
    with database.unit_of_work() as session:
        article = session.get_one(Alert, number).article_id
        for each in (topic, other):
            words = ["harbour"] if each is topic else ["Storm"]
            keys: dict[str, Any] = {"article_id": article, "topic_id": each.id}
            stored(session, Match(**keys, words=words, created_at=NOON))
    (one,) = got()
    assert [(each.name, each.words) for each in one.because] == [("Harbour", ["harbour"])]
    assert [(piece.text, piece.marked) for piece in one.title] == [
        ("Storm closes ", False),
        ("harbour", True),
    ]
    text = " ".join(map(str, one.why))
    assert "You follow Harbour." in text
    assert "first alert of its story" in text
    assert "Ferries" not in text
    with database.unit_of_work() as session:
        unsubscribe(session, ann(session), session.get_one(Topic, topic.id))
    assert "you followed something it is about" in " ".join(map(str, got()[0].why))


@pytest.mark.parametrize("kind", ["correction", "kill"])
def test_a_correction_stands_beside_what_it_corrects(sink: HttpSink, topic: Topic, kind: str) -> None:
    follower(sink, "ann", topic)
    number = ring(topic)
    with database.unit_of_work() as session:
        alert = session.get_one(Alert, number)
        if kind == "kill":
            new = kill_alert(session, alert, "It did not happen.")
        else:
            new = correct_alert(session, alert, "We misread.", title="Harbour open")
    for shard_id in fan_out(new.id or 0):
        deliver(shard_id)
    later, first = got()
    assert first.followed_up is not None
    assert first.followed_up.id == later.alert.id == new.id
    assert "You were told something that was not right." in str(later.why[0])


@pytest.fixture
def newsroom(db: str, stopped_clock: Clock, sink: HttpSink) -> None:
    """Ann follows the harbour; storms can be followed too, and ferries ring after approval."""
    with database.unit_of_work() as session:
        source = a_source(session, title="Island Herald")
        assert source.id == 1
        harbour = a_topic(session, "harbour", slug="harbour", name="Harbour")
        a_topic(session, "storm*", slug="storms", name="Storms")
        a_topic(session, "ferries", slug="ferries", name="Ferries", rings=Rings.after_approval)
        a_topic(session, "secret*", slug="secret", name="Secret", status="draft")
        a_channel(session, a_subscriber(session, harbour, name="ann"), sink.url("ann"))


@pytest.mark.usefixtures("newsroom")
def test_who_was_told_of_the_story_is_told_when_and_where() -> None:
    publish("Storm closes the harbour")
    second = publish("Storm closes the harbour", link="http://other.example/1")
    answer = why_not(second.link)
    assert (answer.verdict, answer.says) == ("told", [])
    assert sentences(answer.heard[0])[0].startswith("Told: ")


@pytest.mark.usefixtures("newsroom")
def test_what_speaks_of_nothing_they_follow_says_so_and_what_they_could_follow() -> None:
    article = publish("Storm over the sea")
    answer = why_not(article.id)
    assert answer.verdict == "not"
    assert says(answer) == "It speaks of none of the topics you follow: ('Harbour',)."
    assert [topic.slug for topic in answer.topics] == ["storms"]


@pytest.mark.usefixtures("newsroom")
def test_what_the_newsroom_has_not_decided_on_is_not_told_of() -> None:
    with database.unit_of_work() as session:
        ferries = session.exec(select(Topic).where(Topic.slug == "ferries")).one()
        subscribe(session, ann(session), ferries)
        session.flush()
    article = publish("All ferries are late", seen_at=NOON + timedelta(minutes=1))
    with database.reading() as session:
        assert session.exec(select(Alert)).one().status == AlertStatus.proposed
    answer = why_not(article.id)
    assert says(answer) == "The newsroom has sent no alert of it for Ferries."
    assert answer.heard == []


@pytest.mark.usefixtures("newsroom")
def test_what_is_not_urgent_enough_says_so() -> None:
    want(threshold=2)
    article = publish("Storm closes the harbour")
    assert says(why_not(article.id)) == NOT_URGENT.format(2)
    with database.unit_of_work() as session:
        harbour = session.exec(select(Topic).where(Topic.slug == "harbour")).one()
        subscribe(session, ann(session), harbour, threshold=3)
    want(threshold=8)
    assert says(why_not(article.id)) == "You want to hear of Harbour from urgency 3 up, and this is 5."


@pytest.mark.usefixtures("newsroom")
def test_a_muted_story_says_so() -> None:
    with database.unit_of_work() as session:
        article = an_article(session, title="Storm closes the harbour", source_id=1)
    understood = understand([article.id or 0])
    with database.unit_of_work() as session:
        story = session.exec(select(Story)).one()
        preferences.mute_story(session, ann(session), story)
    for alert in find(understood):
        fan_out(alert.id or 0)
    assert says(why_not(article.id)) == "You muted this story."


@pytest.mark.usefixtures("newsroom")
def test_who_followed_or_came_too_late_is_told_so(sink: HttpSink, stopped_clock: Clock) -> None:
    article = publish("Storm closes the harbour")
    stopped_clock.move(minutes=5)
    with database.unit_of_work() as session:
        storms = session.exec(select(Topic).where(Topic.slug == "storms")).one()
        bob = a_subscriber(session, name="bob")
        subscribe(session, bob, storms)
    text = says(why_not(article.id, "bob"))
    assert "You follow Storms since 2026-03-02 12:05:00+00:00, and we saw the story before that." in text
    assert "You have no channel" in text
    with database.unit_of_work() as session:
        cid = a_subscriber(session, session.get_one(Topic, storms.id), name="cid")
        a_channel(session, cid, sink.url("cid"))
    assert says(why_not(article.id, "cid")) == "You added the channels you have after it rang."


@pytest.mark.usefixtures("newsroom")
def test_what_waits_for_them_is_coming() -> None:
    want(quiet=QuietHours(600, 900))
    article = publish("Storm closes the harbour")
    answer = why_not(article.id)
    assert (answer.verdict, answer.says, answer.topics) == ("coming", [], answer.topics)
    assert "quiet hours" in sentences(answer.heard[0])[0]


@pytest.mark.usefixtures("newsroom")
def test_what_a_query_asks_and_how_a_source_fares_is_not_told() -> None:
    with database.unit_of_work() as session:
        source = session.get_one(Source, 1)
        source.problem = "HTTP 401 for https://user:pass@wire.example/feed"
    article = publish("Nothing of note")
    answer = why_not(article.id)
    told = f"{says(answer)} {answer.source_name} {[topic.name for topic in answer.topics]}"
    for secret in ("storm*", "secret", "401", "wire.example", "tocsin "):
        assert secret not in told.lower()


@pytest.mark.usefixtures("newsroom")
def test_what_others_wrote_for_themselves_is_not_told_of() -> None:
    with database.unit_of_work() as session:
        bob = a_subscriber(session, name="bob")
        write_own_topic(session, bob, "sea", "Bob's secret")
        write_own_topic(session, ann(session), "waves", "Ann's own")
    article = publish("Waves on the sea", seen_at=NOON + timedelta(minutes=1))
    answer = why_not(article.id)
    assert answer.verdict == "told"
    assert "You follow Ann's own." in " ".join(map(str, answer.heard[0].why))
    unknown = publish("The sea is calm", seen_at=NOON + timedelta(minutes=1))
    answer = why_not(unknown.id)
    assert (answer.verdict, answer.topics) == ("not", [])
    assert "Bob" not in says(answer)
    (one,) = got()
    assert "Bob" not in f"{one.because} {' '.join(map(str, one.why))}"


@pytest.mark.usefixtures("newsroom")
def test_articles_are_found_by_link_number_and_words_of_the_headline() -> None:
    article = publish("Storm closes the Harbour", link="https://news.example/2026/harbour?utm_source=rss")
    publish("Ferries sail")
    for asked in ("http://www.news.example/2026/harbour/", str(article.id), "harbour STORM", "  storm  "):
        with database.reading() as session:
            assert [each.id for each in find_articles(session, asked)] == [article.id], asked
    for asked in (
        "",
        "?",
        "harb",
        "https://news.example/",
        "https://other.example/2026/harbour",
        "99999",
        "9" * 30,
    ):
        with database.reading() as session:
            assert find_articles(session, asked) == [], asked


@pytest.mark.usefixtures("newsroom")
def test_only_what_stands_on_the_web_is_found_by_number_or_words() -> None:
    with database.unit_of_work() as session:
        practice = a_source(session, practice=True)
        an_article(session, title="Made up island", source=practice)
        held = an_article(session, title="Held island", status=ArticleStatus.held, source_id=1)
        without = an_article(session, title="Wire island", link="", source_id=1)
    with database.reading() as session:
        assert find_articles(session, "island") == []
        assert find_articles(session, str(held.id)) == find_articles(session, str(without.id)) == []
        assert [each.id for each in find_articles(session, held.link)] == [held.id]
