"""Checking what was filled into a form, field by field."""

import re
from collections.abc import Callable, Mapping

from subscriptions.channel_forms.fields import Field
from subscriptions.channel_forms.forms import Form
from subscriptions.errors import Mistake, msgid

LONGEST = 500  # characters of a field
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff]")
MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@([\w-]{1,63}\.)+[\w-]{1,63}")
PHONE = re.compile(r"\+?[\d\s().-]{3,30}", re.ASCII)
HEADER = re.compile(r"([A-Za-z0-9-]{1,64}):\s*(\S.*)")
BARE_HOST = re.compile(r"[A-Za-z0-9_.-]{1,253}")
MOST_LINES = 10


class Misfilled(Mistake):
    """What was filled in cannot be used: what is wrong with each field; with all of the form under ""."""

    def __init__(self, wrong: Mapping[str, Mistake]) -> None:
        super().__init__(" ".join(map(str, wrong.values())))
        self.wrong = dict(wrong)


def read_filled(form: Form, given: Mapping[str, str]) -> dict[str, str]:
    """Give the values of the fields that are filled, tidied; raises Misfilled."""
    values: dict[str, str] = {}
    wrong: dict[str, Mistake] = {}
    for field in form.fields:
        text = given.get(field.name, "").strip()
        if not text:
            continue
        try:
            values[field.name] = _read(field, text)
        except Mistake as mistake:
            wrong[field.name] = mistake
    wrong |= _missing(form, values.keys() | wrong.keys())
    if wrong:
        raise Misfilled({each.name: wrong[each.name] for each in form.fields if each.name in wrong})
    return values


def _missing(form: Form, filled: set[str]) -> dict[str, Mistake]:
    wrong = {
        each.name: Mistake(msgid("%(label)s is missing."), label=each.label)
        for each in form.fields
        if each.needed and not each.of_targets and each.name not in filled
    }
    targets = [each for each in form.fields if each.of_targets]
    told = [each for each in targets if each.name in filled]
    if len(told) > 1:
        both = msgid("Fill in either %(one)s or %(other)s: add a channel for each.")
        wrong[told[1].name] = Mistake(both, one=told[0].label, other=told[1].label)
    elif not told and any(each.needed for each in targets):
        either = msgid("Say whom to tell: fill in one of these.")
        one = msgid("%(label)s is missing.")
        wrong[targets[0].name] = Mistake(either) if len(targets) > 1 else Mistake(one, label=targets[0].label)
    return wrong


def _read(field: Field, text: str) -> str:
    if field.kind == "lines":
        return "\n".join(_header(field, line.strip()) for line in _lines(field, text))
    if len(text) > LONGEST or CONTROL.search(text):
        unreadable = msgid("%(label)s is too long, or has signs that cannot be typed: copy it once more.")
        raise Mistake(unreadable, label=field.label)
    read = READERS.get(field.kind, _text)(field, text)
    if field.kind != "server" and not field.accepts(read):
        raise _odd(field)
    return read


def _text(field: Field, text: str) -> str:
    if field.name == "host" and not BARE_HOST.fullmatch(text):
        raise _odd(field)
    own = field.part.prefix
    value = text.removeprefix(own) if own else text
    if not value or value.startswith(field.others):
        begins = msgid("%(label)s cannot begin with %(sign)s: leave that out.")
        raise Mistake(begins, label=field.label, sign=text[:1])
    return value


def _email(field: Field, text: str) -> str:
    if not MAIL.fullmatch(text):
        raise Mistake(
            msgid("%(label)s is no mail address: it looks like ann@reader.example."), label=field.label
        )
    return text


def _phone(field: Field, text: str) -> str:
    """Tidy a phone number; what some services take in its place is checked by their own pattern."""
    if PHONE.fullmatch(text):
        return re.sub(r"[\s().-]", "", text)
    if field.part.pattern is None and field.of_targets:
        raise Mistake(msgid("%(label)s is no phone number: it looks like +15555550101."), label=field.label)
    return text


def _number(field: Field, text: str) -> str:
    if field.part.accepts(text):
        return text
    low, high = field.part.low, field.part.high
    if low is None or high is None:
        raise Mistake(msgid("%(label)s is a number."), label=field.label)
    bounds = msgid("%(label)s is a number from %(low)s to %(high)s.")
    raise Mistake(bounds, label=field.label, low=f"{low:g}", high=f"{high:g}")


def _choice(field: Field, text: str) -> str:
    if text not in field.choices:
        raise Mistake(msgid("%(label)s: choose one of those that are offered."), label=field.label)
    return text


def _lines(field: Field, text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES or len(text) > LONGEST:
        raise Mistake(msgid("%(label)s: write ten lines at most, and short ones."), label=field.label)
    return lines


def _header(field: Field, line: str) -> str:
    header = HEADER.fullmatch(line)
    if header is None or CONTROL.search(line):
        raise Mistake(msgid("%(label)s: each line has a name, a colon and a value."), label=field.label)
    return f"{header[1]}: {header[2].strip()}"


def _odd(field: Field) -> Mistake:
    if not field.said.example:
        return Mistake(msgid("%(label)s does not look right: copy all of it once more."), label=field.label)
    like = msgid("%(label)s does not look right: it looks like %(example)s.")
    return Mistake(like, label=field.label, example=field.said.example)


READERS: Mapping[str, Callable[[Field, str], str]] = {
    "email": _email,
    "phone": _phone,
    "number": _number,
    "choice": _choice,
    "server": lambda _field, text: text,
}
