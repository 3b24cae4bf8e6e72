"""Readers sign up by e-mail, say yes, change what they follow, and leave."""

import re
import time
from typing import Any
from unittest.mock import patch

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from subscriptions.database import reading, unit_of_work
from subscriptions.keys import signer
from subscriptions.sign_up import ask
from subscriptions.subscribers import followed_topics
from subscriptions.tables import Channel, Subscriber, Topic, Wish
from subscriptions.topics import find_topic
from tests.browser import send
from tests.builders import a_topic
from tests.conftest import Clock
from tests.sinks import MailSink
from worker.push.confirm import ask_for_confirmation
from worker.push.recipients import Recipient, parts_of
from worker.sweep import late_channels

ANN, BOB = "ann@reader.example", "bob@reader.example"
NO_ADDRESSES = ["", "ann", "ann@", "ntfys://ntfy.example/ann", "ann@reader.example\nBcc: b@x.example"]


def a_followable(slug: str = "storms", **values: Any) -> Topic:
    with unit_of_work() as session:
        return a_topic(session, slug=slug, name=slug.title(), **values)


def sign_up(browser: TestClient, slug: str = "storms", address: str = ANN) -> str:
    """Send the form of a topic's page; give the answer's text."""
    return browser.post(f"/topics/{slug}", data={"address": address}).text


def channels() -> list[Channel]:
    with reading() as session:
        return list(session.exec(select(Channel)))


def follows() -> list[str]:
    with reading() as session:
        (subscriber,) = session.exec(select(Subscriber)).all()
        return [topic.slug for topic in followed_topics(session, subscriber)]


def mail_what_is_due(clock: Clock) -> None:
    """Do what the sweep does some seconds later."""
    clock.move(seconds=6)
    ask_for_confirmation(late_channels())


def link_in(smtp: MailSink, address: str = ANN) -> str:
    """Give the path of the confirmation link in the last mail."""
    body = smtp.to(address)[-1].get_body(("plain",))
    assert body is not None
    found = re.search(r"https?://[^/]+(/confirm/\S+)", body.get_content())
    assert found is not None
    return found[1]


def say_yes(browser: TestClient, link: str) -> str:
    """Tick what the page offers and press its button."""
    offered = re.findall(r'name="topic" value="(\d+)"', browser.get(link).text)
    return browser.post(link, data={"topic": offered}).text


def subscribed(browser: TestClient, smtp: MailSink, clock: Clock, *slugs: str) -> Channel:
    """Sign up for topics and say yes; give the channel."""
    for slug in slugs:
        a_followable(slug)
        sign_up(browser, slug)
    mail_what_is_due(clock)
    say_yes(browser, link_in(smtp))
    return channels()[0]


def unsubscribe_path(channel: Channel) -> str:
    return f"/unsubscribe/{signer('unsubscribe').dumps(channel.id)}"


def test_a_reader_types_an_address_says_yes_and_is_subscribed(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    a_followable()
    assert "Never miss breaking news on" in browser.get("/topics/storms").text
    assert "One more step." in sign_up(browser)
    mail_what_is_due(stopped_clock)
    assert "You&#39;re subscribed" in (page := say_yes(browser, link_in(smtp))) or "You're subscribed" in page
    assert follows() == ["storms"]
    assert [channel.status for channel in channels()] == ["live"]


def test_nobody_is_subscribed_before_they_say_yes(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    a_followable()
    sign_up(browser)
    mail_what_is_due(stopped_clock)
    for _ in range(3):
        assert browser.get(link_in(smtp)).status_code == 200
    assert follows() == []
    assert [channel.status for channel in channels()] == ["waiting"]


def test_the_answer_does_not_tell_whether_an_address_is_known(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    subscribed(browser, smtp, stopped_clock, "storms")
    stopped_clock.move(hours=1)
    sign_up(browser, address=BOB)
    known, unknown = sign_up(browser), sign_up(browser, address=BOB)
    assert known.replace(ANN, "X") == unknown.replace(BOB, "X")


def test_who_asks_again_is_told_that_a_mail_is_on_its_way_already_and_when_the_next_goes(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    a_followable()
    first, second = sign_up(browser), sign_up(browser)
    assert "a mail with a link is on its way there" in first
    assert "a mail with a link is on its way there" not in second
    assert "before" in second
    assert "10 minutes after the first at the earliest" in second
    assert "before" not in sign_up(browser, address=BOB)


def test_who_follows_a_topic_already_gets_no_mail_for_it(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    subscribed(browser, smtp, stopped_clock, "storms")
    stopped_clock.move(days=1)
    sign_up(browser)
    mail_what_is_due(stopped_clock)
    assert len(smtp.mails) == 1


def test_a_stranger_cannot_add_a_topic_to_somebody_elses_address(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    subscribed(browser, smtp, stopped_clock, "storms")
    stopped_clock.move(hours=1)
    a_followable("floods")
    sign_up(browser, "floods")
    mail_what_is_due(stopped_clock)
    assert follows() == ["storms"]
    assert len(smtp.mails) == 2
    say_yes(browser, link_in(smtp))
    assert follows() == ["floods", "storms"]


def test_what_is_not_ticked_is_not_followed_and_is_forgotten(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    storms, floods = a_followable("storms"), a_followable("floods")
    sign_up(browser, "storms")
    sign_up(browser, "floods")
    mail_what_is_due(stopped_clock)
    link = link_in(smtp)
    assert browser.post(link, data={}).status_code == 400
    browser.post(link, data={"topic": [str(storms.id)]})
    assert follows() == ["storms"]
    browser.post(link, data={"topic": [str(floods.id)]})
    assert follows() == ["storms"]
    with reading() as session:
        assert session.exec(select(Wish)).all() == []


def test_an_address_typed_again_and_again_is_mailed_ever_more_rarely(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    a_followable()
    for _ in range(3 * 24 * 2):  # every half hour for three days
        with unit_of_work() as session:
            ask(session, find_topic(session, "storms"), ANN)
        ask_for_confirmation([channels()[0].id or 0])
        stopped_clock.move(minutes=30)
    assert len(smtp.mails) == 6  # at once, after half an hour, 1 hour, 6 hours, a day, a day


def test_a_worker_that_dies_while_it_mails_is_made_good_by_another(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_followable()
    for address in ("ann@reader.example", "bob@reader.example"):
        with unit_of_work() as session:
            ask(session, find_topic(session, "storms"), address)

    def dies(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("worker.push.confirm.send", dies)
        with pytest.raises(SystemExit):
            ask_for_confirmation([channel.id or 0 for channel in channels()])
    stopped_clock.move(seconds=6)
    ask_for_confirmation(late_channels())
    assert [str(mail["to"]) for _to, mail in smtp.mails] == ["bob@reader.example"]
    stopped_clock.move(minutes=2)
    ask_for_confirmation(late_channels())
    assert len(smtp.mails) == 2
    assert late_channels() == []


def test_one_mail_that_cannot_be_written_holds_up_no_other(
    browser: TestClient, smtp: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_followable()
    for address in ("ann@reader.example", "bob@reader.example"):
        with unit_of_work() as session:
            ask(session, find_topic(session, "storms"), address)
    broken = channels()[0].id

    def breaks(recipient: Recipient) -> dict[str, Any]:
        if recipient.channel_id == broken:
            raise ValueError
        return parts_of(recipient)

    monkeypatch.setattr("worker.push.confirm.parts_of", breaks)
    ask_for_confirmation([channel.id or 0 for channel in channels()])
    assert len(smtp.mails) == 1


def test_one_network_address_cannot_sign_up_without_end(browser: TestClient, smtp: MailSink) -> None:
    a_followable()
    answers = [
        browser.post("/topics/storms", data={"address": f"reader{number}@reader.example"}).status_code
        for number in range(25)
    ]
    assert answers == [200] * 20 + [429] * 5


@pytest.mark.parametrize(
    "address", ["", "ann", "ann@", "ntfys://ntfy.example/ann", "ann@reader.example\nBcc: b@x.example"]
)
def test_what_is_no_mail_address_is_said_at_the_field_and_kept(
    browser: TestClient, smtp: MailSink, address: str
) -> None:
    a_followable()
    answer = browser.post("/topics/storms", data={"address": address})
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text
    assert channels() == []


@pytest.mark.parametrize("values", [{"status": "paused"}, {"status": "draft"}, {"practice": True}])
def test_a_topic_that_cannot_be_followed_has_no_page(
    browser: TestClient, smtp: MailSink, values: dict[str, Any]
) -> None:
    a_followable(**values)
    assert browser.get("/topics/storms").status_code == 404
    assert browser.post("/topics/storms", data={"address": ANN}).status_code == 404


def test_without_a_mail_server_the_page_says_what_to_set(browser: TestClient) -> None:
    a_followable()
    assert "TOCSIN_MAIL_URL" in browser.get("/topics/storms").text
    assert browser.post("/topics/storms", data={"address": ANN}).status_code == 400
    assert channels() == []


def test_a_mail_server_that_is_away_is_asked_again(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    a_followable()
    smtp.verdict = lambda _address: "451 try later"
    sign_up(browser)
    mail_what_is_due(stopped_clock)
    assert smtp.mails == []
    smtp.verdict = lambda _address: "250 OK"
    stopped_clock.move(seconds=60)
    mail_what_is_due(stopped_clock)
    assert len(smtp.mails) == 1


def test_the_link_ends_after_three_days(browser: TestClient, smtp: MailSink, stopped_clock: Clock) -> None:
    a_followable()
    sign_up(browser)
    (channel,) = channels()
    with patch.object(time, "time", lambda: 1_700_000_000.0):
        old = signer("confirm").dumps(channel.id)
    assert browser.get(f"/confirm/{old}").status_code == 410
    assert browser.post(f"/confirm/{old}", data={"topic": ["1"]}).status_code == 410
    assert browser.get("/confirm/guessed").status_code == 404
    assert browser.get(f"/confirm/{signer('unsubscribe').dumps(channel.id)}").status_code == 404


def test_a_reader_keeps_some_topics_and_drops_others(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    channel = subscribed(browser, smtp, stopped_clock, "storms", "floods")
    with reading() as session:
        storms = session.exec(select(Topic).where(Topic.slug == "storms")).one()
    page = browser.post(unsubscribe_path(channel), data={"do": "keep", "topic": [str(storms.id)]})
    assert "Saved." in page.text
    assert follows() == ["storms"]


def test_keeping_none_of_what_one_follows_is_leaving(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    channel = subscribed(browser, smtp, stopped_clock, "storms")
    page = browser.post(unsubscribe_path(channel), data={"do": "keep", "topic": ["999"]})
    assert "You have left." in page.text
    assert [each.status for each in channels()] == ["retired"]


def test_one_click_of_a_mail_program_leaves(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    channel = subscribed(browser, smtp, stopped_clock, "storms")
    assert browser.get(unsubscribe_path(channel)).status_code == 200
    assert follows() == ["storms"], "looking changes nothing"
    answer = browser.post(unsubscribe_path(channel), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert follows() == []
    assert [(each.status, each.why) for each in channels()] == [("retired", "its owner left")]


def test_who_left_can_come_back_and_has_to_say_yes_again(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    channel = subscribed(browser, smtp, stopped_clock, "storms")
    browser.post(unsubscribe_path(channel), data={"do": "leave"})
    stopped_clock.move(days=1)
    sign_up(browser)
    assert follows() == []
    mail_what_is_due(stopped_clock)
    say_yes(browser, link_in(smtp))
    assert follows() == ["storms"]
    assert len(channels()) == 1


def test_the_desk_sees_no_address_in_the_clear(
    desk: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    a_followable()
    sign_up(desk)
    (channel,) = channels()
    assert channel.label == "a…@reader.example"
    assert ANN.encode() not in channel.sealed
    assert send(desk, "/desk", act="/desk/sign-out").status_code == 200
