"""Adding a channel: choosing its kind, filling in its form, and waiting for its test alert."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response

from subscriptions.address import Address
from subscriptions.channel_forms import LINK, MAIL_FORM, Misfilled, address_of
from subscriptions.channel_forms.forms import Choice, Form, choices, forms_of
from subscriptions.channel_forms.server import is_private
from subscriptions.channel_kinds import EMAIL
from subscriptions.database import lock, unit_of_work
from subscriptions.errors import Mistake, msgid
from subscriptions.keys import digests
from subscriptions.nudge import nudge
from subscriptions.own_channels import add_own_channel
from subscriptions.settings import settings
from subscriptions.tables import Subscriber
from subscriptions.web.pages import language, render
from subscriptions.web.person.channels import TOO_MANY, back, may_test
from subscriptions.web.person.kept import keep, kept
from subscriptions.web.person.session import Person, PersonForm
from subscriptions.web.turnstile import network_of

router = APIRouter(prefix="/me/channels/add", include_in_schema=False)

LONGEST_SEARCH = 100


@router.get("")
def choose(request: Request, _person: Annotated[int, Person], q: str = "") -> Response:
    """Show the kinds of channels: those many people use first; or those that are called so."""
    words = q[:LONGEST_SEARCH].casefold().split()
    found = [each for each in choices() if all(word in _called(each) for word in words)]
    values = {
        "q": q.strip(),
        "usual": [each for each in found if each.known],
        "others": [each for each in found if not each.known],
        "mail": _mails(),
    }
    return render(request, "person/channel_kinds.html", **values)


def _mails() -> bool:
    return bool(settings().mail_url.get_secret_value())


def _called(choice: Choice) -> str:
    return f"{choice.name} {choice.kind}".casefold()


@router.get("/{kind}")
def ask(request: Request, subscriber_id: Annotated[int, Person], kind: str, way: str = "") -> Response:
    """Show the form of a kind of channel."""
    return _page(request, subscriber_id, _form(kind, way))


@router.post("/{kind}")
async def add(request: Request, subscriber_id: Annotated[int, PersonForm], kind: str) -> Response:
    """Add the channel, and let its test alert be sent."""
    typed = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    form = _form(kind, typed.get("way", ""))
    before = kept(subscriber_id, kind, typed.get("kept", ""))
    given = {name: typed.get(name, "").strip() or before.get(name, "") for name in _names(form)}
    try:
        address = address_of(form, given)
        _check_reachable(form, address)
        channel_id = _add(subscriber_id, network_of(request), address)
    except Misfilled as misfilled:
        return _page(request, subscriber_id, form, given, misfilled.wrong)
    except Mistake as mistake:
        return _page(request, subscriber_id, form, given, {"": mistake})
    nudge("push.confirm", channel_id, queue="push")
    return back(f"added-{channel_id}")


def _check_reachable(form: Form, address: Address) -> None:
    """Refuse a private address at once, not after a test that cannot arrive; raises Misfilled."""
    host = str(address.parts.get("host") or "")
    if form.field("server") is None or settings().private_addresses or not is_private(host):
        return
    private = msgid(
        "%(host)s is this machine or in a private network: we reach servers on the internet only."
    )
    raise Misfilled({"server": Mistake(private, host=host)})


def _add(subscriber_id: int, network: str, address: Address) -> int:
    with unit_of_work() as session:
        lock(session, f"channels of {subscriber_id}")
        subscriber = session.get_one(Subscriber, subscriber_id)
        channel = add_own_channel(session, subscriber, address)
        if not may_test(subscriber_id, network, address.label, digests(address.spelling)[0]):
            raise Mistake(TOO_MANY)
        return channel.id or 0


def _form(kind: str, key: str) -> Form:
    forms = _forms(kind)
    return next((each for each in forms if each.key == key), forms[0])


def _forms(kind: str) -> tuple[Form, ...]:
    forms = (MAIL_FORM,) if kind == EMAIL else forms_of(kind)
    if not forms or (kind == EMAIL and not _mails()):
        raise HTTPException(404)
    return forms


def _names(form: Form) -> list[str]:
    return [*(each.name for each in form.fields), *([LINK] if form.link else [])]


def _page(
    request: Request,
    subscriber_id: int,
    form: Form,
    given: Mapping[str, str] | None = None,
    wrong: Mapping[str, Mistake] | None = None,
) -> Response:
    given, wrong = given or {}, wrong or {}
    secret = {each.name for each in form.fields if each.secret} | {LINK}
    right = {name: value for name, value in given.items() if name in secret and value and name not in wrong}
    spoken = language(request)
    problems = {
        name: spoken.gettext(
            each.sentence, **{word: spoken.gettext(str(said)) for word, said in each.named.items()}
        )
        for name, each in wrong.items()
    }
    values = {
        "form": form,
        "forms": _forms(form.kind),
        "shown": {name: value for name, value in given.items() if name not in secret},
        "kept": set(right),
        "sealed": keep(subscriber_id, form.kind, right),
        "problems": problems,
        "link": LINK,
    }
    return render(request, "person/channel_form.html", 400 if wrong else 200, **values)
