"""A topic's page: never miss breaking news on it."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.database import lock, reading, unit_of_work
from subscriptions.errors import Mistake, msgid
from subscriptions.feeds.latest import standing
from subscriptions.nudge import nudge
from subscriptions.own_topics import is_public
from subscriptions.settings import settings
from subscriptions.sign_up import ask
from subscriptions.tables import Topic, TopicStatus
from subscriptions.web.guard import SCRIPTED
from subscriptions.web.pages import language, render, translated
from subscriptions.web.sites import may_use
from subscriptions.web.turnstile import Turnstile, network_of

router = APIRouter(prefix="/topics", include_in_schema=False)

SHOWN = 5
ASKS = 20  # sign-ups from one network address within an hour; more than a household needs
ASKS_WITHIN = timedelta(hours=1)

turnstile = Turnstile(ASKS, ASKS_WITHIN, "sign-up")
# Whether somebody asked before for an address; who follows what it does not know, and so cannot tell.
asked_before = Turnstile(1, timedelta(days=1), "address signed up")


@router.get("/{slug}")
def show(request: Request, slug: str, opener: Annotated[str, Query(alias="from")] = "") -> Response:
    """Show a topic, its latest alerts, and how to follow it.

    A site's box opens it as a small window, and is told what came of it: `opener` is the site's origin.
    """
    opened = may_use(opener, settings().site)
    answer = _page(request, slug, opener=opener if opened else "")
    if opened:
        answer.headers["Cross-Origin-Opener-Policy"] = "unsafe-none"  # else it could tell the box nothing
    return answer


@router.post("/{slug}")
def follow(
    request: Request,
    slug: str,
    address: Annotated[str, Form()] = "",
    time_zone: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Take a wish to follow; the answer is the same for every address, known or not."""
    if not settings().mail_url.get_secret_value():
        problem = translated(request, "Sign-up by e-mail is not set up here yet.")
        return _page(request, slug, 400, address=address, problem=problem)
    if not turnstile.lets_in(network_of(request), clock.now()):
        problem = translated(request, "That was a lot of sign-ups: try again in an hour.")
        return _page(request, slug, 429, address=address, problem=problem)
    try:
        with unit_of_work() as session:
            lock(session, "sign-up")
            topic = _find(session, slug)
            spoken = language(request).code
            due = ask(session, topic, address, language=spoken, time_zone=time_zone)
    except Mistake as mistake:
        return _page(request, slug, 400, address=address, problem=translated(request, mistake))
    if due is not None and due.id is not None:
        nudge("push.confirm", due.id, queue="push")
    typed = address.strip()
    again = not asked_before.lets_in(f"{network_of(request)} {typed.casefold()}", clock.now())
    return render(request, "asked.html", topic=topic, address=typed, again=again)


def _page(
    request: Request,
    slug: str,
    status: int = 200,
    *,
    address: str = "",
    problem: str = "",
    opener: str = "",
) -> Response:
    with reading() as session:
        topic = _find(session, slug)
        latest = standing(session, topic, SHOWN)
    mail = bool(settings().mail_url.get_secret_value())
    values = {"topic": topic, "latest": latest, "mail": mail, "address": address, "problem": problem}
    answer = render(request, "topic.html", status, **values, opener=opener)
    answer.headers.update(SCRIPTED)
    return answer


def _find(session: Session, slug: str) -> Topic:
    wanted = select(Topic).where(
        Topic.slug == slug, col(Topic.practice).is_(False), Topic.status == TopicStatus.live, is_public()
    )
    topic = session.exec(wanted).first()
    if topic is None:
        raise HTTPException(404, msgid("There is no topic of that name to follow now."))
    return topic
