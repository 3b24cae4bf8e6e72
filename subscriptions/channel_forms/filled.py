"""Checking what was filled into a form, field by field."""

import re
from collections.abc import Callable, Mapping

from subscriptions.channel_forms.fields import Field
from subscriptions.channel_forms.forms import Form
from subscriptions.errors import Mistake

LONGEST = 500  # characters of a field
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff]")
MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@([\w-]{1,63}\.)+[\w-]{1,63}")
PHONE = re.compile(r"\+?[\d\s().-]{3,30}", re.ASCII)
HEADER = re.compile(r"([A-Za-z0-9-]{1,64}):\s*(\S.*)")
BARE_HOST = re.compile(r"[A-Za-z0-9_.-]{1,253}")
MOST_LINES = 10


class Misfilled(Mistake):
    """What was filled in cannot be used: the sentence for each field; for all of the form under ""."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__(" ".join(wrong.values()))
        self.wrong = dict(wrong)


def read_filled(form: Form, given: Mapping[str, str]) -> dict[str, str]:
    """Give the values of the fields that are filled, tidied; raises Misfilled."""
    values: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for field in form.fields:
        text = given.get(field.name, "").strip()
        if not text:
            continue
        try:
            values[field.name] = _read(field, text)
        except Mistake as mistake:
            wrong[field.name] = str(mistake)
    wrong |= _missing(form, values.keys() | wrong.keys())
    if wrong:
        raise Misfilled({each.name: wrong[each.name] for each in form.fields if each.name in wrong})
    return values


def _missing(form: Form, filled: set[str]) -> dict[str, str]:
    wrong = {
        each.name: f"{each.label} is missing."
        for each in form.fields
        if each.needed and not each.of_targets and each.name not in filled
    }
    targets = [each for each in form.fields if each.of_targets]
    told = [each for each in targets if each.name in filled]
    if len(told) > 1:
        names = " and ".join(each.label for each in told)
        wrong[told[1].name] = f"{names} are both filled in: add a channel for each."
    elif not told and any(each.needed for each in targets):
        others = f": fill in one of {', '.join(each.label for each in targets)}" if len(targets) > 1 else ""
        wrong[targets[0].name] = f"{targets[0].label} is missing{others}."
    return wrong


def _read(field: Field, text: str) -> str:
    if field.kind == "lines":
        return "\n".join(_header(field, line.strip()) for line in _lines(field, text))
    if len(text) > LONGEST or CONTROL.search(text):
        raise Mistake(f"{field.label} is too long, or has signs that cannot be typed: copy it once more.")
    read = READERS.get(field.kind, _text)(field, text)
    if field.kind != "server" and not field.accepts(read):
        raise Mistake(f"{field.label} does not look right{_as(field)}.")
    return read


def _text(field: Field, text: str) -> str:
    if field.name == "host" and not BARE_HOST.fullmatch(text):
        raise Mistake(f"{field.label} does not look right{_as(field)}.")
    own = field.part.prefix
    value = text.removeprefix(own) if own else text
    if not value or value.startswith(field.others):
        raise Mistake(f"{field.label} cannot begin with {text[:1]}: leave that out.")
    return value


def _email(field: Field, text: str) -> str:
    if not MAIL.fullmatch(text):
        raise Mistake(f"{field.label} is no mail address: it looks like ann@reader.example.")
    return text


def _phone(field: Field, text: str) -> str:
    """Tidy a phone number; what some services take in its place is checked by their own pattern."""
    if PHONE.fullmatch(text):
        return re.sub(r"[\s().-]", "", text)
    if field.part.pattern is None and field.of_targets:
        raise Mistake(f"{field.label} is no phone number: it looks like +15555550101.")
    return text


def _number(field: Field, text: str) -> str:
    if field.part.accepts(text):
        return text
    low, high = field.part.low, field.part.high
    bounds = f" from {low:g} to {high:g}" if low is not None and high is not None else ""
    raise Mistake(f"{field.label} is a number{bounds}.")


def _choice(field: Field, text: str) -> str:
    if text not in field.choices:
        raise Mistake(f"{field.label}: choose one of those that are offered.")
    return text


def _lines(field: Field, text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES or len(text) > LONGEST:
        raise Mistake(f"{field.label}: these are more than {MOST_LINES} lines, or too long ones.")
    return lines


def _header(field: Field, line: str) -> str:
    header = HEADER.fullmatch(line)
    if header is None or CONTROL.search(line):
        raise Mistake(f"{field.label}: each line has a name, a colon and a value.")
    return f"{header[1]}: {header[2].strip()}"


def _as(field: Field) -> str:
    return f": it looks like {field.said.example}" if field.said.example else ": copy all of it once more"


READERS: Mapping[str, Callable[[Field, str], str]] = {
    "email": _email,
    "phone": _phone,
    "number": _number,
    "choice": _choice,
    "server": lambda _field, text: text,
}
