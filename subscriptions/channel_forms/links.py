"""Splitting the link that a service gives people to copy into the parts of a form."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from subscriptions.channel_forms.fields import Field
from subscriptions.channel_forms.filled import CONTROL, Misfilled
from subscriptions.channel_forms.forms import Form
from subscriptions.channel_forms.words import Link
from subscriptions.channel_kinds import plugin_class
from subscriptions.errors import Mistake, msgid

HTTPS = 443
LONGEST = 1000  # characters
LINK = "link"  # the name of the field


def split_link(form: Form, text: str) -> dict[str, str]:
    """Give the values that a link holds; raises Misfilled for a link that is none of the service's."""
    link = form.link
    if link is None or not text:
        return {}
    if len(text) > LONGEST or CONTROL.search(text) or " " in text or not _leads_to(link, text):
        foreign = msgid("%(label)s is not one of %(name)s: it looks like %(example)s")
        raise _wrong(foreign, label=link.label, name=form.name, example=link.example)
    values = _own(link, text) if link.pattern else _native(form, text)
    if not values:
        short = msgid("%(label)s is not complete: it looks like %(example)s")
        raise _wrong(short, label=link.label, example=link.example)
    return values


def _wrong(sentence: str, **named: str) -> Misfilled:
    return Misfilled({LINK: Mistake(sentence, **named)})


def _leads_to(link: Link, text: str) -> bool:
    try:
        parts = urlsplit(text)
        plain = parts.port in (None, HTTPS) and parts.username is None
    except ValueError:
        return False
    host = parts.hostname or ""
    if link.pattern:
        return re.fullmatch(link.pattern, text) is not None
    named = any(host == own or (own.startswith(".") and host.endswith(own)) for own in link.hosts)
    return parts.scheme == "https" and plain and named


def _own(link: Link, text: str) -> dict[str, str]:
    found = re.fullmatch(link.pattern, text)
    return found.groupdict() if found else {}


def _native(form: Form, text: str) -> dict[str, str]:
    try:
        parts = plugin_class(form.kind).parse_native_url(text) or {}
    except Exception:  # noqa: BLE001 - plugins raise what they like for a link they did not foresee
        parts = {}
    read = {field.name: _value(field, parts) for field in form.fields}
    return {name: value for name, value in read.items() if value}


def _value(field: Field, parts: Mapping[str, Any]) -> str:
    if field.name == "server":
        host, port = parts.get("host"), parts.get("port")
        return f"https://{host}{f':{port}' if port else ''}" if host else ""
    found = parts.get(field.part.becomes)
    if field.of_targets:
        return str(found[0]) if isinstance(found, list) and found and not field.others else ""
    if isinstance(found, bool) or found is None:
        return ""
    return str(found)
