"""Alerts by mail, through a real SMTP server."""

import pytest

from subscriptions import database
from subscriptions.tables import (
    DeliveryStatus,
    Topic,
)
from tests.builders import a_channel, a_subscriber
from tests.pushing import delivery, ring
from tests.sinks import MailSink

pytestmark = pytest.mark.usefixtures("db", "stopped_clock")


def test_a_mail_says_why_it_came_and_how_to_leave(smtp: MailSink, topic: Topic) -> None:
    with database.unit_of_work() as session:
        a_channel(session, a_subscriber(session, topic), "ann@news.example")
    ring(topic, title="Storm closes\r\nBcc: everyone@news.example harbour")
    (mail,) = smtp.to("ann@news.example")
    assert [address for address, _mail in smtp.mails] == ["ann@news.example"]
    assert mail["Subject"] == "Storm closes Bcc: everyone@news.example harbour"
    text = "".join(part.get_content() for part in mail.walk() if part.get_content_type() == "text/plain")
    assert "You follow Harbour." in text
    link = mail["List-Unsubscribe"].strip("<>")
    assert link.startswith("http://127.0.0.1:8000/unsubscribe/")
    assert link in text
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        ("550 5.1.1 no such user ann@news.example", DeliveryStatus.gone),
        ("550 no such user", DeliveryStatus.gone),
        ("550 5.7.1 we do not like your news", DeliveryStatus.refused),
        ("552 5.2.2 mailbox full", DeliveryStatus.waiting),
        ("451 4.3.0 try later", DeliveryStatus.waiting),
    ],
)
def test_a_mail_servers_answer_decides_what_is_done(
    smtp: MailSink, topic: Topic, verdict: str, status: DeliveryStatus
) -> None:
    with database.unit_of_work() as session:
        channel = a_channel(session, a_subscriber(session, topic), "ann@news.example").id or 0
    smtp.verdict = lambda _address: verdict
    tried = delivery(ring(topic), channel)
    assert tried.status == status
    assert "ann" not in tried.answer


def test_without_a_mail_server_mails_wait_and_say_what_is_missing(topic: Topic) -> None:
    with database.unit_of_work() as session:
        channel = a_channel(session, a_subscriber(session, topic), "ann@news.example").id or 0
    waiting = delivery(ring(topic), channel)
    assert waiting.status == DeliveryStatus.waiting
    assert "TOCSIN_MAIL_URL" in waiting.answer


def test_what_is_ours_in_a_mail_is_in_its_readers_language(smtp: MailSink, topic: Topic) -> None:
    with database.unit_of_work() as session:
        for name, language in (("ann", "de-AT"), ("bob", "he"), ("eve", "pt")):
            a_channel(session, a_subscriber(session, topic, language=language), f"{name}@news.example")
    ring(topic)
    for name, direction, says, leave in (
        ("ann", "ltr", "Sie folgen Harbour.", "Abmelden oder Themen ändern"),
        ("bob", "rtl", "אתם עוקבים אחרי \u2068Harbour\u2069.", "לעזוב או לשנות את המעקב"),
        ("eve", "ltr", "You follow Harbour.", "Leave or change what you follow"),
    ):
        (mail,) = smtp.to(f"{name}@news.example")
        text, page = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        assert says in text
        assert f"{leave}: http://" in text
        assert f'dir="{direction}">\r\n<p>' in page
        assert says in page
        assert f">{leave}</a>" in page
