"""A person adds channels by forms, confirms them by a test alert, orders and removes them."""

import re
import time
from unittest.mock import patch

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from subscriptions import settings
from subscriptions.channels import add_channel, open_channel, read_address
from subscriptions.database import reading, unit_of_work
from subscriptions.keys import signer
from subscriptions.own_channels import add_own_channel, own_channels
from subscriptions.sign_in import ask_for_link, whose
from subscriptions.sign_up import ask, find_own, mail_address
from subscriptions.tables import Channel, Subscriber, Topic
from subscriptions.web.person import add_channel as add_channel_pages
from subscriptions.web.person import channels as pages
from subscriptions.web.turnstile import Turnstile
from tests.builders import a_subscriber, a_topic
from tests.conftest import Clock
from tests.corpus import needs_corpus
from tests.hostile import hostile_strings
from tests.sinks import HttpSink, MailSink, Reply
from worker.push.confirm import ask_for_confirmation
from worker.sweep import late_channels

ANN = "ann@reader.example"
SECRET = "tk_verysecret0001"


@pytest.fixture
def ann(db: str, monkeypatch: pytest.MonkeyPatch) -> Subscriber:
    """A reader whose alerts come by mail; channels may lead to this machine."""
    monkeypatch.setenv("TOCSIN_PRIVATE_ADDRESSES", "true")
    settings.settings.cache_clear()
    for name in ("by_person", "by_network", "by_place", "by_address", "by_code"):
        most = getattr(pages, name)._most
        monkeypatch.setattr(pages, name, Turnstile(most, pages.HOUR))
    for module in (pages, add_channel_pages):
        monkeypatch.setattr(module, "nudge", lambda *_, **__: True)
    with unit_of_work() as session:
        subscriber = a_subscriber(session, name="ann")
        add_channel(session, subscriber, ANN)
    return subscriber


@pytest.fixture
def own(browser: TestClient, ann: Subscriber) -> TestClient:
    """Ann's browser, signed in."""
    with reading() as session:
        channel = session.exec(select(Channel)).one()
    browser.get(f"/me/enter/{signer('enter').dumps(channel.id)}")
    return browser


def form_token(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def add(own: TestClient, kind: str, **fields: str) -> str:
    """Send the form of a kind of channel; give the page it leads to."""
    token = form_token(own.get(f"/me/channels/add/{kind}").text)
    return own.post(f"/me/channels/add/{kind}", data={"form_token": token, **fields}).text


def press(own: TestClient, channel: Channel, path: str, **fields: str) -> int:
    token = form_token(own.get("/me/channels").text)
    where = f"/me/channels/{channel.id}/{path}"
    return own.post(where, data={"form_token": token, **fields}).status_code


def channels(ann: Subscriber) -> list[Channel]:
    with reading() as session:
        return own_channels(session, ann.id or 0)


def add_ntfy(own: TestClient, sink: HttpSink, topic: str = "ann-news", **fields: str) -> str:
    return add(own, "ntfy", way="host", server=sink.url("").replace("json", "http", 1), topic=topic, **fields)


def send_what_is_due(clock: Clock) -> None:
    """Do what the sweep does some seconds later."""
    clock.move(seconds=6)
    ask_for_confirmation(late_channels())


def told(sink: HttpSink) -> str:
    """Give all that the last alert said."""
    return str(sink.received[-1][1])


def code_in(sink: HttpSink) -> str:
    found = re.search(r"code (\d{6})", told(sink))
    assert found is not None
    return found[1]


def test_a_channel_is_added_by_its_form_confirmed_by_its_test_alert_and_rings(
    own: TestClient, ann: Subscriber, sink: HttpSink, stopped_clock: Clock
) -> None:
    assert "a test alert is on its way" in add_ntfy(own, sink)
    mail, ntfy = channels(ann)
    assert (ntfy.status, ntfy.rank, mail.rank) == ("waiting", 0, 0)
    send_what_is_due(stopped_clock)
    assert sink.received[-1][1]["topic"] == "ann-news"
    assert press(own, ntfy, "code", code="000000") == 400
    assert [each.status for each in channels(ann)] == ["live", "waiting"]
    assert press(own, ntfy, "code", code=f" {code_in(sink)[:3]} {code_in(sink)[3:]}") == 200
    assert [each.status for each in channels(ann)] == ["live", "live"]
    press(own, ntfy, "test")
    send_what_is_due(stopped_clock)
    stopped_clock.move(minutes=1)
    send_what_is_due(stopped_clock)
    assert "alerts reach you here" in told(sink)


def test_the_link_of_a_test_alert_confirms_it_only_by_its_button(
    own: TestClient, ann: Subscriber, sink: HttpSink, stopped_clock: Clock
) -> None:
    add(own, "json", server=sink.url("alerts").replace("json", "http", 1))
    send_what_is_due(stopped_clock)
    found = re.search(r"https?://[^/]+(/me/channels/confirm/[\w.-]+)", told(sink))
    assert found is not None
    own.cookies.clear()  # it may be opened on another device
    assert "Yes, tell me here" in own.get(found[1]).text
    assert channels(ann)[1].status == "waiting"
    assert "Confirmed" in own.post(found[1]).text
    assert channels(ann)[1].status == "live"
    late = time.time() + 4 * 86400
    with patch("time.time", lambda: late):
        assert own.get(found[1]).status_code == 410


def test_a_mail_address_is_added_and_confirmed_likewise(
    own: TestClient, ann: Subscriber, smtp: MailSink, stopped_clock: Clock
) -> None:
    assert "is no mail address" in add(own, "email", address="bob")
    add(own, "email", address="bob@reader.example")
    send_what_is_due(stopped_clock)
    body = smtp.to("bob@reader.example")[-1].get_body(("plain",))
    assert body is not None
    found = re.search(r"code (\d{6})", body.get_content())
    assert found is not None
    assert press(own, channels(ann)[1], "code", code=found[1]) == 200
    assert channels(ann)[1].status == "live"


def test_an_address_that_others_added_is_not_theirs_when_its_owner_signs_up(
    own: TestClient, ann: Subscriber, smtp: MailSink, stopped_clock: Clock
) -> None:
    add(own, "email", address="bob@reader.example")
    (waiting,) = [each for each in channels(ann) if each.status == "waiting"]
    for _when in ("while it waits", "after it was removed"):
        with unit_of_work() as session:
            topic = session.exec(select(Topic)).first() or a_topic(session)
            asked = ask(session, topic, "bob@reader.example")
            assert asked is not None
            assert asked.subscriber_id != ann.id
        press(own, waiting, "remove")
    with unit_of_work() as session:
        wished = ask_for_link(session, "bob@reader.example")
        assert wished is not None
        assert whose(session, wished) is None, "nor does it lead to Ann's pages"


def test_an_address_that_was_removed_signs_nobody_in(own: TestClient, ann: Subscriber) -> None:
    (mail,) = channels(ann)
    add(own, "json", server="http://127.0.0.1:1/alerts")
    press(own, mail, "remove", sure="yes")
    with unit_of_work() as session:
        wished = ask_for_link(session, ANN)
        assert wished is not None
        assert whose(session, wished) is None
        assert find_own(session, mail_address(ANN)) is None, "nor does it become theirs by signing up"


def test_why_a_test_did_not_arrive_is_told(
    own: TestClient, ann: Subscriber, sink: HttpSink, stopped_clock: Clock
) -> None:
    sink.replies = lambda _path, _count: Reply(403)
    add_ntfy(own, sink)
    send_what_is_due(stopped_clock)
    page = own.get("/me/channels").text
    assert "The last test did not arrive" in page
    assert "403" in page
    sink.replies = lambda _path, _count: Reply()
    stopped_clock.move(minutes=2)
    press(own, channels(ann)[1], "test")
    send_what_is_due(stopped_clock)
    assert "did not arrive" not in own.get("/me/channels").text


def test_why_a_test_did_not_arrive_is_told_in_the_readers_language(
    own: TestClient, ann: Subscriber, sink: HttpSink, stopped_clock: Clock
) -> None:
    with unit_of_work() as session:
        session.get_one(Subscriber, ann.id).language = "de"
    sink.replies = lambda _path, _count: Reply(403)
    add_ntfy(own, sink)
    send_what_is_due(stopped_clock)
    assert "Der letzte Test kam nicht an: es kam die Antwort 403 Forbidden." in own.get("/me/channels").text
    stopped_clock.move(minutes=2)
    sink.close()
    press(own, channels(ann)[1], "test")
    send_what_is_due(stopped_clock)
    assert "Der Server war nicht zu erreichen".lower() in own.get("/me/channels").text.lower()


def test_a_secret_is_never_shown_again_nor_has_to_be_typed_again(
    own: TestClient, ann: Subscriber, sink: HttpSink
) -> None:
    page = add_ntfy(own, sink, topic="not a topic!", user="ann", password=SECRET)
    assert "Topic does not look right" in page
    assert SECRET not in page
    assert 'value="ann"' in page
    assert "Kept" in page
    kept = re.search(r'name="kept" value="([^"]+)"', page)
    assert kept is not None
    add_ntfy(own, sink, user="ann", kept=kept[1])
    ntfy = channels(ann)[1]
    assert open_channel(ntfy.sealed)["password"] == SECRET
    assert SECRET not in own.get("/me/channels").text


def test_secrets_that_were_kept_are_given_to_nobody_else(
    own: TestClient, ann: Subscriber, sink: HttpSink, stopped_clock: Clock
) -> None:
    page = add_ntfy(own, sink, topic="not a topic!", user="ann", password=SECRET)
    kept = re.search(r'name="kept" value="([^"]+)"', page)
    assert kept is not None
    add(own, "pjet", server="https://pushjet.example", secret_key="abc", user="ann", kept=kept[1])
    stopped_clock.move(hours=2)
    add_ntfy(own, sink, user="ann", kept=kept[1])
    with reading() as session:
        every = session.exec(select(Channel).where(Channel.scheme != "email")).all()
    assert all(open_channel(each.sealed).get("password") != SECRET for each in every)


def test_channels_ring_in_the_order_their_owner_gives(
    own: TestClient, ann: Subscriber, sink: HttpSink, stopped_clock: Clock
) -> None:
    add_ntfy(own, sink, "one-topic")
    add_ntfy(own, sink, "two-topic")
    mail, one, two = channels(ann)
    press(own, one, "place", place="last")
    press(own, two, "place", place="last")
    press(own, two, "move", to="up")
    assert [(each.id, each.rank) for each in channels(ann)] == [(mail.id, 0), (one.id, 1), (two.id, 1)]
    press(own, two, "move", to="up")
    assert [(each.id, each.rank) for each in channels(ann)] == [(mail.id, 0), (two.id, 1), (one.id, 2)]
    press(own, mail, "move", to="down")
    assert [(each.id, each.rank) for each in channels(ann)] == [(mail.id, 0), (two.id, 0), (one.id, 1)]
    assert "Only if none above took the alert" in own.get("/me/channels").text


def test_a_removed_channel_rings_no_more_and_can_be_added_again(
    own: TestClient, ann: Subscriber, sink: HttpSink, stopped_clock: Clock
) -> None:
    add_ntfy(own, sink)
    assert "You have that channel already" in add_ntfy(own, sink)
    press(own, channels(ann)[1], "remove")
    assert len(channels(ann)) == 1
    send_what_is_due(stopped_clock)
    assert sink.received == []
    assert "Almost there" in add_ntfy(own, sink)
    assert [each.status for each in channels(ann)] == ["live", "waiting"]


def test_nobody_touches_another_persons_channels(own: TestClient, ann: Subscriber, sink: HttpSink) -> None:
    with unit_of_work() as session:
        bob = add_channel(session, a_subscriber(session, name="bob"), "bob@reader.example")
    for path in ("test", "remove", "move", "code"):
        assert press(own, bob, path) == 404
    assert own.post(f"/me/channels/{channels(ann)[0].id}/remove", data={}).status_code == 400
    assert len(channels(ann)) == 1


def test_nobody_is_bombed_with_tests(
    own: TestClient, ann: Subscriber, sink: HttpSink, stopped_clock: Clock
) -> None:
    add_ntfy(own, sink)
    ntfy = channels(ann)[1]
    answers = []
    for _ in range(20):
        answers.append(press(own, ntfy, "test"))
        send_what_is_due(stopped_clock)
    assert answers.count(200) == pages.TO_ONE_ADDRESS - 1
    assert len(sink.received) <= pages.TO_ONE_ADDRESS
    pages_of_others = [add_ntfy(own, sink, f"topic-{number}") for number in range(9)]
    assert "That was a lot of tests" in pages_of_others[-1]
    assert len(channels(ann)) < 10


def test_codes_cannot_be_guessed_one_after_the_other(
    own: TestClient, ann: Subscriber, sink: HttpSink, stopped_clock: Clock
) -> None:
    add_ntfy(own, sink)
    send_what_is_due(stopped_clock)
    ntfy = channels(ann)[1]
    wrong = "111111" if code_in(sink) != "111111" else "222222"
    for _ in range(pages.TRIES):
        assert press(own, ntfy, "code", code=wrong) == 400
    assert press(own, ntfy, "code", code=code_in(sink)) == 429
    assert channels(ann)[1].status == "waiting"


def test_a_person_has_no_more_channels_than_is_set(
    own: TestClient, ann: Subscriber, sink: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOCSIN_OWN_CHANNELS", "2")
    settings.settings.cache_clear()
    add_ntfy(own, sink, "one-topic")
    assert "You have 2 channels, the most there can be" in add_ntfy(own, sink, "two-topic")
    assert len(channels(ann)) == 2


def test_every_kind_of_channel_can_be_found_by_its_name(own: TestClient) -> None:
    page = own.get("/me/channels/add").text
    assert page.index("Telegram") < page.index("Zulip") < page.index("PagerTree")
    found = own.get("/me/channels/add", params={"q": "pager"}).text
    assert "PagerTree" in found
    assert "Telegram" not in found
    assert "No service is called so" in own.get("/me/channels/add", params={"q": "<b>nothing"}).text
    assert own.get("/me/channels/add/dbus").status_code == 404
    assert own.get("/me/channels/add/../x").status_code == 404


def test_every_kinds_form_is_shown(own: TestClient, db: str) -> None:
    if not db.startswith("sqlite"):
        pytest.skip("it is the same on any database")
    links = re.findall(r'href="(/me/channels/add/[^"]+)"', own.get("/me/channels/add").text)
    assert len(links) > 160
    assert {own.get(link).status_code for link in links} == {200}


@needs_corpus
def test_no_hostile_string_breaks_a_form_or_gets_out_of_its_field(
    own: TestClient, ann: Subscriber, sink: HttpSink, db: str
) -> None:
    if not db.startswith("sqlite"):
        pytest.skip("it is the same on any database")
    token = form_token(own.get("/me/channels/add/ntfy").text)
    for text in hostile_strings()[::7]:
        given = {
            "form_token": token,
            "way": "host",
            "server": text,
            "topic": text,
            "password": text,
            "link": text,
        }
        page = own.post("/me/channels/add/ntfy", data=given)
        assert page.status_code in (200, 400)
        assert "<script>alert" not in page.text


def test_one_address_is_asked_ever_more_rarely_whoever_adds_it(
    own: TestClient, ann: Subscriber, smtp: MailSink, stopped_clock: Clock
) -> None:
    address = read_address("bob@reader.example")
    for name in ("one", "two", "three"):
        with unit_of_work() as session:
            add_own_channel(session, a_subscriber(session, name=name), address)
        send_what_is_due(stopped_clock)
    assert len(smtp.to("bob@reader.example")) == 1
    stopped_clock.move(minutes=10)
    send_what_is_due(stopped_clock)
    assert len(smtp.to("bob@reader.example")) == 2
    stopped_clock.move(minutes=50)
    send_what_is_due(stopped_clock)
    assert len(smtp.to("bob@reader.example")) == 3, "those that were put off"


def test_the_last_channel_is_removed_only_after_saying_what_that_means(
    own: TestClient, ann: Subscriber, sink: HttpSink
) -> None:
    add_ntfy(own, sink)  # which waits: it tells nothing yet
    mail = channels(ann)[0]
    token = form_token(own.get("/me/channels").text)
    page = own.post(f"/me/channels/{mail.id}/remove", data={"form_token": token})
    assert page.status_code == 200
    assert "You would get nothing any more" in page.text
    assert "your way in" in page.text
    assert [each.status for each in channels(ann)] == ["live", "waiting"]
    own.post(f"/me/channels/{mail.id}/remove", data={"form_token": form_token(page.text), "sure": "yes"})
    assert [each.status for each in channels(ann)] == ["waiting"]


def test_of_several_channels_one_is_removed_at_once(own: TestClient, ann: Subscriber) -> None:
    with unit_of_work() as session:
        add_channel(session, session.get_one(Subscriber, ann.id), "ntfys://ntfy.example/ann")
    press(own, channels(ann)[0], "remove")
    assert [each.scheme for each in channels(ann)] == ["ntfys"]
