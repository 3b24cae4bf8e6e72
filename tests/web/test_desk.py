"""The desk: topics, sources, alerts and articles, as an admin keeps them."""

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import select

from subscriptions.database import reading, unit_of_work
from subscriptions.tables import (
    Alert,
    AlertStatus,
    Article,
    ArticleStatus,
    Match,
    Rings,
    Source,
    Topic,
)
from subscriptions.topics import find_topic
from tests.browser import send
from tests.builders import NOON, a_channel, a_source, a_subscriber, a_topic, an_alert, an_article, stored
from tests.conftest import Clock
from tests.sinks import HttpSink
from worker.push.fan_out import fan_out
from worker.push.send import deliver

pytestmark = pytest.mark.usefixtures("stopped_clock")


def the_topic(slug: str) -> Topic:
    with reading() as session:
        return find_topic(session, slug)


def add_topic(desk: TestClient, **fields: str) -> Response:
    return send(desk, "/desk/new-topic", **({"name": "Storms", "query": "storm*", "do": "save"} | fields))


def test_an_admin_adds_a_topic_and_finds_it_on_the_list(desk: TestClient) -> None:
    answer = add_topic(desk, name="Storms at sea", query='storm* AND "high water"', rings="after_approval")
    assert answer.url.path == "/desk/topics"
    assert "Storms at sea" in answer.text
    topic = the_topic("storms-at-sea")
    assert (topic.query, topic.rings, topic.status) == (
        'storm* AND "high water"',
        Rings.after_approval,
        "live",
    )


def test_a_topic_may_be_called_new(desk: TestClient) -> None:
    add_topic(desk, name="New")
    assert 'value="New"' in desk.get("/desk/topics/new").text


def test_a_draft_matches_nothing_until_it_is_made_live(desk: TestClient) -> None:
    add_topic(desk, draft="true")
    assert the_topic("storms").status == "draft"
    send(desk, "/desk/topics", act="/desk/topics/storms/resume")
    assert the_topic("storms").status == "live"


def test_a_wrong_query_is_pointed_at_and_what_was_typed_is_kept(desk: TestClient) -> None:
    answer = add_topic(desk, name="Storms & floods", query="storm AND (flood")
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text
    assert "^" in answer.text
    assert "storm AND (flood" in answer.text
    assert "Storms &amp; floods" in answer.text
    with reading() as session:
        assert session.exec(select(Topic)).all() == []


@pytest.mark.parametrize(("name", "says"), [("", "needs a name"), ("???", "makes no slug")])
def test_a_topic_without_a_usable_name_is_said_at_the_field(desk: TestClient, name: str, says: str) -> None:
    answer = add_topic(desk, name=name)
    assert answer.status_code == 400
    assert says in answer.text


def test_a_name_in_use_is_said_at_the_field(desk: TestClient) -> None:
    add_topic(desk)
    assert "There is a topic &#39;storms&#39; already" in add_topic(desk).text


def test_trying_a_query_shows_what_it_would_have_matched_and_saves_nothing(desk: TestClient) -> None:
    with unit_of_work() as session:
        an_article(session, title="Storms close the harbour")
        an_article(session, title="Turnips are in season")
    answer = add_topic(desk, do="try")
    assert "1 alert, 1.0 a day, from 2 articles" in answer.text
    assert "<mark>Storms</mark> close the harbour" in answer.text
    assert "Turnips" not in answer.text
    with reading() as session:
        assert session.exec(select(Topic)).all() == []


def test_an_admin_edits_pauses_resumes_and_removes_a_topic(desk: TestClient) -> None:
    add_topic(desk)
    send(desk, "/desk/topics/storms", name="Storms and gales", query="storm* OR gale*", do="save")
    assert (the_topic("storms").name, the_topic("storms").query) == ("Storms and gales", "storm* OR gale*")
    for act, status in (("pause", "paused"), ("resume", "live")):
        send(desk, "/desk/topics", act=f"/desk/topics/storms/{act}")
        assert the_topic("storms").status == status
    assert "Remove the topic Storms and gales?" in desk.get("/desk/topics/storms/remove").text
    assert the_topic("storms").status == "live", "looking removes nothing"
    send(desk, "/desk/topics/storms/remove")
    assert "Storms and gales" not in desk.get("/desk/topics").text


def test_a_topic_that_is_not_there_is_named(desk: TestClient) -> None:
    answer = desk.get("/desk/topics/nothing")
    assert answer.status_code == 404
    assert "There is no topic &#39;nothing&#39;" in answer.text


def test_an_admin_adds_edits_pauses_and_removes_a_source(desk: TestClient) -> None:
    send(desk, "/desk/sources/new", url="https://herald.example/feed.xml", interval="60")
    with reading() as session:
        source = session.exec(select(Source)).one()
    assert (source.interval_s, source.family) == (60, "herald.example")
    assert "waits for its first poll" in desk.get("/desk/sources").text
    send(
        desk, f"/desk/sources/{source.id}", title="Island Herald", family="herald", language="en", interval=""
    )
    for act, status in (("pause", "paused"), ("resume", "live"), ("remove", "removed")):
        page = "/desk/sources" if act != "remove" else f"/desk/sources/{source.id}/remove"
        send(desk, page, act=f"/desk/sources/{source.id}/{act}")
        with reading() as session:
            found = session.get_one(Source, source.id)
        assert (found.status, found.title, found.interval_s) == (status, "Island Herald", 0)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("url", "no address", "is no address of a feed"),
        ("url", "ftp://news.example/feed", "by http or https"),
        ("url", "http://known.example/feed", "is on the list already"),
        ("interval", "soon", "Give seconds"),
        ("interval", "999999999999", "Give seconds"),
    ],
)
def test_a_wrong_source_is_said_at_the_field(desk: TestClient, field: str, value: str, says: str) -> None:
    with unit_of_work() as session:
        a_source(session, url="http://known.example/feed")
    fields = {"url": "https://herald.example/feed.xml"} | {field: value}
    answer = send(desk, "/desk/sources/new", **fields)
    assert answer.status_code == 400
    assert f'id="{field}-problem"' in answer.text
    assert says in answer.text
    assert value in answer.text


def test_a_source_with_a_problem_says_it_in_words(desk: TestClient) -> None:
    with unit_of_work() as session:
        a_source(session, title="Island Herald", problem="The host herald.example cannot be found.")
    for page in ("/desk", "/desk/sources"):
        assert "The host herald.example cannot be found." in desk.get(page).text


@pytest.mark.parametrize(
    ("do", "status"), [("release", ArticleStatus.seen), ("file", ArticleStatus.baseline)]
)
def test_an_admin_decides_on_held_articles(desk: TestClient, do: str, status: ArticleStatus) -> None:
    with unit_of_work() as session:
        source = a_source(session, title="Island Herald")
        held = [an_article(session, source, status=ArticleStatus.held).id for _ in range(3)]
        other = an_article(session, status=ArticleStatus.held).id
    assert "3 held articles" in desk.get("/desk").text
    send(desk, f"/desk/sources/{source.id}/held", do=do)
    with reading() as session:
        assert {session.get_one(Article, number).status for number in held} == {status}
        assert session.get_one(Article, other).status == ArticleStatus.held


@pytest.mark.parametrize(
    ("do", "status"), [("approve", AlertStatus.queued), ("reject", AlertStatus.rejected)]
)
def test_an_admin_decides_on_a_proposed_alert(desk: TestClient, do: str, status: AlertStatus) -> None:
    with unit_of_work() as session:
        alert = an_alert(session, a_topic(session), status=AlertStatus.proposed)
    assert alert.title in desk.get("/desk").text
    send(desk, f"/desk/alerts/{alert.id}", do=do)
    with reading() as session:
        assert session.get_one(Alert, alert.id).status == status
    assert "only a proposed one" in send(desk, "/desk", act=f"/desk/alerts/{alert.id}", do=do).text


def test_an_admin_stops_an_alert_that_is_ringing(desk: TestClient) -> None:
    with unit_of_work() as session:
        alert = an_alert(session, a_topic(session), status=AlertStatus.ringing, recipients=3)
    page = f"/desk/alerts/{alert.id}"
    assert "0 of 3 have been told" in desk.get(page).text
    send(desk, page, do="stop")
    with reading() as session:
        assert session.get_one(Alert, alert.id).status == AlertStatus.stopped
    assert "Stop: tell nobody more" not in desk.get(page).text


def test_an_admin_throttles_an_alert_that_is_ringing_and_lifts_it_again(desk: TestClient) -> None:
    with unit_of_work() as session:
        alert = an_alert(session, a_topic(session), status=AlertStatus.ringing)
    page = f"/desk/alerts/{alert.id}"
    assert "as many messages as it can" in desk.get(page).text
    assert "at most 40 messages a second" in send(desk, page, do="throttle", ceiling="40").text
    assert "is no ceiling" in send(desk, page, do="throttle", ceiling="many").text
    assert "as many messages as it can" in send(desk, page, do="throttle", ceiling="").text
    with reading() as session:
        assert session.get_one(Alert, alert.id).ceiling == 0


def test_an_alert_is_approved_with_a_ceiling(desk: TestClient) -> None:
    with unit_of_work() as session:
        alert = an_alert(session, a_topic(session), status=AlertStatus.proposed)
    send(desk, f"/desk/alerts/{alert.id}", do="approve", ceiling="25")
    with reading() as session:
        stored = session.get_one(Alert, alert.id)
    assert (stored.status, stored.ceiling) == (AlertStatus.queued, 25)


def test_a_correction_is_shown_before_it_is_sent(desk: TestClient) -> None:
    with unit_of_work() as session:
        alert = an_alert(session, a_topic(session), status=AlertStatus.rung, title="סערה", language="he")
    page = f"/desk/alerts/{alert.id}/correct"
    assert "Say what was wrong" in send(desk, page, title="Calm", do="show").text
    unchanged = send(desk, page, why="We misread.", title="סערה", text="Nobody was hurt.", do="send")
    assert (unchanged.status_code, "Nothing is changed" in unchanged.text) == (400, True)
    shown = send(desk, page, why="We misread.", title="שקט", text="All is calm.", do="show")
    assert "תיקון: שקט" in shown.text
    assert "It goes to the 0 channels told by this alert." in shown.text
    with reading() as session:
        assert len(session.exec(select(Alert)).all()) == 1
    first = send(desk, page, why="We misread.", title="שקט", text="All is calm.", do="send")
    again = f"{first.url.path}/correct"
    form = desk.get(again).text
    assert "We misread" not in form.split("<form class")[1]
    second = send(desk, again, why="Again.", title="רוח", text="Wind.", do="send")
    assert "תיקון: רוח" in second.text
    assert "תיקון: תיקון" not in second.text
    late = desk.get(page)
    assert (late.status_code, "already" in late.text) == (409, True)


def test_an_alert_is_withdrawn_on_a_page_of_its_own(desk: TestClient) -> None:
    with unit_of_work() as session:
        alert = an_alert(session, a_topic(session), status=AlertStatus.rung, title="Storm")
    page = f"/desk/alerts/{alert.id}/withdraw"
    assert "Say what was wrong" in send(desk, page, why=" ").text
    told = send(desk, page, why="It was a drill.").text
    assert "Withdrawn: Storm" in told
    assert "drill.." not in told


def test_what_is_not_there_says_so_in_the_desks_words(desk: TestClient) -> None:
    for path in ("topics/none", "alerts/99", "articles/99"):
        answer = desk.get(f"/desk/{path}")
        assert answer.status_code == 404
        assert "tocsin" not in answer.text.split("<main")[1]
        assert f'href="/desk/{path.split("/", maxsplit=1)[0]}"' in answer.text.split("<main")[1]


def test_an_alert_that_is_too_old_cannot_be_approved(desk: TestClient, stopped_clock: Clock) -> None:
    with unit_of_work() as session:
        alert = an_alert(session, a_topic(session), status=AlertStatus.proposed)
    page = f"/desk/alerts/{alert.id}"
    stopped_clock.move(hours=7)
    assert "too old to ring" in send(desk, page, do="approve").text


def test_the_page_of_an_alert_tells_why_when_and_to_whom(desk: TestClient, sink: HttpSink) -> None:
    with unit_of_work() as session:
        topic = a_topic(session, name="The harbour")
        for number in range(3):
            a_channel(session, a_subscriber(session, topic), sink.url(f"reader{number}"))
        a_channel(session, a_subscriber(session, topic), "json://127.0.0.1:9/nobody?token=s3cr3t")
        alert = an_alert(session, topic, why="its first match")
        stored(
            session,
            Match(article_id=alert.article_id, topic_id=topic.id or 0, words=["Harbour"], created_at=NOON),
        )
    for shard in fan_out(alert.id or 0):
        deliver(shard)
    page = desk.get(f"/desk/alerts/{alert.id}").text
    for says in (
        "The harbour",
        "Harbour</mark>",
        "its first match",
        "4 recipients",
        "3 accepted, 1 later",
        "queued",
    ):
        assert says in page
    assert "json://127.0.0.1:9/…" in page
    assert "s3cr3t" not in page


def test_the_way_of_an_article_is_found_by_number_link_and_trace(desk: TestClient) -> None:
    with unit_of_work() as session:
        article = an_article(session, title="Storm closes harbour", status=ArticleStatus.baseline)
    assert "Storm closes harbour" in desk.get("/desk/articles").text
    for page in (f"/{article.id}", f"?q={article.link}", f"?q={article.trace}"):
        text = desk.get(f"/desk/articles{page}").text
        assert "it did not ring" in text
        assert "the baseline never rings" in text
    assert desk.get("/desk/articles?q=nothing").status_code == 404


def test_titles_of_feeds_cannot_put_markup_into_the_desk(desk: TestClient) -> None:
    evil = '<img src=x onerror="alert(1)">'
    with unit_of_work() as session:
        article = an_article(session, title=evil)
        an_alert(session, a_topic(session, name=evil), title=evil, why=evil, source_name=evil)
    for page in ("", "/articles", f"/articles/{article.id}", "/alerts", "/alerts/1", "/topics"):
        assert "<img" not in desk.get(f"/desk{page}").text


def test_a_link_of_a_feed_is_only_ever_one_to_the_web(desk: TestClient) -> None:
    with unit_of_work() as session:
        alert = an_alert(session, a_topic(session), link="javascript:alert(1)")
    assert 'href="javascript' not in desk.get(f"/desk/alerts/{alert.id}").text
