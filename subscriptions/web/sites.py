"""Which sites' pages may use the box's API: those of TOCSIN_SITES and our own (CORS).

The API knows no cookies: what a browser may change it shows by its push subscription. So a page of another
site could do nothing in its reader's name; it is refused all the same.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from subscriptions.settings import settings

API = ("/api/box", "/api/push/", "/api/counts")
ASKED_AGAIN_S = 7200  # a browser asks whether it may; Chromium remembers the answer no longer
REFUSED = "The pages of this site may not use the box: its operator adds it to TOCSIN_SITES."


def may_use(origin: str, own: str) -> bool:
    """Say whether pages of an origin may use the box; `own` is the address it was asked at."""
    return origin.lower() in settings().box_sites | {own, settings().site.lower()}


class Sites:
    """ASGI middleware: answers of the box's API can be read by pages of these sites, and by no others."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and say in its answer which site may read it."""
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        origin = asked.get("origin", "")

        async def readable(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.add_vary_header("Origin")
                if origin:
                    headers["Access-Control-Allow-Origin"] = origin
            await send(message)

        if origin and not may_use(origin, f"{scope['scheme']}://{asked.get('host', '')}"):
            refusal = JSONResponse({"error": {"says": REFUSED}}, 403, headers={"Vary": "Origin"})
            await refusal(scope, receive, send)
        elif origin and scope["method"] == "OPTIONS":
            await _may_post()(scope, receive, readable)
        else:
            await self.app(scope, receive, readable)


def _may_post() -> Response:
    allowed = {"Access-Control-Allow-Methods": "POST", "Access-Control-Allow-Headers": "Content-Type"}
    return Response(status_code=204, headers=allowed | {"Access-Control-Max-Age": str(ASKED_AGAIN_S)})
