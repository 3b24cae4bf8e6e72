"""`tocsin trace` and `tocsin alerts`: why it rang, or why not, and what became of it."""

from typing import Any

import pytest
from sqlmodel import select

from subscriptions.database import reading, unit_of_work
from subscriptions.tables import Alert, AlertStatus, ArticleStatus, Channel, Rings, Subscriber
from tests.builders import a_channel, a_source, a_subscriber, a_topic, an_alert, an_article
from tests.commands import done, tocsin
from tests.conftest import Clock
from tests.sinks import HttpSink, Reply
from worker.match.find import find
from worker.push.fan_out import fan_out
from worker.push.send import deliver
from worker.understand.story import understand

pytestmark = pytest.mark.usefixtures("db", "stopped_clock")

LINK = "https://news.example/harbour?utm_source=rss"


@pytest.fixture
def newsroom(db: str, stopped_clock: Clock, sink: HttpSink) -> None:
    """Ann follows the harbour, Bob flashes about it, Cid storms; each has a channel, Bob's second is gone."""
    with unit_of_work() as session:
        harbour = a_topic(session, "harbour", slug="harbour", name="Harbour")
        storms = a_topic(session, "storm* AND flood", slug="storms", name="Storms")
        for name, topic in (("ann", harbour), ("cid", storms), ("dan", harbour)):
            a_channel(session, a_subscriber(session, topic, name=name), sink.url(name))
        a_subscriber(session, name="bob")
        a_source(session, title="Island Herald", url="https://news.example/feed")
    done("subscribe", "bob", "harbour", "--threshold", "2")
    done("channels", "add", "bob", sink.url("bob"))
    sink.replies = lambda path, _count: Reply(410 if path == "/dan" else 200)


def publish(title: str, **values: Any) -> int:
    """Let an article go all the way to its recipients; gives its number."""
    with unit_of_work() as session:
        source_id = values.pop("source_id", 1)
        article_id = an_article(session, title=title, source_id=source_id, **values).id or 0
    for alert in find(understand([article_id])):
        for shard_id in fan_out(alert.id or 0):
            deliver(shard_id)
    return article_id


def says(*words: object) -> str:
    """Give all sentences of a trace."""
    (trace,) = done("trace", *words, "--json").json
    return "\n".join(step["says"] for step in trace["steps"])


@pytest.mark.usefixtures("newsroom")
def test_a_trace_tells_each_step_of_an_article_that_rang() -> None:
    number = publish("Storm closes the harbour", link=LINK)
    (trace,) = done("trace", number, "--json").json
    assert trace["rang"]
    assert [step["step"] for step in trace["steps"]] == ["watch", "understand", *["match"] * 3, "push"]
    text = says(number)
    assert "Seen in Island Herald." in text
    assert "It opened story 1" in text
    assert "It speaks of Harbour: harbour." in text
    assert "Not Storms: " in text
    assert "flood" in text
    assert "2 recipients in 1 shard: 1 accepted, 1 gone." in text


@pytest.mark.usefixtures("newsroom")
@pytest.mark.parametrize(
    "ref", ["1", "article:1", "alert:1", "http://www.news.example/harbour", LINK, "trace-x"]
)
def test_an_article_is_named_by_number_alert_link_or_trace(ref: str) -> None:
    publish("Storm closes the harbour", link=LINK, trace="trace-x")
    assert done("trace", ref, "--json").json[0]["article"] == 1


@pytest.mark.usefixtures("newsroom")
def test_people_get_a_table_of_the_steps() -> None:
    publish("Storm closes the harbour", link=LINK)
    answer = done("trace", "alert:1")
    assert "Article 1, it rang: Storm closes the harbour" in answer.out
    assert "2026-03-02 12:00:00" in answer.out


@pytest.mark.usefixtures("newsroom")
def test_a_second_article_of_a_story_tells_which_alert_rang_before() -> None:
    publish("Storm closes the harbour", link=LINK)
    second = publish("Storm closes the harbour", link="")
    text = says(second)
    assert "It joined story 1, which has the same headline." in text
    assert "Decided: its story has rung for Harbour already." in text
    assert "Alert 1 by article 1 of the same story" in text


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (ArticleStatus.baseline, "the baseline never rings"),
        (ArticleStatus.stale, "Too old to ring: published 3 days ago."),
        (ArticleStatus.held, "Held for an admin"),
        (ArticleStatus.seen, "It waits for its story."),
    ],
)
def test_an_article_that_stopped_on_the_way_says_where(status: ArticleStatus, sentence: str) -> None:
    why = "published 3 days ago" if status == ArticleStatus.stale else ""
    with unit_of_work() as session:
        an_article(session, status=status, why=why)
    (trace,) = done("trace", "1", "--json").json
    assert not trace["rang"]
    assert sentence in trace["steps"][0]["says"]


@pytest.mark.usefixtures("newsroom")
@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        ("ann", ["ann follows Harbour, since before", ": accepted."]),
        ("bob", ["bob follows Harbour from urgency 2 up: 5 is not urgent enough.", ": not a recipient"]),
        ("cid", ["cid does not follow Harbour.", "Not Storms: ", ": not a recipient"]),
        ("dan", [": gone (1 attempt; answer 410"]),
    ],
)
def test_a_subscriber_is_told_why_an_alert_came_or_not(name: str, sentences: list[str]) -> None:
    publish("Storm closes the harbour")
    text = says(1, "--subscriber", name)
    for sentence in sentences:
        assert sentence in text


@pytest.mark.usefixtures("newsroom")
def test_a_subscription_made_after_the_article_was_seen_says_so(stopped_clock: Clock, sink: HttpSink) -> None:
    publish("Storm closes the harbour")
    stopped_clock.move(minutes=5)
    done("subscribers", "add", "eve")
    done("subscribe", "eve", "harbour")
    done("channels", "add", "eve", sink.url("eve"))
    text = says(1, "--subscriber", "eve")
    assert "only since after the article was seen" in text
    assert "the channel was added later" in text


@pytest.mark.usefixtures("newsroom")
def test_a_topic_changed_since_does_not_rewrite_history(stopped_clock: Clock) -> None:
    publish("Storm closes the harbour")
    stopped_clock.move(minutes=5)
    done("topics", "edit", "storms", "--query", "storm*")
    assert "Not Storms, though now it would be: the topic was changed after it was matched." in says(1)


def test_a_delivery_that_waits_says_when_it_is_due(sink: HttpSink) -> None:
    with unit_of_work() as session:
        topic = a_topic(session, "harbour", name="Harbour")
        a_channel(session, a_subscriber(session, topic, name="ann"), sink.url("ann"))
        a_source(session)
    sink.replies = lambda _path, _count: Reply(503)
    publish("Storm closes the harbour")
    (trace,) = done("trace", "1", "--subscriber", "ann", "--json").json
    last = trace["steps"][-1]
    assert (last["outcome"], last["attempts"]) == ("later", 1)
    assert last["due_at"] > "2026-03-02T12:00:00Z"
    assert "503" in last["says"]


@pytest.mark.usefixtures("newsroom")
def test_alerts_are_listed_and_shown_with_steps_and_outcomes() -> None:
    publish("Storm closes the harbour")
    (row,) = done("alerts", "list", "--json").json
    assert (row["id"], row["status"], row["topics"], row["recipients"]) == (1, "rung", ["harbour"], 2)
    shown = done("alerts", "show", "1", "--json").json
    assert shown["outcomes"] == {
        "accepted": 1,
        "later": 0,
        "held": 0,
        "gone": 1,
        "refused": 0,
        "unknown": 0,
        "dropped": 0,
        "waiting": 0,
    }
    assert shown["seen_at"] == "2026-03-02T12:00:00Z"
    assert "1 accepted" in done("alerts", "show", "1").out


@pytest.fixture
def proposed(db: str, stopped_clock: Clock) -> None:
    with unit_of_work() as session:
        topic = a_topic(session, rings=Rings.after_approval)
        an_alert(session, topic, status=AlertStatus.proposed)


def alert_status() -> AlertStatus:
    with unit_of_work() as session:
        return session.get_one(Alert, 1).status


@pytest.mark.usefixtures("proposed")
def test_an_approved_alert_waits_for_fan_out_even_with_the_broker_away() -> None:
    answer = done("alerts", "approve", "1")
    assert "as soon as the broker and the workers run" in answer.out
    assert alert_status() == AlertStatus.queued


@pytest.mark.usefixtures("proposed")
def test_a_rejected_alert_cannot_be_approved_any_more() -> None:
    done("alerts", "reject", "1")
    answer = tocsin("alerts", "approve", "1")
    assert (answer.code, alert_status()) == (2, AlertStatus.rejected)
    assert "rejected" in answer.err


@pytest.mark.usefixtures("proposed")
def test_an_alert_whose_time_has_ended_cannot_be_approved(stopped_clock: Clock) -> None:
    stopped_clock.move(hours=24)
    answer = tocsin("alerts", "approve", "1")
    assert answer.code == 2
    assert "too old" in answer.err
    assert alert_status() == AlertStatus.proposed


@pytest.mark.usefixtures("newsroom")
def test_a_test_message_goes_out_by_the_code_that_sends(sink: HttpSink) -> None:
    done("channels", "test", "1")
    assert sink.tries["/ann"] == 1
    answer = tocsin("channels", "test", "3")
    assert answer.code == 1
    assert "410" in answer.err


@pytest.mark.usefixtures("newsroom")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("set", "ann", "--quiet", "11:00-13:00"),
            "held (Your quiet hours last until 13:00 on Monday, 2 March).",
        ),
        (
            ("set", "ann", "--pause-until", "2026-03-05"),
            "held (You paused all alerts until then: it comes in",
        ),
        (
            ("set", "ann", "--threshold", "3"),
            "its owner wants to hear of urgency 3 and up only, and this is 5",
        ),
        (("mute", "ann", "harbour"), "dropped (You muted Harbour)."),
    ],
)
def test_a_subscriber_is_told_what_of_their_own_wishes_kept_an_alert(
    words: tuple[str, ...], sentence: str
) -> None:
    done("subscribers", *words)
    publish("Storm closes the harbour")
    assert sentence in says(1, "--subscriber", "ann")


@pytest.mark.usefixtures("newsroom")
def test_a_channel_of_a_later_rank_says_for_which_it_waits(sink: HttpSink) -> None:
    done("channels", "add", "ann", sink.url("second"))
    with reading() as session:
        own = select(Channel.id).join(Subscriber).where(Subscriber.name == "ann")
        first, second = sorted(number for number in session.exec(own) if number)
    done("channels", "order", "ann", first, second)
    publish("Storm closes the harbour")
    text = says(1, "--subscriber", "ann")
    assert "not a recipient, it rings only where" in text
    assert f"(channel {first}) does not take the alert." in text
