"""The page that tells why one did not hear of an article."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request, Response

from subscriptions import clock
from subscriptions.database import reading
from subscriptions.errors import msgid
from subscriptions.heard import Answer, find_articles, why_did_i_not_hear
from subscriptions.tables import Subscriber
from subscriptions.web.pages import render, translated
from subscriptions.web.person.session import Person
from subscriptions.web.turnstile import Turnstile

router = APIRouter(prefix="/me/why", include_in_schema=False)

LONGEST = 2000  # characters of a link
QUESTIONS = 60  # of one person within a minute
BEST_FIRST = ("told", "coming", "not")
UNKNOWN = msgid(
    "We do not know this article: none of our sources has had it lately. Try its whole link, or other words."
)
TOO_MANY = msgid("That was a lot of questions: try again in a minute.")

turnstile = Turnstile(QUESTIONS, timedelta(minutes=1))


@router.get("")
def ask(request: Request, subscriber_id: Annotated[int, Person], q: str = "") -> Response:
    """Ask by a link, a number or words of the headline; answer, or let choose among several."""
    asked = q.strip()[:LONGEST]
    if not asked:
        return _page(request, subscriber_id, asked)
    if not turnstile.lets_in(str(subscriber_id), clock.now()):
        return _page(request, subscriber_id, asked, 429, problem=translated(request, TOO_MANY))
    with reading() as session:
        subscriber = session.get_one(Subscriber, subscriber_id)
        found = find_articles(session, asked)
        # One page read from several sources is several articles; what was heard of any of them counts.
        is_one = "://" in asked or len(found) == 1
        answers = [why_did_i_not_hear(session, subscriber, article) for article in found] if is_one else []
    if not found:
        return _page(request, subscriber_id, asked, 404, problem=translated(request, UNKNOWN))
    best = min(answers, key=lambda answer: BEST_FIRST.index(answer.verdict), default=None)
    return _page(request, subscriber_id, asked, answer=best, choices=[] if best else found)


def _page(
    request: Request,
    subscriber_id: int,
    asked: str,
    status: int = 200,
    *,
    answer: Answer | None = None,
    choices: object = (),
    problem: str = "",
) -> Response:
    with reading() as session:
        subscriber = session.get_one(Subscriber, subscriber_id)
    values = {"asked": asked, "answer": answer, "choices": choices, "problem": problem}
    return render(request, "person/why.html", status, subscriber=subscriber, **values)
