"""A person's own pages: the ways in, and what is set there."""

import re

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from subscriptions.channels import add_channel
from subscriptions.database import reading, unit_of_work
from subscriptions.keys import signer
from subscriptions.own_topics import own_topics
from subscriptions.preferences import mute_story, read_wants
from subscriptions.quiet_hours import QuietHours
from subscriptions.subscribers import followed_topics, subscribe
from subscriptions.tables import (
    AlertStatus,
    ArticleStatus,
    Channel,
    Match,
    MediaTopic,
    SignIn,
    Story,
    StoryJoin,
    Subscriber,
    Subscription,
    Topic,
    TopicStatus,
    Wish,
)
from subscriptions.web.person import own as own_pages
from subscriptions.web.sign_in import make_link
from tests.builders import NOON, a_subscriber, a_topic, an_alert, an_article, stored
from tests.conftest import Clock
from tests.sinks import MailSink
from worker.errors import TryLater
from worker.match.find import find
from worker.push.sign_in import mail_links
from worker.sweep import late_sign_ins

ANN = "ann@reader.example"


@pytest.fixture
def ann(db: str) -> Subscriber:
    """A reader with a confirmed mail address who follows storms."""
    with unit_of_work() as session:
        subscriber = a_subscriber(session, name="ann")
        add_channel(session, subscriber, ANN)
        subscribe(session, subscriber, a_topic(session, slug="storms", name="Storms"))
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


def send(own: TestClient, path: str, **fields: str | list[str]) -> int:
    """Send one of the forms of Ann's settings; give the status it leads to."""
    token = form_token(own.get("/me").text)
    return own.post(path, data={"form_token": token, **fields}).status_code


def ask(browser: TestClient, clock: Clock, address: str = ANN) -> str:
    """Ask for a link by the page's form, and let the worker mail what is due."""
    page = browser.post("/me/sign-in", data={"address": address}).text
    clock.move(seconds=6)
    mail_links(late_sign_ins())
    return page


def mailed(smtp: MailSink) -> str:
    body = smtp.to(ANN)[-1].get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def link_in(smtp: MailSink) -> str:
    found = re.search(r"https?://[^/]+(/me/sign-in/\S+)", mailed(smtp))
    assert found is not None
    return found[1]


def test_a_link_by_mail_signs_its_owner_in_once(
    browser: TestClient, ann: Subscriber, smtp: MailSink, stopped_clock: Clock
) -> None:
    assert browser.get("/me").status_code == 401
    ask(browser, stopped_clock)
    link = link_in(smtp)
    assert "Do not pass the link on: whoever has it can change your settings" in mailed(smtp)
    for _scanner in range(3):
        assert browser.get(link).status_code == 200
    assert browser.get("/me").status_code == 401
    assert browser.post(link).url.path == "/me"
    assert "Storms" in browser.get("/me").text
    browser.cookies.clear()
    assert browser.post(link).status_code == 410


def test_a_link_ends_after_half_an_hour(
    browser: TestClient, ann: Subscriber, smtp: MailSink, stopped_clock: Clock
) -> None:
    ask(browser, stopped_clock)
    stopped_clock.move(minutes=31)
    assert browser.get(link_in(smtp)).status_code == 410
    assert browser.post(link_in(smtp)).status_code == 410


def test_asking_for_a_link_tells_nobody_whether_an_address_is_known(
    browser: TestClient, ann: Subscriber, smtp: MailSink, stopped_clock: Clock
) -> None:
    known, unknown = ask(browser, stopped_clock), ask(browser, stopped_clock, "bob@reader.example")
    assert known.replace(ANN, "X") == unknown.replace("bob@reader.example", "X")
    assert len(smtp.mails) == len(smtp.to(ANN)) == 1
    with reading() as session:
        assert len(session.exec(select(SignIn)).all()) == 1


def test_a_mailbox_gets_three_links_an_hour_at_most(
    browser: TestClient, ann: Subscriber, smtp: MailSink, stopped_clock: Clock
) -> None:
    pages = {ask(browser, stopped_clock) for _ in range(6)}
    assert len(pages) == 1
    assert len(smtp.mails) == 3
    stopped_clock.move(hours=1)
    ask(browser, stopped_clock)
    assert len(smtp.mails) == 4


def test_a_mail_server_that_was_away_mails_the_link_later(
    browser: TestClient,
    ann: Subscriber,
    smtp: MailSink,
    stopped_clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("worker.push.sign_in.send", _away)
        ask(browser, stopped_clock)
    assert smtp.mails == []
    stopped_clock.move(seconds=40)
    mail_links(late_sign_ins())
    assert len(smtp.mails) == 1
    assert late_sign_ins() == []


async def _away(*_: object, **__: object) -> None:
    raise TryLater("away")


def test_an_address_that_was_never_confirmed_gets_no_link(
    browser: TestClient, db: str, smtp: MailSink, stopped_clock: Clock
) -> None:
    with unit_of_work() as session:
        a_topic(session, slug="storms", name="Storms")
    browser.post("/topics/storms", data={"address": ANN})
    ask(browser, stopped_clock)
    assert smtp.mails == []


def test_the_browser_that_gets_the_alerts_is_a_key_for_ten_minutes(
    browser: TestClient, ann: Subscriber, stopped_clock: Clock
) -> None:
    token = signer("enter").dumps(1)
    assert browser.get(f"/me/enter/{token}").url.path == "/me"
    assert browser.get(f"/me/enter/{signer('unsubscribe').dumps(1)}").status_code == 410


def test_a_link_of_another_persons_browser_does_not_take_the_place_of_ones_session_unseen(
    own: TestClient, ann: Subscriber
) -> None:
    with unit_of_work() as session:
        bob = add_channel(session, a_subscriber(session, name="bob"), "bob@reader.example")
    link = f"/me/enter/{signer('enter').dumps(bob.id)}"
    assert "Go to my alerts" in own.get(link).text
    assert own.get("/me/data.json").json()["channels"][0]["address"] == ANN
    own.post(link)
    assert own.get("/me/data.json").json()["channels"][0]["address"] == "bob@reader.example"


def test_signing_out_everywhere_ends_every_session(own: TestClient, ann: Subscriber) -> None:
    with unit_of_work() as session:
        session.get_one(Subscriber, ann.id).signed_out_at = None
    kept = dict(own.cookies)
    assert send(own, "/me/sign-out", everywhere="true") == 200
    own.cookies.update(kept)
    assert own.get("/me").status_code == 401


def test_a_form_that_another_site_sends_changes_nothing(own: TestClient, ann: Subscriber) -> None:
    assert own.post("/me/leave", data={"do": "delete"}).status_code == 400
    assert (
        own.post("/me/pause", data={"days": "7", "form_token": signer("person form").dumps("x")}).status_code
        == 400
    )
    with reading() as session:
        assert read_wants(session, session.get_one(Subscriber, ann.id)).pause_until is None


def test_quiet_hours_caps_and_digests_are_set_on_the_page(own: TestClient, ann: Subscriber) -> None:
    hours = {"quiet": "true", "begin": "22:30", "end": "06:15"}
    others = {"through": "2", "cap": "5", "digest_at": "19:00", "threshold": "4"}
    assert send(own, "/me/when", day=["0", "4"], **hours, **others) == 200
    with reading() as session:
        wants = read_wants(session, session.get_one(Subscriber, ann.id))
    assert wants.quiet == QuietHours(22 * 60 + 30, 6 * 60 + 15, 0b0010001)
    assert (wants.through, wants.cap, wants.digest_at, wants.threshold) == (2, 5, 19 * 60, 4)
    page = own.get("/me").text
    assert 'value="22:30"' in page
    assert send(own, "/me/when", begin="25:99", end="06:15", quiet="true") == 400


def test_a_pause_is_begun_and_ended(own: TestClient, ann: Subscriber) -> None:
    assert send(own, "/me/pause", days="7") == 200
    assert "Paused until" in own.get("/me").text
    assert send(own, "/me/pause", days="") == 200
    assert "Paused until" not in own.get("/me").text


def test_language_and_time_zone_are_set_on_the_page(own: TestClient, ann: Subscriber) -> None:
    assert send(own, "/me/place", language="he", time_zone="Asia/Jerusalem") == 200
    assert '<html lang="he" dir="rtl">' in own.get("/me").text
    assert send(own, "/me/place", language="en", time_zone="Mars/Olympus") == 400


def test_urgency_and_cadence_of_a_topic_are_set_and_it_is_left(own: TestClient, ann: Subscriber) -> None:
    with reading() as session:
        storms = session.exec(select(Topic)).one()
    fields = {"topic": str(storms.id), "threshold": "2", "cadence": "daily"}
    assert send(own, "/me/follows", **fields) == 200
    with reading() as session:
        followed = session.exec(select(Subscription)).one()
    assert (followed.threshold, followed.cadence) == (2, "daily")
    assert send(own, "/me/follows", **fields, stop=str(storms.id)) == 200
    with reading() as session:
        assert followed_topics(session, ann) == []


def test_topics_are_found_by_name_and_followed(own: TestClient, ann: Subscriber) -> None:
    with unit_of_work() as session:
        floods = a_topic(session, slug="floods", name="Floods in Asia")
    page = own.get("/me/topics", params={"q": "ASIA floods"}).text
    assert "Floods in Asia" in page
    assert "Storms" not in page
    assert send(own, f"/me/topics/{floods.id}") == 200
    assert "You follow it" in own.get("/me/topics", params={"q": "floods"}).text


def test_a_subject_of_the_media_topics_is_browsed_to_and_followed(own: TestClient, ann: Subscriber) -> None:
    with unit_of_work() as session:
        for code, broader, name in (("15000000", [], "sport"), ("20001065", ["15000000"], "football")):
            labels = {"en-GB": name}
            session.add(MediaTopic(code=code, broader=broader, labels=labels, imported_at=NOON))
    assert "sport" in own.get("/me/topics").text
    below = own.get("/me/topics", params={"subject": "15000000"}).text
    assert "football" in below
    assert send(own, "/me/subjects/20001065") == 200
    with reading() as session:
        assert [topic.query for topic in own_topics(session, ann)] == ["mediatopic:20001065"]


def test_an_own_topic_is_seen_and_followed_by_nobody_else(own: TestClient, ann: Subscriber) -> None:
    assert send(own, "/me/topics/own", q="volcano iceland", name="My volcano") == 200
    assert "My volcano" in own.get("/me").text
    with reading() as session:
        (topic,) = own_topics(session, ann)
    assert topic.slug not in own.get("/").text
    assert own.get(f"/topics/{topic.slug}").status_code == 404
    assert own.get("/api/box", params={"topic": topic.slug}).json()["topic"] is None
    own.cookies.clear()
    assert "My volcano" not in own.get("/me/topics").text


def test_the_desk_does_not_read_what_readers_wrote_for_themselves(
    stopped_clock: Clock, own: TestClient, ann: Subscriber
) -> None:
    send(own, "/me/topics/own", q="volcano iceland", name="My volcano")
    with unit_of_work() as session:
        (topic,) = own_topics(session, ann)
        alert = an_alert(session, topic, title="It erupts", status=AlertStatus.rung)
        match = Match(article_id=alert.article_id, topic_id=topic.id or 0, words=["volcano"], created_at=NOON)
        stored(session, match)
        link = make_link(session)
    own.post("/desk/sign-in", data={"token": link.rpartition("=")[2]})
    with unit_of_work() as session:
        article = an_article(session, title="Volcano on Iceland wakes", status=ArticleStatus.understood)
        story = stored(session, Story(headline="Volcano", first_seen_at=NOON, last_seen_at=NOON))
        stored(session, StoryJoin(article_id=article.id or 0, story_id=story.id or 0, joined_at=NOON))
    (rang,) = find([article.id or 0])
    assert "readers wrote" in rang.why
    assert "volcano" not in rang.why.lower()
    for page in ("", "/topics", "/alerts", f"/alerts/{alert.id}", f"/articles/{alert.article_id}"):
        shown = own.get(f"/desk{page}").text
        assert re.search("my volcano|volcano iceland", shown, re.IGNORECASE) is None, page
    assert "topics that readers wrote for themselves" in own.get(f"/desk/alerts/{alert.id}").text


def test_an_own_topic_that_is_not_followed_any_more_is_forgotten(own: TestClient, ann: Subscriber) -> None:
    send(own, "/me/topics/own", q="volcano iceland")
    with reading() as session:
        (topic,) = own_topics(session, ann)
    with unit_of_work() as session:
        keys = {"article_id": an_article(session).id or 0, "topic_id": topic.id or 0}
        stored(session, Match(**keys, words=["volcano"], created_at=NOON))
    send(own, "/me/follows", stop=str(topic.id))
    with reading() as session:
        assert own_topics(session, ann) == []
        kept = session.get_one(Topic, topic.id)
        words = session.exec(select(Match.words)).all()
    assert (kept.status, kept.query, words) == (TopicStatus.removed, "", [[]])


def test_a_mail_names_own_topics_and_stops_what_is_not_chosen(own: TestClient, ann: Subscriber) -> None:
    send(own, "/me/topics/own", q="volcano iceland")
    link = f"/unsubscribe/{signer('unsubscribe').dumps(1)}"
    assert "volcano iceland" in own.get(link).text
    assert "You have left" in own.post(link, data={"do": "keep"}).text
    with reading() as session:
        assert followed_topics(session, ann) == []


def test_a_preview_of_nothing_says_what_to_type(own: TestClient, ann: Subscriber) -> None:
    token = form_token(own.get("/me").text)
    shown = own.post("/me/topics/own", data={"form_token": token, "do": "preview", "q": "  "})
    says = "Type the words the news must have"
    assert (shown.status_code, says in shown.text) == (400, True)
    assert says in own.get("/me/topics/own?part=preview&q=").text
    assert says not in own.get("/me/topics/own").text, "who has typed nothing yet did nothing wrong"


def test_a_name_too_long_for_a_table_is_refused_with_a_sentence(own: TestClient, ann: Subscriber) -> None:
    token = form_token(own.get("/me").text)
    typed = {"form_token": token, "q": "volcano", "name": "n" * 300}
    shown = own.post("/me/topics/own", data=typed)
    assert (shown.status_code, "at most 80 letters" in shown.text) == (400, True)
    with reading() as session:
        assert own_topics(session, ann) == []


def test_a_preview_keeps_what_was_typed(own: TestClient, ann: Subscriber) -> None:
    token = form_token(own.get("/me").text)
    typed = {"form_token": token, "do": "preview", "q": "jaguar NOT car", "name": "Big cats"}
    shown = own.post("/me/topics/own", data=typed)
    assert 'value="Big cats"' in shown.text
    assert "Last week it would have told you" in shown.text
    with reading() as session:
        assert own_topics(session, ann) == []


def test_a_reader_who_signs_up_by_mail_has_the_clock_of_their_browser(
    browser: TestClient, db: str, smtp: MailSink
) -> None:
    with unit_of_work() as session:
        a_topic(session, slug="storms", name="Storms")
    for address, zone in (("a@reader.example", "Europe/Berlin"), ("b@reader.example", "Mars/Olympus")):
        browser.post("/topics/storms", data={"address": address, "time_zone": zone})
    with reading() as session:
        assert sorted(each.time_zone for each in session.exec(select(Subscriber))) == ["Europe/Berlin", "UTC"]


def test_a_wrong_query_is_shown_and_not_stored(own: TestClient, ann: Subscriber) -> None:
    assert send(own, "/me/topics/own", q='"volcano') == 400
    assert "problem" in own.get("/me/topics/own", params={"q": "NOT volcano"}).text
    with reading() as session:
        assert own_topics(session, ann) == []


def test_of_many_readers_who_type_few_wait_for_what_their_topics_would_have_told(own: TestClient) -> None:
    waiting = [own_pages._waiting.acquire(blocking=False) for _ in range(4)]
    try:
        assert own.get("/me/topics/own", params={"q": "volcano"}).status_code == 429
    finally:
        for _ in filter(None, waiting):
            own_pages._waiting.release()
    assert own.get("/me/topics/own", params={"q": "volcano"}).status_code == 200


def test_a_reader_has_as_many_own_topics_as_the_newsroom_allows(
    own: TestClient, ann: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    from subscriptions.settings import settings

    monkeypatch.setenv("TOCSIN_OWN_TOPICS", "1")
    settings.cache_clear()
    assert send(own, "/me/topics/own", q="volcano iceland") == 200
    assert send(own, "/me/topics/own", q="flood rhine") == 400


def test_a_muted_story_is_listed_and_rings_again(own: TestClient, ann: Subscriber) -> None:
    with unit_of_work() as session:
        story = Story(headline="A storm nears", first_seen_at=NOON, last_seen_at=NOON)
        session.add(story)
        session.flush()
        mute_story(session, ann, story)
    assert "A storm nears" in own.get("/me").text
    send(own, f"/me/stories/{story.id}", do="unmute")
    assert "A storm nears" not in own.get("/me").text


def test_all_data_are_given_to_their_owner(own: TestClient, ann: Subscriber) -> None:
    with unit_of_work() as session:
        (channel,) = session.exec(select(Channel)).all()
        floods = a_topic(session, slug="floods", name="Floods")
        stored(session, Wish(channel_id=channel.id or 0, topic_id=floods.id or 0, created_at=NOON))
    told = own.get("/me/data.json").json()
    assert (told["wishes"], told["alerts"]) == (["Floods"], [])
    assert told["channels"][0]["address"] == ANN
    assert told["follows"][0]["topic"] == "Storms"


def test_leaving_silences_every_channel_and_deleting_forgets_the_person(
    own: TestClient, ann: Subscriber
) -> None:
    send(own, "/me/topics/own", q="volcano iceland")
    assert send(own, "/me/leave", do="leave") == 200
    with reading() as session:
        assert [channel.status for channel in session.exec(select(Channel))] == ["retired"]
        assert session.exec(select(Subscription)).all() == []
    assert send(own, "/me/leave", do="delete") == 200
    with reading() as session:
        for table in (Subscriber, Channel, Subscription, SignIn):
            assert session.exec(select(table)).all() == []
        assert not [topic for topic in session.exec(select(Topic)) if "volcano" in topic.query + topic.name]
    assert own.get("/me").status_code == 401
