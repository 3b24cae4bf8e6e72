"""How every page is rendered: templates, the reader's language, and the words and times they share."""

from collections.abc import Iterable
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from subscriptions import clock
from subscriptions.errors import Mistake
from subscriptions.heard.said import Said
from subscriptions.settings import settings
from subscriptions.texts import ENGLISH, LANGUAGES, Language, known, preferred
from subscriptions.wording import counted

MINUTE, HOUR, DAY = 60, 3600, 86400
IN_ENGLISH = ("/desk", "/practice")  # the desk's pages, and the practice newsroom's made-up ones

_spoken: ContextVar[Language] = ContextVar("language of the page being rendered", default=ENGLISH)


def language(request: Request) -> Language:
    """Choose a page's language: `?lang=`, else what who is signed in chose, else what the browser likes."""
    if request.url.path.startswith(IN_ENGLISH):
        return ENGLISH
    chosen = (request.query_params.get("lang", ""), getattr(request.state, "language", ""))
    found = next(filter(None, map(known, chosen)), None)
    return found or preferred(request.headers.get("accept-language", ""))


def translated(request: Request, what: str | Mistake, **named: object) -> str:
    """Say an English sentence, or what somebody did wrong, in a page's language."""
    spoken = language(request)
    return spoken.mistake(what) if isinstance(what, Mistake) else spoken.gettext(what, **named)


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


@pass_context
def in_language(context: Context, path: str) -> str:
    """Let a link lead to a page in the language that was chosen by `?lang=`."""
    chosen = known(context["request"].query_params.get("lang", ""))
    return f"{path}?lang={chosen.code}" if chosen else path


def bdi(name: str) -> Markup:
    """Keep a name, whose direction nobody knows, from turning the sentence around it about."""
    return Markup("<bdi>{}</bdi>").format(name)


def _listed(names: Iterable[str]) -> str:
    return Markup(_spoken.get().listed(str(escape(name)) for name in names))  # noqa: S704 - each is escaped


def _time_ago(when: datetime) -> str:
    return _spoken.get().ago(when, clock.now())


def _moment(when: datetime, zone: str = "UTC") -> str:
    return _spoken.get().moment(when, zone)


def _day(when: datetime | date, zone: str = "UTC") -> str:
    return _spoken.get().day(when, zone)


def _time_of_day(when: datetime | time, zone: str = "UTC") -> str:
    return _spoken.get().time(when, zone)


def _lasts(seconds: float) -> str:
    return _spoken.get().lasting(timedelta(seconds=seconds))


def _number(number: float) -> str:
    return _spoken.get().number(number)


def say(said: Said, zone: str = "UTC") -> Markup:
    """Say a sentence, its names kept apart from it, its instants by the clock of an IANA zone."""
    named = {name: _shown(value, zone) for name, value in said.named.items()}
    return escape(_spoken.get().gettext(said.sentence)) % named if named else escape(_gettext(said.sentence))


def _shown(value: object, zone: str) -> object:
    if isinstance(value, datetime):
        return f"{_day(value, zone)}, {_time_of_day(value, zone)}"
    if isinstance(value, tuple):
        return _listed(map(bdi, value))
    return bdi(value) if isinstance(value, str) else value


# In the reader's language; `ago`, `lasting` and `counted` are the desk's, short and English.
READERS = {
    "bdi": bdi,
    "day": _day,
    "in_language": in_language,
    "lasts": _lasts,
    "listed": _listed,
    "moment": _moment,
    "number": _number,
    "say": say,
    "time_ago": _time_ago,
    "time_of_day": _time_of_day,
}


def _gettext(sentence: str) -> str:
    return _spoken.get().gettext(sentence)


def _ngettext(one: str, more: str, number: int) -> str:
    return _spoken.get().catalogue.ngettext(one, more, number)


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_callables(  # type: ignore[attr-defined]  # the extension brings it
        _gettext,
        _ngettext,
        newstyle=True,
    )
    made.filters.update(ago=ago, lasting=lasting, counted=counted, web_link=web_link, **READERS)
    made.globals["settings"] = settings
    return made


templates = Jinja2Templates(env=_environment())


def render(request: Request, name: str, status: int = 200, /, **values: Any) -> Response:
    """Render a page from `templates/` in its reader's language."""
    spoken = language(request)
    given = {"language": spoken, "choices_of_language": _choices(request), **values}
    before = _spoken.set(spoken)
    try:
        return templates.TemplateResponse(request, name, given, status_code=status)
    finally:
        _spoken.reset(before)


def _choices(request: Request) -> list[tuple[Language, str]]:
    """List the languages a page can be read in, each with the page's address in it."""
    if request.url.path.startswith(IN_ENGLISH):
        return []
    here = request.url
    return [(each, f"?{here.include_query_params(lang=each.code).query}") for each in LANGUAGES.values()]
