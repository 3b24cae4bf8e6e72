"""What became of an alert and why, in a reader's words: each stored reason is known, none other repeated."""

import re
from datetime import timedelta
from typing import Any

import pytest

from subscriptions.backtesting.marking import Piece
from subscriptions.corrections import CANCELLED
from subscriptions.heard.because import Cause, marked, why
from subscriptions.heard.reasons import DROPPED, HELD, State, what_became
from subscriptions.heard.why_not import Facts, Followed, Rang, Way, why_not
from subscriptions.quiet_hours import QuietHours
from subscriptions.restored import WHY
from subscriptions.trial_reasons import OURS, why_it_did_not_arrive
from subscriptions.wants import Cadence, Wants
from tests.builders import NOON
from worker.match.ring import Ring, should_ring
from worker.push import digest_items, replaced
from worker.push.answer import Failure, judge
from worker.push.restrain import Drop, Follow, Hold, Person, lapsed, restrain
from worker.push.retry import GiveUp, when_again
from worker.understand.urgency import how_urgent

LATER = NOON + timedelta(hours=9)
AFTER = LATER + timedelta(hours=1)
AT_ONCE = Follow("Storms", 8, Cadence.at_once)


def decided(follow: Follow | None = AT_ONCE, urgency: int = 5, **person: Any) -> Hold | Drop:
    """Let the very decision that senders make hold or drop an alert."""
    follows = [follow] if follow else []
    wanted = Person(**person)
    decision = restrain(urgency=urgency, follows=follows, person=wanted, now=NOON, expires_at=LATER)
    assert isinstance(decision, Hold | Drop)
    return decision


HOLDS = [
    (decided(wants=Wants(pause_until=LATER)), "paused all alerts"),
    (decided(Follow("Storms", 8, Cadence.hourly)), "hourly digest"),
    (decided(Follow("Storms", 8, Cadence.daily)), "daily digest"),
    (decided(wants=Wants(quiet=QuietHours(600, 900))), "quiet hours"),
    (decided(wants=Wants(cap=2), told_today=3), "had 3 alerts that day and want at most 2"),
]
DROPS = [
    (decided(mutes="this story").why, "had muted this story."),
    (decided(mutes="Football").why, "had muted Football."),
    (decided(None).why, "followed none of its topics"),
    (decided(Follow("Storms", 4, Cadence.at_once)).why, "urgency is 5, and you want to hear of 4"),
    ("an admin stopped the alert", "The newsroom stopped this alert"),
    *((each, "before it was your turn") for each in CANCELLED.values()),
    (replaced.WITHDRAWN, "withdrawn before"),
    ("It was corrected while it was held for you: alert 7 is told instead.", "you get the correction"),
    (lapsed(stopped="", live=False, now=NOON, expires_at=LATER), "switched off"),
    (digest_items.RETIRED, "switched off"),
    (lapsed(stopped="", live=True, now=LATER, expires_at=LATER), "too late"),
    (WHY, "repaired our data"),
    ("the sender failed; parked for an admin", "broke while sending"),
    ("its sender died with it three times; parked for an admin", "broke while sending"),
]


def said(**state: Any) -> str:
    return " ".join(str(each) for each in what_became(State(**state)))


@pytest.mark.parametrize(("hold", "words"), HOLDS)
def test_every_reason_to_hold_is_told_in_the_readers_words(hold: Hold, words: str) -> None:
    assert words in said(outcome="held", due_at=LATER, why=hold.why)


@pytest.mark.parametrize(("why", "words"), DROPS)
def test_every_reason_to_drop_is_told_in_the_readers_words(why: str, words: str) -> None:
    assert words in said(outcome="dropped", why=why)


def test_giving_up_tells_how_often_it_was_tried() -> None:
    gave_up = when_again(7, None, NOON, NOON + timedelta(seconds=1), 0.5)
    assert isinstance(gave_up, GiveUp)
    assert "We tried 7 times" in said(outcome="dropped", why=gave_up.why)


def test_no_reason_is_known_that_nobody_gives() -> None:
    given = [hold.why for hold, _words in HOLDS] + [why for why, _words in DROPS]
    given += [replaced.COMES, "Your digest waits until your quiet hours or your pause end."]
    given += ["not delivered in 2 attempts, and the next would come too late to be news"]
    for pattern in (*HELD, *DROPPED):
        assert any(re.match(pattern, why) for why in given), pattern


@pytest.mark.parametrize(
    "secret",
    [
        "no mail server is set: give TOCSIN_MAIL_URL",
        "mailto://user:pass@smtp.example",
        "it leads to this machine or a private network, and was not added with --private",
    ],
)
def test_the_newsrooms_own_troubles_are_not_repeated(secret: str) -> None:
    for outcome in ("later", "gone", "refused", "dropped", "held"):
        assert secret not in said(outcome=outcome, answer=secret, why=secret, due_at=NOON, attempts=1)


def test_what_the_far_end_answered_is_told() -> None:
    assert said(outcome="gone", answer="410 Gone").endswith("It answered: 410 Gone.")
    assert said(outcome="later", answer="SMTP 451 4.3.0", due_at=NOON, attempts=2).endswith("SMTP 451 4.3.0.")


def test_why_it_came_names_the_topics_the_urgency_and_the_rule() -> None:
    ring = should_ring({1: "Storms", 2: "Harbour"}, [])
    assert isinstance(ring, Ring)
    urgency = how_urgent("Flash: storm closes harbour")
    cause = Cause(
        "alert", ("Storms",), follows_story=False, urgency=1, urgency_why=urgency.why, rule=ring.why
    )
    text = " ".join(map(str, why(cause)))
    assert "You follow Storms." in text
    assert "Harbour" not in text
    assert "a flash" in text
    assert "begins with “Flash”" in text
    assert "the first alert of its story" in text


def test_a_second_alert_of_a_story_says_that_it_rang_before() -> None:
    ring = should_ring({1: "Storms", 2: "Harbour"}, [2])
    assert isinstance(ring, Ring)
    cause = Cause("alert", ("Storms",), follows_story=True, urgency=5, urgency_why="", rule=ring.why)
    text = " ".join(map(str, why(cause)))
    assert "had rung before, but not for this" in text
    assert "You follow this story" in text


def test_matched_words_are_marked_as_whole_words() -> None:
    assert marked("Harbour: the harbourmaster closes the harbour", ["harbour"]) == [
        Piece("Harbour", marked=True),
        Piece(": the harbourmaster closes the ", marked=False),
        Piece("harbour", marked=True),
    ]
    assert marked("No such word", []) == [Piece("No such word", marked=False)]
    assert marked("", ["x"]) == []


FOLLOWS = {1: Followed("Storms", NOON, 8)}
RANG = Rang(at=LATER, seen_at=LATER, urgency=5, topics=frozenset({1}))
LIVE = Way("live", NOON)
MATCHED = Facts("matched", "", {1: "Storms"}, FOLLOWS, (RANG,), ways=(LIVE,))


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (Facts("baseline", ""), "before we began to watch"),
        (Facts("stale", "published 3 days ago"), "long before we saw it"),
        (Facts("held", "many at once"), "not decided"),
        (Facts("seen", ""), "ask again"),
        (Facts("matched", "no topic matches", {}, FOLLOWS), "none of the topics you follow: ('Storms',)"),
        (Facts("matched", "no topic matches"), "You follow no topics yet."),
        (MATCHED._replace(mutes_story=True), "You muted this story."),
        (MATCHED._replace(muted=("Storms",)), "You muted Storms"),
        (MATCHED._replace(threshold=2), "urgency is 5, and you want to hear of 2"),
        (MATCHED._replace(follows={1: Followed("Storms", NOON, 3)}), "from urgency 3 up, and this is 5"),
        (MATCHED._replace(follows={1: Followed("Storms", AFTER, 8)}), "we saw the story before that"),
        (MATCHED._replace(rang=()), "sent no alert of it for Storms"),
        (
            MATCHED._replace(rang=(), why="an admin has withdrawn an alert of its story"),
            "has withdrawn its story",
        ),
        (
            MATCHED._replace(rang=(), why="it was seen 9 hours ago, too late to ring"),
            "We came to it too late",
        ),
        (MATCHED._replace(ways=()), "no channel on which"),
        (MATCHED._replace(ways=(Way("waiting", NOON),)), "waits for you to confirm"),
        (MATCHED._replace(ways=(Way("live", AFTER),)), "after it rang"),
        (MATCHED._replace(rang=(RANG._replace(stopped=True),)), "stopped this alert"),
        (MATCHED, "should have reached you"),
    ],
)
def test_why_an_article_was_not_heard_of(facts: Facts, words: str) -> None:
    assert words in " ".join(map(str, why_not(facts)))


def test_whatever_a_failed_test_stored_is_told_its_owner_in_words_and_nothing_of_ours() -> None:
    plugin, unfit = "it was not reached, or did not take the message", judge([]).answer
    for stored in (*map(str, Failure), plugin, unfit, "it is not written like a mail address"):
        assert why_it_did_not_arrive(stored) != OURS, stored
    assert why_it_did_not_arrive("403 Forbidden") == "it answered 403 Forbidden"
    assert why_it_did_not_arrive("SMTP 550 5.1.1") == "it answered SMTP 550 5.1.1"
    assert why_it_did_not_arrive("the sender failed (TypeError)") == OURS
    assert "--private" not in why_it_did_not_arrive(str(Failure.private))
