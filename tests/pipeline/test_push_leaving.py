"""Every message has its reader's own way to leave, and what was left is silent at once."""

import re
import subprocess
import sys
from typing import Any

import pytest
from fastapi.testclient import TestClient

from subscriptions import clock, database
from subscriptions.channels import read_address, store_channel
from subscriptions.keys import secret_keys
from subscriptions.leave_links import PLACE, channel_of, leave_path
from subscriptions.settings import settings
from subscriptions.subscribers import subscribe
from subscriptions.tables import Channel, ChannelStatus, Subscriber, Topic
from subscriptions.wants import Cadence
from subscriptions.web.app import make_app
from tests.builders import a_channel, a_subscriber
from tests.conftest import Clock
from tests.pushing import follower, ring
from tests.sinks import HttpSink
from worker.push import transport
from worker.push.confirm import ask_for_confirmation
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


def test_no_publisher_can_have_readers_links_written_into_an_address_of_theirs() -> None:
    code = "from subscriptions.leave_links import PLACE; print(PLACE)"
    places = {subprocess.check_output([sys.executable, "-c", code], text=True) for _ in range(2)}
    assert len(places) == 2


def test_what_programs_get_has_no_link_of_a_reader_in_it(sink: HttpSink, topic: Topic) -> None:
    ann = follower(sink, "ann", topic)
    ring(topic, text=f"https://publisher.example{PLACE}")
    assert leave_path(ann) not in str(sink.received)


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


def confirmation(sink: HttpSink, path: str) -> str:
    """Give all the text of the test alert that asks to confirm a channel of this path."""
    with database.unit_of_work() as session:
        subscriber = a_subscriber(session, name=path)
        address = read_address(sink.ntfy(path))
        channel = store_channel(session, subscriber, address, status=ChannelStatus.waiting, private=True)
        channel.ask_at = clock.now()
    ask_for_confirmation([channel.id or 0])
    return str(sink.received[-1][1]["message"])


def test_a_test_alert_that_speaks_of_a_link_shows_it_also_where_a_tap_opens_it(sink: HttpSink) -> None:
    told = confirmation(sink, "ann")
    assert "open the link" in told
    assert f"{settings().site}/me/channels/confirm/" in told
    assert sink.headers[-1]["x-click"].startswith(f"{settings().site}/me/channels/confirm/")


def test_a_message_shows_the_newsrooms_own_picture_or_none_and_never_a_third_partys(
    sink: HttpSink, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader(sink, "ann", topic)
    ring(topic)
    assert "x-icon" not in sink.headers[-1]
    monkeypatch.setenv("TOCSIN_PUBLIC_URL", "https://alerts.news.example")
    settings.cache_clear()
    transport._asset.cache_clear()
    try:
        confirmation(sink, "bob")
    finally:
        transport._asset.cache_clear()
    assert sink.headers[-1]["x-icon"] == "https://alerts.news.example/static/bell.png"
    with TestClient(make_app()) as browser:
        assert browser.get("/static/bell.png").headers["content-type"] == "image/png"
