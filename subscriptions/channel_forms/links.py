"""Splitting the link that a service gives people to copy into the parts of a form."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from subscriptions.channel_forms.fields import Field
from subscriptions.channel_forms.filled import CONTROL, Misfilled
from subscriptions.channel_forms.forms import Form
from subscriptions.channel_forms.words import Link
from subscriptions.channel_kinds import plugin_class
from subscriptions.errors import Mistake, msgid

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
    parts = _native(form, text)
    values = {field.name: value for field in form.fields if (value := _value(field, parts, text))}
    if not values:
        short = msgid("%(label)s is not complete: it looks like %(example)s")
        raise _wrong(short, label=link.label, example=link.example)
    return values


def _wrong(sentence: str, **named: str) -> Misfilled:
    return Misfilled({LINK: Mistake(sentence, **named)})


def _leads_to(link: Link, text: str) -> bool:
    try:
        parts = urlsplit(text)
        plain = parts.port is None and parts.username is None
    except ValueError:
        return False
    host = parts.hostname or ""
    if not link.hosts:
        return parts.scheme in ("https", "http") and host != "" and parts.username is None
    named = any(host == own or (own.startswith(".") and host.endswith(own)) for own in link.hosts)
    return parts.scheme == "https" and plain and named


def _native(form: Form, text: str) -> Mapping[str, Any]:
    try:
        return plugin_class(form.kind).parse_native_url(text) or {}
    except Exception:  # noqa: BLE001 - plugins raise what they like for a link they did not foresee
        return {}


def _value(field: Field, parts: Mapping[str, Any], text: str) -> str:
    if field.name == "server":
        return _server(parts, text)
    found = parts.get(field.part.becomes)
    if field.of_targets:
        return str(found[0]) if isinstance(found, list) and found and not field.others else ""
    if isinstance(found, bool) or found is None:
        return ""
    return str(found)


def _server(parts: Mapping[str, Any], text: str) -> str:
    if not parts.get("host"):
        return ""
    given = urlsplit(text)
    port = f":{parts['port']}" if parts.get("port") else ""
    path = str(parts.get("fullpath") or "") if parts.get("token") and given.hostname == parts["host"] else ""
    return f"{given.scheme}://{parts['host']}{port}{path if path != '/' else ''}"
