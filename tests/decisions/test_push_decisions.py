"""Sending: what an answer means, when it is tried again, who is told, and what they read."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from worker.errors import AddressGone, Refused, TryLater, Unknown
from worker.push.answer import Answer, Failure, judge, retry_after_s
from worker.push.compose import Message, leaving, note_for, one_line
from worker.push.ledger import Ledger, pack
from worker.push.outcome import Outcome
from worker.push.retry import GiveUp, RetryAt, when_again
from worker.push.shorten import shorten

FAMILY = "👩\u200d👩\u200d👧\u200d👦"


@pytest.mark.parametrize(
    ("answer", "means"),
    [
        (Answer(404), AddressGone),
        (Answer(410), AddressGone),
        (Answer(408), TryLater),
        (Answer(429), TryLater),
        (Answer(500), TryLater),
        (Answer(503), TryLater),
        (Answer(400), Refused),
        (Answer(401), Refused),
        (Answer(413), Refused),
        (Answer(301), Refused),
        (Answer(failure=Failure.unreachable), TryLater),
        (Answer(failure=Failure.untrusted), TryLater),
        (Answer(failure=Failure.no_answer), Unknown),
        (Answer.smtp(550, b"5.1.1 no such user ann@reader.example"), AddressGone),
        (Answer.smtp(550, b"no such user"), AddressGone),
        (Answer.smtp(552, b"5.2.2 mailbox full"), TryLater),
        (Answer.smtp(451, b"4.7.1 greylisted"), TryLater),
        (Answer.smtp(554, b"5.7.1 looks like spam"), Refused),
        (Answer.smtp(535, b"5.7.8 bad password", at_login=True), TryLater),
    ],
)
def test_an_answer_is_sorted_by_what_is_to_be_done(answer: Answer, means: type[Exception]) -> None:
    assert type(judge([answer])) is means


def test_the_last_answer_counts_and_none_at_all_is_a_refusal() -> None:
    assert isinstance(judge([Answer(503), Answer(410)]), AddressGone)
    assert isinstance(judge([]), Refused)


def test_a_mail_servers_words_are_not_kept_since_they_may_name_the_address() -> None:
    assert str(Answer.smtp(550, b"5.1.1 <ann@reader.example> unknown")) == "SMTP 550 5.1.1"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        ("1.5", 1.5),
        ("Mon, 02 Mar 2026 12:01:00 GMT", 60),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0),
        ("999999999", 86_400),
        ("", None),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert retry_after_s(header, NOON) == seconds


def again(
    attempts: int, asked_s: float | None = None, jitter: float = 0, hours: float = 6
) -> RetryAt | GiveUp:
    return when_again(attempts, asked_s, NOON, NOON + timedelta(hours=hours), jitter)


def wait(decision: RetryAt | GiveUp) -> float:
    assert isinstance(decision, RetryAt)
    return (decision.at - NOON).total_seconds()


def test_waits_double_to_ten_minutes_and_half_of_each_is_chance() -> None:
    assert [wait(again(number, jitter=1)) for number in (1, 2, 3)] == [5, 10, 20]
    assert wait(again(50, jitter=1)) == 600
    assert wait(again(3, jitter=0)) == 10


def test_a_far_ends_retry_after_is_the_least_it_waits() -> None:
    assert wait(again(1, asked_s=120)) == 120
    assert wait(again(8, asked_s=1, jitter=1)) == 600


def test_what_would_come_too_late_to_be_news_is_given_up() -> None:
    assert isinstance(again(1, asked_s=7200, hours=1), GiveUp)


def test_an_alert_reads_as_title_text_link_and_why() -> None:
    note = note_for("Herald", ["Storms", "Sea"])
    message = Message("Storm", "Nobody was hurt.", "http://n.example/1", note)
    assert message.body == "Nobody was hurt.\n\nhttp://n.example/1\n\nHerald · You follow Storms and Sea."


def test_a_mail_can_be_left_by_one_click() -> None:
    message = Message("Storm", leave="http://t.example/u/1")
    assert "http://t.example/u/1" in message.body
    headers = leaving(message.leave)
    assert headers["List-Unsubscribe"] == "<http://t.example/u/1>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x0b", "\x85", "\x00"])
def test_a_title_cannot_start_a_mail_header(line_end: str) -> None:
    title = one_line(f"Storm{line_end}Bcc: all@victim.example", 200)
    assert title == "Storm Bcc: all@victim.example"


def test_texts_are_cut_at_the_end_of_a_word() -> None:
    assert shorten("The harbour is closed until noon", 22) == "The harbour is closed…"
    assert shorten("Short", 5) == "Short"


def test_nothing_is_cut_in_the_middle_of_what_people_see_as_one_letter() -> None:
    assert shorten(FAMILY * 3, len(FAMILY) + 4) == FAMILY + "…"
    assert shorten("e\u0301" * 10, 6) == "e\u0301e\u0301…"


def test_piled_up_accents_are_taken_down() -> None:
    assert len(one_line("B" + "\u0301" * 500 + "reaking", 200)) < 20
    assert one_line("Cafe\u0301 und Việt Nam", 200) == "Café und Việt Nam"


@given(st.text(max_size=60), st.integers(2, 40))
def test_a_cut_text_is_never_too_long(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit
    assert len(one_line(text, limit)) <= limit


def test_the_ledger_knows_who_is_to_be_told_still() -> None:
    ledger = Ledger(pack([1, 2, 3, 4]) or b"")
    for outcome in (Outcome(1, "accepted"), Outcome(2, "later"), Outcome(3, "gone")):
        ledger.mark(outcome)
    assert ledger.to_do() == [4]
    ledger.mark(Outcome(2, "accepted"))
    assert sorted(ledger.told["accepted"]) == [1, 2]
    assert not ledger.told["later"]


def test_a_million_recipients_told_cost_less_than_a_byte_each() -> None:
    every_third = pack(range(1, 3_000_001, 3))
    assert every_third is not None
    assert len(every_third) < 1_000_000
