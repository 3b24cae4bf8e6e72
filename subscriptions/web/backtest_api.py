"""`GET /api/topics/backtest`: what a query would have rung, for programs of the desk."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from subscriptions.backtesting import document
from subscriptions.errors import Mistake
from subscriptions.queries import QueryError
from subscriptions.web.sign_in import NotSignedIn, admin
from subscriptions.web.trying import DAYS, SHOWN, Busy, number, try_query

router = APIRouter(prefix="/api/topics", include_in_schema=False)


@router.get("/backtest")
def backtest(
    request: Request,
    query: Annotated[str, Query(alias="q")] = "",
    days: str = str(DAYS),
    limit: str = str(SHOWN),
) -> Response:
    """Answer with what `tocsin topics backtest --json` prints, or with what is wrong."""
    try:
        session_id = admin(request)
        tested = try_query(session_id, query, days=number(days, "days"), shown=number(limit, "stories"))
        return JSONResponse(document(tested))
    except NotSignedIn:
        return _no(401, "Nobody is signed in: `tocsin desk link` makes a link that signs in.")
    except QueryError as error:
        return _no(400, str(error), **_place(error))
    except Mistake as mistake:
        return _no(400, str(mistake))
    except Busy as busy:
        return _no(429, str(busy))


def _place(error: QueryError) -> dict[str, Any]:
    return {
        "position": error.position,
        "length": error.length,
        "expected": error.expected,
        "suggestion": error.suggestion,
    }


def _no(status: int, says: str, **place: Any) -> Response:
    return JSONResponse({"error": {"says": says} | place}, status)
