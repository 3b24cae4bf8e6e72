"""For machines that look after machines: whether the process is up, and can do its work."""

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from subscriptions.broker import broker_url
from subscriptions.database import READING, engine, what_is_wrong
from subscriptions.errors import Mistake
from subscriptions.migrations import check_schema

router = APIRouter(include_in_schema=False)

BROKER_LIMIT_S = 2


@router.api_route("/healthz", methods=["GET", "HEAD"])
def alive() -> PlainTextResponse:
    """Say that the process answers; nothing else is asked."""
    return PlainTextResponse("ok\n")


@router.api_route("/readyz", methods=["GET", "HEAD"])
def ready() -> JSONResponse:
    """Say of the database and the broker whether they work; 503 when one does not."""
    checks = {"database": _said(_database), "broker": _said(_broker)}
    well = all(said == "ok" for said in checks.values())
    return JSONResponse({"ready": well, "checks": checks}, 200 if well else 503)


def _said(look: Callable[[], None]) -> str:
    try:
        look()
    except Mistake as mistake:
        return str(mistake)
    return "ok"


def _database() -> None:
    try:
        check_schema(engine().execution_options(**{READING: True}))
    except DBAPIError as error:
        raise Mistake(what_is_wrong(error)) from None


def _broker() -> None:
    url = broker_url().replace("redis+socket://", "unix://")
    try:
        with Redis.from_url(
            url, socket_timeout=BROKER_LIMIT_S, socket_connect_timeout=BROKER_LIMIT_S
        ) as broker:
            broker.ping()
    except (RedisError, ValueError) as error:
        why = type(error).__name__
        raise Mistake(
            f"The broker does not answer ({why}): see TOCSIN_BROKER_URL, and that it runs."
        ) from None
