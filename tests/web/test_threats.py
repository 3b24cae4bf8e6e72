"""What strangers try with the pages of readers and the desk: see docs/security.md."""

import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import inspect, text
from sqlmodel import select
from structlog.testing import CapturingLogger

from subscriptions import keys, settings
from subscriptions.channels import add_channel, find_channel, open_channel, read_address
from subscriptions.database import engine, reading, unit_of_work
from subscriptions.keys import signer
from subscriptions.leave_links import leave_path
from subscriptions.subscribers import subscribe
from subscriptions.tables import AlertStatus, Channel
from subscriptions.web import app as web
from subscriptions.web.person import sign_in as person_sign_in
from subscriptions.web.turnstile import Turnstile
from tests.builders import a_subscriber, a_topic, an_alert
from tests.conftest import Clock
from tests.sinks import MailSink
from worker.push.confirm import ask_for_confirmation
from worker.push.sign_in import mail_links
from worker.sweep import late_channels, late_sign_ins

ANN = "ann@reader.example"
WAYS_IN = ("/me/sign-in", "/me/enter", "/me/channels/confirm", "/desk/sign-in")
ODD = (
    *("%00", "%ff", "%ed%a0%80", "%F0%9F%94%94", "a" * 5000, "..%2f..%2fetc%2fpasswd", "'%20OR%20'1'='1"),
    *("1e99", "-1", "9" * 40, "%25s", "{0}", "<script>", "%E2%80%AE"),
)


def routes(method: str, *beginnings: str, but: tuple[str, ...] = ()) -> list[str]:
    """Give the paths that take a method and begin so, as the code writes them."""
    found: set[str] = set()
    for included in web.make_app().routes:
        for route in getattr(getattr(included, "original_router", None), "routes", ()):
            if isinstance(route, APIRoute) and method in (route.methods or ()):
                found.add(route.path)
    return sorted(
        path for path in found if path.startswith(beginnings) and not path.startswith(but or ("-",))
    )


def filled(path: str, value: str = "1") -> str:
    return re.sub(r"{[^}]+}", value, path)


@pytest.fixture
def ann(db: str) -> int:
    """Ann's channel: a reader with a confirmed mail address who follows storms."""
    with unit_of_work() as session:
        subscriber = a_subscriber(session, name="ann")
        channel = add_channel(session, subscriber, ANN)
        subscribe(session, subscriber, a_topic(session, slug="storms", name="Storms"))
        return channel.id or 0


@pytest.fixture
def own(browser: TestClient, ann: int) -> TestClient:
    """Ann's browser, signed in."""
    browser.get(f"/me/enter/{signer('enter').dumps(ann)}")
    return browser


def test_nobody_sees_a_page_of_a_person_or_of_the_desk_without_signing_in(browser: TestClient) -> None:
    own = [*routes("GET", "/me", "/desk", but=(*WAYS_IN, "/metrics"))]
    assert {"/me", "/me/data.json", "/desk", "/desk/topics"} <= set(own)
    for path in own:
        assert browser.get(filled(path), follow_redirects=False).status_code == 401, path


@pytest.mark.usefixtures("stopped_clock")
def test_a_form_of_another_site_changes_nothing_of_a_person(own: TestClient) -> None:
    before = own.get("/me/data.json").json()
    for path in routes("POST", "/me", but=WAYS_IN):
        for token in ({}, {"form_token": ""}, {"form_token": signer("desk form").dumps("x")}):
            sent = {"do": "delete", "topic": "1"} | token
            assert own.post(filled(path), data=sent, follow_redirects=False).status_code in (400, 422), path
    assert own.get("/me/data.json").json() == before


def test_a_form_of_another_site_changes_nothing_at_the_desk(desk: TestClient) -> None:
    for path in routes("POST", "/desk", but=WAYS_IN):
        answer = desk.post(filled(path), data={"form_token": signer("person form").dumps("x")})
        assert answer.status_code in (400, 422), path


def test_a_token_opens_only_what_it_was_made_for(browser: TestClient, ann: int) -> None:
    doors = {
        "confirm": "/confirm/{}",
        "unsubscribe": "/unsubscribe/{}",
        "leave link": "/l/{}",
        "enter": "/me/enter/{}",
        "sign in": "/me/sign-in/{}",
        "own channel": "/me/channels/confirm/{}",
    }
    short = leave_path(ann).removeprefix("/l/")
    for path in (path for door, path in doors.items() if door != "leave link"):
        assert browser.get(path.format(short), follow_redirects=False).status_code in (404, 410), path
    for purpose in (*doors, "person", "desk", "person form", "desk form", "feed"):
        token = signer(purpose).dumps(ann)
        for door, path in doors.items():
            if door != purpose or door == "leave link":
                answer = browser.get(path.format(token), follow_redirects=False)
                assert answer.status_code in (404, 410), (purpose, door)
        for cookie in ("tocsin_person", "tocsin_desk"):
            if purpose not in cookie:
                browser.cookies.set(cookie, token)
                assert browser.get("/me", follow_redirects=False).status_code == 401
                assert browser.get("/desk", follow_redirects=False).status_code == 401
                browser.cookies.clear()


def test_a_token_that_was_changed_by_a_letter_is_none(browser: TestClient, ann: int) -> None:
    token = signer("unsubscribe").dumps(ann)
    # The last letter is left as it is: two of its bits say nothing.
    for place in range(0, len(token) - 1, 3):
        other = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert browser.post(f"/unsubscribe/{other}").status_code == 404
    short = leave_path(ann)
    for place in range(len("/l/"), len(short)):
        other = short[:place] + ("A" if short[place] != "A" else "B") + short[place + 1 :]
        assert browser.post(other).status_code == 404
    with reading() as session:
        assert session.get_one(Channel, ann).status == "live"


def test_a_persons_session_is_out_of_reach_of_scripts_and_other_sites(
    browser: TestClient, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = f"/me/enter/{signer('enter').dumps(ann)}"
    plain = browser.get(way, follow_redirects=False).headers["Set-Cookie"].lower()
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip() for part in plain.split(";")}
    assert "domain=" not in plain
    monkeypatch.setattr("subscriptions.settings.Settings.site", "https://alerts.news.example")
    assert "; secure" in browser.get(way, follow_redirects=False).headers["Set-Cookie"].lower()


def test_each_sign_in_opens_a_session_of_its_own(browser: TestClient, ann: int) -> None:
    way = f"/me/enter/{signer('enter').dumps(ann)}"
    cookies = {browser.get(way, follow_redirects=False).headers["Set-Cookie"].split(";")[0] for _ in range(3)}
    assert len(cookies) == 3


def test_pages_of_a_person_are_kept_by_no_cache(own: TestClient, ann: int) -> None:
    token = signer("unsubscribe").dumps(ann)
    for path in ("/me", "/me/data.json", f"/unsubscribe/{token}", "/topics/storms"):
        assert own.get(path).headers["Cache-Control"] == "no-store"


def test_no_address_of_ours_leads_to_another_site(browser: TestClient) -> None:
    for path in (
        *("//evil.example/", "//evil.example/topics/storms/", "/%2f/evil.example", "/\\evil.example/"),
        *(
            "/me/sign-in?next=https://evil.example",
            "/?from=https://evil.example",
            "/topics/?lang=//evil.example",
        ),
    ):
        leads = browser.get(f"http://127.0.0.1:8000{path}", follow_redirects=False).headers.get(
            "Location", ""
        )
        assert urlsplit(leads).netloc in ("", "127.0.0.1:8000"), path


def test_links_in_mails_lead_to_the_newsroom_whatever_host_a_request_names(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock
) -> None:
    with unit_of_work() as session:
        a_topic(session, slug="storms", name="Storms")
    faked = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    browser.post("/topics/storms", data={"address": ANN}, headers=faked)
    stopped_clock.move(seconds=6)
    ask_for_confirmation(late_channels())
    (mail,) = smtp.to(ANN)
    assert "evil.example" not in mail.as_string()


def test_what_a_feed_says_is_text_on_a_readers_page(browser: TestClient) -> None:
    with unit_of_work() as session:
        topic = a_topic(session, slug="storms", name="Storms")
        alert = an_alert(session, topic, title='<img src=x onerror="alert(1)">', link="javascript:alert(1)")
        alert.status, alert.source_name = AlertStatus.rung, "</p><script>alert(2)</script>"
    page = browser.get("/topics/storms").text
    assert "&lt;img src=x" in page
    assert "<img" not in page
    assert "<script>alert" not in page
    assert "javascript:" not in page


def test_odd_addresses_are_answered_in_words(browser: TestClient) -> None:
    doors = routes("GET", "/topics", "/confirm", "/unsubscribe", "/l", "/me/sign-in", "/me/enter")
    for odd in ODD:
        for path in [filled(door, odd) for door in doors if "{" in door]:
            answer = browser.get(path, follow_redirects=False)
            assert answer.status_code in (400, 404, 410, 422), path[:80]
            assert "<html" in answer.text
        for path in (f"/api/box?topic={odd}", f"/api/box?tags={odd},{odd}&lang={odd}", f"/?lang={odd}"):
            assert browser.get(path).status_code in (200, 400), path[:80]
        assert browser.get(f"/desk/sign-in?token={odd}").status_code == 401


def test_odd_words_in_forms_are_answered_in_words(browser: TestClient, smtp: MailSink) -> None:
    with unit_of_work() as session:
        a_topic(session, slug="storms", name="Storms")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for odd in ("%00", "ann@%00.example", "%ed%a0%bd@x.example", "%ff", "a" * 60_000, "{}", "%25s@x.example"):
        for path in ("/topics/storms", "/me/sign-in"):
            answer = browser.post(path, content=f"address={odd}", headers=form)
            assert answer.status_code in (200, 400), (path, odd[:20])


def test_odd_bodies_are_answered_in_words(browser: TestClient) -> None:
    deep, zeros = b"[" * 60_000, b'"' + b"\\u0000" * 9_000 + b'"'
    for body in (deep, b'{"a":' * 10_000, b"nothing", b"\xff\xfe", b"1e999", zeros, b"{}", b""):
        for path in routes("POST", "/api/push"):
            answer = browser.post(path, content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code in (400, 422), (path, body[:20])
            assert answer.json()["error"]["says"]


def test_one_network_cannot_ask_for_links_without_end(
    browser: TestClient, smtp: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_sign_in, "turnstile", Turnstile(3, timedelta(hours=1)))
    answers = [
        browser.post("/me/sign-in", data={"address": f"reader{number}@reader.example"}).status_code
        for number in range(5)
    ]
    assert answers == [200] * 3 + [429] * 2


def test_no_mail_address_can_be_read_in_the_database(
    browser: TestClient, smtp: MailSink, stopped_clock: Clock, ann: int
) -> None:
    browser.post("/topics/storms", data={"address": "bob@reader.example"})
    browser.post("/me/sign-in", data={"address": ANN})
    stopped_clock.move(seconds=6)
    ask_for_confirmation(late_channels())
    mail_links(late_sign_ins())
    assert len(smtp.mails) == 2
    with engine().connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608 - our own tables
                kept = b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
                assert b"ann@" not in kept, table
                assert b"bob@" not in kept, table


def test_the_web_app_logs_no_address_and_no_token(
    browser: TestClient, ann: int, smtp: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = CapturingLogger()
    monkeypatch.setattr(web, "log", log)
    token = signer("unsubscribe").dumps(ann)
    with engine().begin() as connection:
        connection.execute(text("DROP TABLE subscription"))
        connection.execute(text("DROP TABLE wish"))
    calm = TestClient(browser.app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
    answers = [
        calm.post("/topics/storms", data={"address": ANN}),
        calm.post("/topics/storms", data={"address": "new@reader.example"}),
        calm.get(f"/unsubscribe/{token}"),
        calm.post(f"/unsubscribe/{token}"),
    ]
    assert {answer.status_code for answer in answers} == {503}
    said = json.dumps([answer.text for answer in answers]) + repr(log.calls)
    assert log.calls
    assert "reader.example" not in repr(log.calls)
    assert token not in repr(log.calls)
    assert "SELECT" not in said
    assert "Traceback" not in said


def test_keys_are_rotated_and_what_older_ones_sealed_and_signed_still_opens(
    browser: TestClient, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, token = keys.secret_keys()[0], signer("unsubscribe").dumps(ann)
    new = "n" * 40
    monkeypatch.setenv("TOCSIN_SECRET_KEYS", f"{new},{old}")
    _read_settings_again()
    with reading() as session:
        channel = session.exec(select(Channel)).one()
        assert open_channel(channel.sealed)["to"] == ANN
        assert find_channel(session, None, read_address(ANN)) is not None, "nobody is subscribed twice by it"
    assert browser.get(f"/unsubscribe/{token}").status_code == 200
    fresh = signer("unsubscribe").dumps(ann)
    monkeypatch.setenv("TOCSIN_SECRET_KEYS", new)
    _read_settings_again()
    assert browser.get(f"/unsubscribe/{fresh}").status_code == 200, "the newest key signs"
    assert browser.get(f"/unsubscribe/{token}").status_code == 404, "a key that is gone opens nothing"


def _read_settings_again() -> None:

    settings.settings.cache_clear()
    keys.secret_keys.cache_clear()


def test_the_keys_of_this_machine_are_for_its_user_only(data_dir: Path) -> None:
    keys.secret_keys()
    assert (data_dir / "secret.keys").stat().st_mode & 0o077 == 0
