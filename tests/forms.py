"""What may be filled into forms of channels, drawn by chance."""

import re
from collections.abc import Callable
from random import Random

from subscriptions.channel_forms.fields import Field
from subscriptions.channel_forms.forms import Form
from tests.matching_text import matching

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{3,20}")
MAIL = re.compile(r"[a-z][a-z0-9]{1,8}\.[a-z]{2,8}@[a-z]{3,8}\.example")
# By how it is asked for.
KINDS = {
    "email": MAIL,
    "lines": re.compile(r"X-Desk: night [a-z]{3}"),
    "phone": re.compile(r"\+1555555\d{4}"),
    "server": re.compile(r"(https://)?[a-z]{2,8}\.example(:8[0-9]{3})?"),
}
# Where what plugins take is narrower than we, or Apprise, describe.
NARROWER: dict[str, re.Pattern[str]] = {
    "bot_token": re.compile("[1-9][0-9]{8}:[A-Za-z0-9]{20}"),
    "secret_key": re.compile("0[1-9a-f]{63}"),
    "sender": re.compile("NEWS[A-Z]{3}"),
    "from_phone_id": re.compile("[1-9][0-9]{9}"),
}


def fitting(field: Field, chance: Random) -> str:
    """Give something that may be filled into a field."""
    if field.choices:
        return chance.choice(field.choices)
    if field.kind == "number":
        return str(chance.randint(int(field.part.low or 1), int(field.part.high or 100)))
    if field.name == "host":
        return "news.example" if "omain" in field.label else "1000002"
    return matching(_pattern(field), chance)


def _pattern(field: Field) -> re.Pattern[str]:
    ours = re.compile(field.said.pattern) if field.said.pattern else None
    narrow = NARROWER.get(field.name)
    if field.said.example.startswith("npub"):
        narrow = NARROWER["secret_key"]
    known = narrow or KINDS.get(field.kind) or ours or field.part.pattern
    mail = "mail" in f"{field.part.title} {field.label}".lower()
    return known or (MAIL if mail else NAME)


def filled(form: Form, chance: Random, value: Callable[[Field, Random], str] = fitting) -> dict[str, str]:
    """Fill in what a form needs, one of those to tell, and a few of the others."""
    targets = [each for each in form.fields if each.of_targets]
    asked = [each for each in form.fields if each.needed and not each.of_targets]
    asked += chance.sample(targets, 1) if targets else []
    more = [each for each in form.fields if each.more]
    asked += chance.sample(more, min(len(more), chance.randint(0, 2)))
    return {each.name: value(each, chance) for each in asked}
