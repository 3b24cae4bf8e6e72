"""Every page of readers, persons and the desk in a real Chromium: light, dark, on a phone, either way."""

import re
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from subscriptions import clock
from subscriptions.channels import add_channel
from subscriptions.database import unit_of_work
from subscriptions.keys import signer
from subscriptions.leave_links import leave_path
from subscriptions.preferences import mute_story
from subscriptions.tables import (
    AlertStatus,
    ArticleStatus,
    ChannelStatus,
    Shard,
    Story,
    Subscriber,
    Topic,
    Wish,
)
from subscriptions.web.sign_in import make_link
from tests.browsers.conftest import PHONE, PROGRAM, NewsSite
from tests.browsers.sight import look
from tests.builders import a_source, a_subscriber, a_topic, an_alert, an_article, stored
from worker.push.fan_out import lay_out
from worker.push.ledger import pack

SIZES = {"light": {"width": 1280, "height": 900}, "dark": PHONE}  # a desk, a phone
HEADLINE = "A very long headline: the harbour of the island is closed after the storm, and no ferry leaves"

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="pages are looked at in Chromium: apt install chromium"),
    # What differs between the databases the other tests look at.
    pytest.mark.parametrize("db", ["sqlite"], indirect=True),
]


@pytest.fixture
def busy(news_site: NewsSite) -> dict[str, str]:
    """A newsroom where something of everything has happened; gives what stands for parts of addresses."""
    with unit_of_work() as session:
        topic = session.get_one(Topic, news_site.topic.id)
        ann = a_subscriber(session, topic, name="ann", created_at=clock.now())
        channel = add_channel(session, ann, "ann@reader.example").id or 0
        waiting = add_channel(session, ann, "new@reader.example", status=ChannelStatus.waiting).id or 0
        phone = add_channel(session, ann, "ntfys://ntfy.example/ann").id or 0
        stored(session, Wish(channel_id=waiting, topic_id=topic.id or 0, created_at=clock.now()))
        _news(session, topic, ann, channel)
        return {
            "slug": topic.slug,
            "number": "1",
            "confirm": signer("confirm").dumps(waiting),
            "unsubscribe": signer("unsubscribe").dumps(channel),
            "leave": leave_path(phone),
            "enter": signer("enter").dumps(channel),
            "desk": make_link(session),
        }


def _news(session: Session, topic: Topic, ann: Subscriber, channel: int) -> None:
    now = clock.now()
    times: dict[str, Any] = {"seen_at": now, "status_at": now}
    source = a_source(session, title="Island Herald", answered_at=now)
    an_article(session, source, title=HEADLINE, status=ArticleStatus.held, **times)
    a_source(session, problem="The feed answers 404: look whether it has moved.")
    a_topic(session, slug="storms", name="סערות", query="storm")
    for status in (AlertStatus.rung, AlertStatus.proposed, AlertStatus.stopped):
        given: dict[str, Any] = {"queued_at": now, "first_sent_at": now, "status": status, "title": HEADLINE}
        alert = an_alert(session, topic, matched_at=now, **times, **given)
        lay_out(session, alert.id or 0, [channel])
        told = update(Shard).where(col(Shard.alert_id) == alert.id)
        session.execute(told.values(accepted=pack([channel])))
        mute_story(session, ann, session.get_one(Story, alert.story_id))


def pages(busy: dict[str, str]) -> dict[str, str]:
    """Give the address of each page, by the name its picture gets."""
    readers = {
        "home": "/",
        "topic": f"/topics/{busy['slug']}",
        "confirm": f"/confirm/{busy['confirm']}",
        "follows": f"/unsubscribe/{busy['unsubscribe']}",
        "leave": busy["leave"],
        "error": "/nothing-here",
    }
    return readers | {re.sub(r"\W+", "-", path.strip("/")): path for path in OWN}


OWN = (
    *("/me", "/me/topics", "/me/topics/own?q=storm", "/me/leave"),
    *("/me/alerts", "/me/alerts/1", "/me/why", "/me/channels", "/me/channels/add", "/me/channels/add/ntfy"),
)
DESK = (
    *("/desk", "/desk/topics", "/desk/new-topic", "/desk/topics/israel", "/desk/topics/israel/remove"),
    *(
        "/desk/query-language",
        "/desk/sources",
        "/desk/sources/new",
        "/desk/sources/1",
        "/desk/sources/1/held",
    ),
    *("/desk/sources/1/held", "/desk/sources/1/remove"),
    *("/desk/alerts", "/desk/alerts/1", "/desk/alerts/1/correct", "/desk/alerts/1/withdraw"),
    *("/desk/articles", "/desk/articles/1"),
)


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("he", "dark")])
def test_pages_of_readers_keep_nobody_out(
    busy: dict[str, str], open_browser: Any, axe: str, lang: str, scheme: str
) -> None:
    page = open_browser(color_scheme=scheme, viewport=SIZES[scheme], locale=lang)
    look(page, axe, "/me/sign-in", f"sign-in-{lang}-{scheme}")
    page.goto(f"/me/enter/{busy['enter']}")
    for name, path in pages(busy).items():
        wanted = f"{path}{'&' if '?' in path else '?'}lang={lang}"
        look(page, axe, wanted, f"{name}-{lang}-{scheme}")
        assert page.locator("html").get_attribute("lang") == lang
        assert page.locator("html").get_attribute("dir") == ("ltr" if lang == "en" else "rtl")


@pytest.mark.parametrize("scheme", SIZES)
def test_pages_of_the_desk_keep_nobody_out(
    busy: dict[str, str], open_browser: Any, axe: str, scheme: str
) -> None:
    page = open_browser(color_scheme=scheme, viewport=SIZES[scheme])
    look(page, axe, busy["desk"], f"desk-sign-in-{scheme}")
    page.get_by_role("button").click()
    for path in DESK:
        look(page, axe, path, f"{re.sub(r'[^a-z]+', '-', path.strip('/'))}-{scheme}")
