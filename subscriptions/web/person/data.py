"""A person's data: given to them, and deleted at their word."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import JSONResponse

from subscriptions.database import reading, unit_of_work
from subscriptions.personal_data import erase, export
from subscriptions.sign_up import leave_everything
from subscriptions.tables import Subscriber
from subscriptions.web.pages import render
from subscriptions.web.person.session import Person, PersonForm, end_session

router = APIRouter(prefix="/me", include_in_schema=False)


@router.get("/data.json")
def take(subscriber_id: Annotated[int, Person]) -> Response:
    """Give everything we keep of the person who asks."""
    with reading() as session:
        told = export(session, session.get_one(Subscriber, subscriber_id))
    return JSONResponse(told, headers={"Content-Disposition": 'attachment; filename="tocsin.json"'})


@router.get("/leave")
def ask(request: Request, _subscriber_id: Annotated[int, Person]) -> Response:
    """Ask whether one really wants to leave."""
    return render(request, "person/leave.html")


@router.post("/leave")
def go(
    request: Request, subscriber_id: Annotated[int, PersonForm], do: Annotated[str, Form()] = "leave"
) -> Response:
    """Send nothing any more; with `delete`, also forget the person."""
    with unit_of_work() as session:
        if do == "delete":
            erase(session, session.get_one(Subscriber, subscriber_id))
        else:
            leave_everything(session, subscriber_id)
    answer = render(request, "person/left.html", deleted=do == "delete")
    answer.raw_headers.extend(end_session().raw_headers[1:] if do == "delete" else [])
    return answer
