"""Putting values into the places of a template, each quoted so that it ends where its place does."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from subscriptions.channel_forms.fields import PATHS, Field
from subscriptions.channel_forms.ways import NAME

MAIL = re.compile(r"[^@:/\s]+@[A-Za-z0-9.-]+")


def placed(template: str, kind: str, parts: Mapping[str, str], fields: Sequence[Field]) -> str:
    """Write an address of a kind of channel."""
    known = {each.name: each for each in fields}

    def write(found: re.Match[str]) -> str:
        name = found[1]
        if name == "schema":
            return kind
        before, after = template[: found.start()], template[found.end() :]
        return _written(parts[name], name, known.get(name), before, after)

    return NAME.sub(write, template)


def _written(value: str, name: str, field: Field | None, before: str, after: str) -> str:
    if name in ("host", "port"):
        return value
    if name in PATHS:
        path = "/".join(quote(each, safe="") for each in value.split("/") if each)
        return (
            f"{'' if before.endswith('/') else '/'}{path}{'' if after.startswith('/') or not after else '/'}"
        )
    in_path = "/" in before.partition("://")[2]
    if field is not None and field.mail and not in_path and "@" not in before + after.partition("/")[0]:
        return _mail_address(value)
    return quote(value, safe="/" if field is not None and field.slashes and in_path else "")


def _mail_address(value: str) -> str:
    """Write a mail address that is user and host of the address at once."""
    if not MAIL.fullmatch(value):
        return quote(value, safe="")
    local, _at, domain = value.rpartition("@")
    return f"{quote(local, safe='')}@{domain}"
