"""How every page is rendered: templates, and the words and times they share."""

from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from subscriptions import clock
from subscriptions.settings import settings
from subscriptions.wording import counted

MINUTE, HOUR, DAY = 60, 3600, 86400


def ago(when: datetime | None) -> str:
    """Say how long ago, or in how long, an instant is: "12 s ago", "in 3 min", "never"."""
    if when is None:
        return "never"
    seconds = (clock.now() - when).total_seconds()
    text = lasting(abs(seconds))
    return f"{text} ago" if seconds >= 0 else f"in {text}"


def lasting(seconds: float) -> str:
    """Say a length of time in its largest unit: "40 ms", "1.6 s", "12 s", "3 min", "5 h", "9 days"."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:  # noqa: PLR2004 - below ten a tenth tells something
        return f"{seconds:.1f} s"
    for unit, name in ((DAY, "days"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"


def web_link(link: str) -> str:
    """Give a publisher's link if it leads to the web, else "": it could be a script."""
    return link if link.startswith(("https://", "http://")) else ""


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(ago=ago, lasting=lasting, counted=counted, web_link=web_link)
    made.globals["settings"] = settings
    return made


templates = Jinja2Templates(env=_environment())


def render(request: Request, name: str, status: int = 200, /, **values: Any) -> Response:
    """Render a page from `templates/`."""
    return templates.TemplateResponse(request, name, values, status_code=status)
