"""Every message has its reader's own way to leave, and what was left is silent at once."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from subscriptions import database
from subscriptions.keys import secret_keys
from subscriptions.leave_links import channel_of, leave_path
from subscriptions.settings import settings
from subscriptions.subscribers import subscribe
from subscriptions.tables import Channel, Subscriber, Topic
from subscriptions.wants import Cadence
from subscriptions.web.app import make_app
from tests.builders import a_channel, a_subscriber
from tests.conftest import Clock
from tests.pushing import ring
from tests.sinks import HttpSink
from worker.push.digest import deliver_digests
from worker.push.trial import send_test

pytestmark = pytest.mark.usefixtures("db", "stopped_clock")


def reader(sink: HttpSink, name: str, topic: Topic, *more: str, **values: Any) -> int:
    """Give the number of the ntfy channel of a reader; `more` are names of others they have."""
    with database.unit_of_work() as session:
        subscriber = a_subscriber(session, topic, name=name, **values)
        for other in more:
            a_channel(session, subscriber, sink.ntfy(other))
        return a_channel(session, subscriber, sink.ntfy(name)).id or 0


def messages(sink: HttpSink) -> dict[str, str]:
    return {body["topic"]: body["message"] for _path, body in sink.received}


def link_in(message: str) -> str:
    found = re.search(rf"{settings().site}(/l/[\w-]+)$", message)
    assert found is not None, message
    return found[1]


def test_each_reader_is_told_their_own_way_to_leave_in_their_language(sink: HttpSink, topic: Topic) -> None:
    ann, bob = reader(sink, "ann", topic), reader(sink, "bob", topic, language="de")
    ring(topic)
    told = messages(sink)
    assert (link_in(told["ann"]), link_in(told["bob"])) == (leave_path(ann), leave_path(bob))
    assert "Settings or leave: http" in told["ann"]
    assert "Einstellen oder abmelden: http" in told["bob"]


def test_digests_and_tests_have_it_too(sink: HttpSink, topic: Topic, stopped_clock: Clock) -> None:
    ann = reader(sink, "ann", topic)
    with database.unit_of_work() as session:
        owner = session.get_one(Subscriber, session.get_one(Channel, ann).subscriber_id)
        subscribe(session, owner, session.get_one(Topic, topic.id), cadence=Cadence.daily)
    ring(topic)
    assert not sink.received
    stopped_clock.move(days=1)
    deliver_digests()
    assert link_in(messages(sink)["ann"]) == leave_path(ann)
    sink.received.clear()
    with database.reading() as session:
        send_test(session.get_one(Channel, ann))
    assert link_in(messages(sink)["ann"]) == leave_path(ann)


def test_who_leaves_one_channel_hears_on_the_others_and_who_leaves_all_on_none(
    sink: HttpSink, topic: Topic
) -> None:
    reader(sink, "ann", topic, "phone", "desk")
    ring(topic)
    with TestClient(make_app(), base_url=settings().site) as browser:
        link = link_in(messages(sink)["ann"])
        browser.get(link)
        sink.received.clear()
        ring(topic)
        assert sorted(messages(sink)) == ["ann", "desk", "phone"], "looking changes nothing"
        sink.received.clear()
        browser.post(link, data={"do": "leave"})
        ring(topic)
        assert sorted(messages(sink)) == ["desk", "phone"]
        browser.post(link_in(messages(sink)["desk"]), data={"do": "everything"})
        sink.received.clear()
        ring(topic)
        assert not sink.received


def test_a_webhook_gets_what_it_always_got(sink: HttpSink, topic: Topic) -> None:
    with database.unit_of_work() as session:
        a_channel(session, a_subscriber(session, topic, name="desk"), sink.url("desk"))
    ring(topic)
    _path, body = sink.received[0]
    assert "/l/" not in body["message"]
    assert sorted(body) == ["attachments", "message", "title", "type", "version"]


@pytest.mark.parametrize("number", [1, 255, 256, 10**12])
def test_a_link_is_twenty_letters_that_no_chat_cuts_and_no_stranger_makes(number: int) -> None:
    token = leave_path(number).removeprefix("/l/")
    assert re.fullmatch(r"[\w-]{19}A", token)
    assert channel_of(token) == number
    for place in range(len(token)):
        other = token[:place] + ("B" if token[place] != "B" else "C") + token[place + 1 :]
        assert channel_of(other) is None
    assert [channel_of(wrong) for wrong in ("", token[:-1], f"{token}A", f"{token}AAAA", "ש", "0" * 20)] == [
        None
    ] * 6


def test_a_link_outlives_the_rotation_of_keys_until_its_key_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    token, old = leave_path(7).removeprefix("/l/"), secret_keys()[0]
    for keys, found in ((f"{'n' * 40},{old}", 7), ("n" * 40, None)):
        monkeypatch.setenv("TOCSIN_SECRET_KEYS", keys)
        settings.cache_clear()
        secret_keys.cache_clear()
        assert channel_of(token) == found
