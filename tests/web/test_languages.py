"""Pages speak their reader's language."""

import re
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from subscriptions.channels import add_channel
from subscriptions.database import unit_of_work
from subscriptions.keys import signer
from subscriptions.texts import LANGUAGES, Language
from tests.builders import a_subscriber, a_topic
from tests.conftest import Clock
from tests.sinks import MailSink
from worker.push.confirm import ask_for_confirmation
from worker.sweep import late_channels

ANN = "ann@reader.example"
BOX = ("/api/box?topic=storms", "/box.js", "/sw.js")


@pytest.mark.parametrize(
    ("path", "accepted", "html"),
    [
        ("/nothing-here", "he-IL,he;q=0.9", '<html lang="he" dir="rtl">'),
        ("/nothing-here", "pt", '<html lang="en" dir="ltr">'),
        ("/nothing-here?lang=ar", "de", '<html lang="ar" dir="rtl">'),
        ("/desk?lang=ar", "de", '<html lang="en" dir="ltr">'),
    ],
)
def test_a_page_is_in_the_language_its_reader_asks_for(
    browser: TestClient, path: str, accepted: str, html: str
) -> None:
    assert html in browser.get(path, headers={"Accept-Language": accepted}).text


def test_what_went_wrong_is_said_in_the_readers_language(browser: TestClient) -> None:
    answer = browser.get("/nothing-here", headers={"Accept-Language": "de"})
    assert answer.status_code == 404
    assert "Diese Seite gibt es hier nicht." in answer.text


def test_who_signs_up_on_a_german_page_is_mailed_and_asked_in_german(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    with unit_of_work() as session:
        a_topic(session, slug="storms", name="Stürme")
    page = browser.post("/topics/storms?lang=de", data={"address": ANN}).text
    assert "Noch ein Schritt." in page
    stopped_clock.move(seconds=6)
    ask_for_confirmation(late_channels())
    (mail,) = smtp.to(ANN)
    assert mail["subject"] == "Bitte bestätigen: Eilmeldungen zu Stürme"
    said = mail.get_body(("html",))
    assert said is not None
    assert '<html lang="de" dir="ltr">' in said.get_content()
    link = re.search(r"(/confirm/\S+)\"", said.get_content())
    assert link is not None
    asked = browser.get(link[1]).text  # a browser that says nothing of its languages
    assert '<html lang="de"' in asked
    assert "Ja, benachrichtigen" in asked


def test_what_a_reader_did_wrong_is_said_in_their_language(browser: TestClient, smtp: MailSink) -> None:
    with unit_of_work() as session:
        a_topic(session, slug="storms", name="Storms")
    page = browser.post("/topics/storms?lang=fr", data={"address": "ann"}).text
    assert "Ce n’est pas une adresse e-mail" in page


def test_every_page_offers_the_other_languages_and_keeps_the_one_that_is_chosen(browser: TestClient) -> None:
    with unit_of_work() as session:
        a_topic(session, slug="storms", name="Storms")
    page = browser.get("/?lang=ar").text
    for code, language in LANGUAGES.items():
        assert f'<a href="?lang={code}" lang="{code}" hreflang="{code}"' in page
        assert f">{language.name}</a>" in page
    assert 'href="/topics/storms?lang=ar"' in page
    assert 'data-lang="ar"' in browser.get("/topics/storms?lang=ar").text


def test_public_pages_speak_the_language_chosen_at_ones_own(browser: TestClient, smtp: MailSink) -> None:
    with unit_of_work() as session:
        a_topic(session, slug="storms", name="Storms")
        ann = a_subscriber(session, name="ann", language="he")
        channel = add_channel(session, ann, ANN)
    german = {"Accept-Language": "de"}
    assert '<html lang="de"' in browser.get("/topics/storms", headers=german).text
    browser.get(f"/me/enter/{signer('enter').dumps(channel.id)}")
    for path in ("/", "/topics/storms"):
        assert '<html lang="he" dir="rtl">' in browser.get(path, headers=german).text
    wrong = browser.post("/topics/storms", data={"address": "ann"}, headers=german)
    assert '<html lang="he" dir="rtl">' in wrong.text
    assert '<html lang="fr"' in browser.get("/topics/storms?lang=fr", headers=german).text
    browser.cookies.clear()
    assert '<html lang="de"' in browser.get("/topics/storms", headers=german).text


def test_the_box_knows_no_cookie(browser: TestClient) -> None:
    with unit_of_work() as session:
        a_topic(session, slug="storms", name="Storms")
        channel = add_channel(session, a_subscriber(session, name="ann", language="he"), ANN)
    german = {"Accept-Language": "de"}
    before = [browser.get(path, headers=german).text for path in BOX]
    browser.get(f"/me/enter/{signer('enter').dumps(channel.id)}")
    assert [browser.get(path, headers=german).text for path in BOX] == before


@pytest.mark.parametrize(
    ("language", "zone", "first"),
    [
        ("he", "Asia/Jerusalem", "6"),
        ("en", "Europe/London", "0"),
        ("ar", "Africa/Cairo", "5"),
        ("de", "UTC", "0"),
    ],
)
def test_the_week_begins_as_where_the_reader_lives(
    browser: TestClient, language: str, zone: str, first: str
) -> None:
    with unit_of_work() as session:
        ann = a_subscriber(session, name="ann", language=language, time_zone=zone)
        channel = add_channel(session, ann, ANN)
    page = browser.get(f"/me/enter/{signer('enter').dumps(channel.id)}").text
    days = re.findall(r'name="day" value="(\d)"', page)
    assert days[0] == first
    assert sorted(days) == list("0123456")


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_a_moment_is_told_to_the_minute(language: Language) -> None:
    said = language.moment(datetime(2026, 11, 27, 12, 34, 56, tzinfo=UTC), "UTC")
    assert "34" in said
    assert "56" not in said


def test_what_is_wrong_with_a_query_is_said_in_the_readers_language(browser: TestClient) -> None:
    with unit_of_work() as session:
        ann = a_subscriber(session, name="ann", language="de")
        channel = add_channel(session, ann, ANN)
    browser.get(f"/me/enter/{signer('enter').dumps(channel.id)}")
    page = browser.get("/me/topics/own", params={"q": '"vulkan'}).text
    assert "Dorthin gehört: ein &#34;, das schließt." in page
    assert "expected" not in page
    assert "ein Wort, das vorkommen muss" in browser.get("/me/topics/own", params={"q": "NOT vulkan"}).text
    english = browser.get("/me/topics/own", params={"q": '"vulkan', "lang": "en"}).text
    assert "a &#34; that closes it" in english


def test_names_in_a_sentence_are_kept_from_being_markup(browser: TestClient) -> None:
    with unit_of_work() as session:
        a_topic(session, slug="storms", name="<b>100 %(x)s</b>")
    page = browser.get("/topics/storms?lang=de").text
    assert "Keine Eilmeldung verpassen: <bdi>&lt;b&gt;100 %(x)s&lt;/b&gt;</bdi>." in page
