"""What a person follows: changing it, and finding more."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from subscriptions.database import reading, unit_of_work
from subscriptions.errors import Mistake, msgid
from subscriptions.media_topics import broader_of, name_of, narrower_of
from subscriptions.own_topics import drop_unfollowed, is_public, write_own_topic
from subscriptions.subscribers import followed_topics, subscribe, unsubscribe
from subscriptions.tables import MediaTopic, Subscriber, Topic, TopicStatus
from subscriptions.topics import LONGEST_NAME
from subscriptions.wants import Cadence
from subscriptions.web.pages import render, translated
from subscriptions.web.person.session import Person, PersonForm
from subscriptions.web.person.settings_page import back, page

router = APIRouter(prefix="/me", include_in_schema=False)

FOUND = 50


class Follows(BaseModel):
    """The form of what is followed: each topic with the two that belong to it, and those to stop."""

    topic: list[int] = []
    threshold: list[int] = []
    cadence: list[Cadence] = []
    stop: list[int] = []

    def wanted(self) -> dict[int, tuple[int, Cadence]]:
        """Give what is wanted by topic; raises HTTPException for a form that does not fit together."""
        try:
            return dict(zip(self.topic, zip(self.threshold, self.cadence, strict=True), strict=True))
        except ValueError:
            raise HTTPException(422) from None


@router.post("/follows")
def change(
    request: Request,
    subscriber_id: Annotated[int, PersonForm],
    form: Annotated[Follows, Form()],
) -> Response:
    """Change how soon, and from which urgency, one is told of each topic; stop following some."""
    wanted = form.wanted()
    try:
        with unit_of_work() as session:
            subscriber = session.get_one(Subscriber, subscriber_id)
            for followed in followed_topics(session, subscriber):
                if followed.id in form.stop:
                    unsubscribe(session, subscriber, followed)
                elif followed.id in wanted and followed.status == TopicStatus.live:
                    least, soon = wanted[followed.id]
                    subscribe(session, subscriber, followed, threshold=least, cadence=soon)
            drop_unfollowed(session, subscriber_id)
    except Mistake as mistake:
        return page(request, subscriber_id, 400, problems={"follows": translated(request, mistake)})
    return back("follows")


@router.get("/topics")
def find(request: Request, subscriber_id: Annotated[int, Person], q: str = "", subject: str = "") -> Response:
    """Find topics to follow: by their names, or down the tree of subjects."""
    with reading() as session:
        subscriber = session.get_one(Subscriber, subscriber_id)
        language = subscriber.language
        values = {
            "topics": _found(session, q),
            "followed": {topic.id: topic.query for topic in followed_topics(session, subscriber)},
            "subjects": [(each.code, name_of(each, language)) for each in narrower_of(session, subject)],
            "way": [(each.code, name_of(each, language)) for each in broader_of(session, subject)],
        }
    return render(
        request, "person/topics.html", **values, q=q.strip(), most=FOUND, subject_query=subject_query
    )


@router.post("/topics/{topic_id}")
def follow(subscriber_id: Annotated[int, PersonForm], topic_id: int) -> Response:
    """Follow a topic that is everybody's."""
    with unit_of_work() as session:
        topic = session.exec(select(Topic).where(Topic.id == topic_id, *_open())).first()
        if topic is None:
            raise Mistake(msgid("This topic cannot be followed now: choose another."))
        subscribe(session, session.get_one(Subscriber, subscriber_id), topic)
    return back("follows")


@router.post("/subjects/{code}")
def follow_subject(subscriber_id: Annotated[int, PersonForm], code: str) -> Response:
    """Follow a subject of the Media Topics: the topic everybody has of it, else one of one's own."""
    with unit_of_work() as session:
        subscriber, subject = session.get_one(Subscriber, subscriber_id), session.get(MediaTopic, code)
        if subject is None:
            raise Mistake(msgid("There is no such subject: choose another."))
        query = subject_query(code)
        common = session.exec(select(Topic).where(Topic.query == query, *_open())).first()
        if common is not None:
            subscribe(session, subscriber, common)
        else:
            write_own_topic(session, subscriber, query, name_of(subject, subscriber.language)[:LONGEST_NAME])
    return RedirectResponse("/me?saved=follows#follows", 303)


def subject_query(code: str) -> str:
    """Write the query for a subject and all below it."""
    return f"mediatopic:{code}"


def _open() -> tuple[ColumnElement[bool], ...]:
    return (col(Topic.status) == TopicStatus.live, col(Topic.practice).is_(False), is_public())


def _found(session: Session, text: str) -> list[Topic]:
    wanted = select(Topic).where(*_open())
    for word in text.split()[:8]:
        part = or_(
            col(Topic.name).icontains(word, autoescape=True), col(Topic.slug).icontains(word, autoescape=True)
        )
        wanted = wanted.where(part)
    return list(session.exec(wanted.order_by(col(Topic.name)).limit(FOUND)))
