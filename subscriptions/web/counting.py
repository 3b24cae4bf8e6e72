"""Where clicks and receipts come in; and the link of a mail that goes by way of us to be counted.

Nothing is asked or stored of who it was: no cookie, no address, and the token is the same for all recipients.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from subscriptions import clock
from subscriptions.counts import What, counted_alert, tally
from subscriptions.database import reading
from subscriptions.errors import msgid
from subscriptions.settings import settings
from subscriptions.tables import Alert
from subscriptions.web.pages import web_link
from subscriptions.web.turnstile import Turnstile, network_of

router = APIRouter(include_in_schema=False)

STORED_EVERY_S = 5.0
COUNTED = 300  # from one network address within an hour; what is above is not counted
COUNTED_WITHIN = timedelta(hours=1)
NO_ALERT = msgid("This link is not complete, or its alert is no more.")

turnstile = Turnstile(COUNTED, COUNTED_WITHIN)


class Receipt(BaseModel):
    """What a service worker says: an alert's notification was shown, or opened."""

    alert: Annotated[str, Field(max_length=200)]
    what: What


@router.post("/api/counts", status_code=204)
def take_receipt(request: Request, receipt: Receipt) -> Response:
    """Count a receipt or a click; whether it was is not told."""
    alert_id = counted_alert(receipt.alert)
    if alert_id is not None:
        _count(request, alert_id, receipt.what)
    return Response(status_code=204)


@router.get("/r/{token}")
def go_on(request: Request, token: str) -> Response:
    """Count a click and lead to the alert's own link, as it is stored: nowhere else."""
    alert_id = counted_alert(token)
    with reading() as session:
        alert = session.get(Alert, alert_id) if alert_id is not None else None
    link = web_link(alert.link) if alert is not None else ""
    if alert_id is None or not link:
        raise HTTPException(404, NO_ALERT)
    _count(request, alert_id, "opened")
    return RedirectResponse(link, 302)


def _count(request: Request, alert_id: int, what: What) -> None:
    # The turnstile keeps addresses in memory, for an hour at most, and apart from what is counted.
    if settings().count_clicks and turnstile.lets_in(network_of(request), clock.now()):
        tally.count(alert_id, what)


@asynccontextmanager
async def stored_now_and_then(_app: FastAPI) -> AsyncIterator[None]:
    """Store what is counted, every few seconds and at the end."""
    storing = asyncio.create_task(_store())
    try:
        yield
    finally:
        storing.cancel()
        with suppress(asyncio.CancelledError):
            await storing
        await run_in_threadpool(tally.store)


async def _store() -> None:
    while True:
        await asyncio.sleep(STORED_EVERY_S)
        await run_in_threadpool(tally.store)
