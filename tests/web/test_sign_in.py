"""The way into the desk."""

from fastapi.testclient import TestClient
from sqlmodel import select

from subscriptions.database import reading, unit_of_work
from subscriptions.tables import DeskLink, Topic
from subscriptions.web.sign_in import COOKIE, make_link
from tests.browser import send
from tests.builders import a_topic
from tests.conftest import Clock


def a_link() -> str:
    with unit_of_work() as session:
        return make_link(session)


def test_nobody_sees_the_desk_without_signing_in(browser: TestClient) -> None:
    for page in ("", "/topics", "/new-topic", "/sources", "/alerts", "/articles"):
        answer = browser.get(f"/desk{page}")
        assert answer.status_code == 401
        assert "one-time link" in answer.text


def test_a_link_signs_in_once_by_its_button(browser: TestClient) -> None:
    link = a_link()
    page = browser.get(link)
    assert "<button>Sign in</button>" in page.text
    token = link.rpartition("=")[2]
    assert browser.post("/desk/sign-in", data={"token": token}).url.path == "/desk"
    other = TestClient(browser.app, base_url="http://127.0.0.1:8000")
    assert other.post("/desk/sign-in", data={"token": token}).status_code == 401


def test_looking_at_a_link_does_not_spend_it(browser: TestClient) -> None:
    link = a_link()
    for _ in range(3):
        assert browser.get(link).status_code == 200


def test_a_link_ends_after_a_day(browser: TestClient, stopped_clock: Clock) -> None:
    link = a_link()
    stopped_clock.move(hours=25)
    assert browser.get(link).status_code == 401
    assert browser.post("/desk/sign-in", data={"token": link.rpartition("=")[2]}).status_code == 401


def test_the_database_does_not_hold_what_signs_in(browser: TestClient) -> None:
    token = a_link().rpartition("=")[2]
    with reading() as session:
        digests = [link.digest for link in session.exec(select(DeskLink))]
    assert len(digests) == 1
    assert token not in digests[0]


def test_the_session_is_out_of_reach_of_scripts_and_other_sites(browser: TestClient) -> None:
    token = a_link().rpartition("=")[2]
    answer = browser.post("/desk/sign-in", data={"token": token}, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_a_forged_session_is_nobody(browser: TestClient) -> None:
    browser.cookies.set(COOKIE, "InNvbWVib2R5Ig.aaaa.bbbb")
    assert browser.get("/desk").status_code == 401


def test_a_form_of_another_site_changes_nothing(desk: TestClient) -> None:
    with unit_of_work() as session:
        topic = a_topic(session)
    answer = desk.post(f"/desk/topics/{topic.slug}/pause")
    assert answer.status_code == 400
    assert "came from another page" in answer.text
    with reading() as session:
        assert session.get_one(Topic, topic.id).status == "live"


def test_signing_out_ends_the_session(desk: TestClient) -> None:
    send(desk, "/desk", act="/desk/sign-out")
    assert desk.get("/desk").status_code == 401
