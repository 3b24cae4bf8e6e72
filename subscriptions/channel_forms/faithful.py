"""Whether Apprise reads an address as it was meant: each value whole, in its own place, and nothing else.

Services read their addresses each in its own way. So the address is read a second time with every unusual
sign of the values replaced by a letter: what comes out must be alike but for those letters.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from subscriptions.channel_forms.compose import compose
from subscriptions.channel_forms.fields import Field
from subscriptions.channel_forms.forms import Form

UNUSUAL = re.compile(r"[^A-Za-z0-9_.@+:=#!*^-]")
UNUSUAL_BUT_SLASH = re.compile(r"[^A-Za-z0-9_.@+:=#!*^/-]")
NOT_SHOWN = ("phone", "server", "lines")  # these are tidied, or taken apart
RAW = re.compile(r"^\.(url|fullpath|path|query|user|password)$")  # quoted still; read as such by Apprise
PLAIN = ("server", "headers")  # read and written by ourselves, not by the services

Reader = Callable[[str], Mapping[str, Any] | None]


def misread(form: Form, values: Mapping[str, str], read: Reader) -> str:
    """Name the first field whose value Apprise would read as something else; "" where all is well."""
    fields = [each for each in form.fields if each.name in values and each.name not in PLAIN]
    masked = {each.name: _signs(each).sub("x", values[each.name]) for each in fields}
    unusual = [name for name, text in masked.items() if text != values[name]]
    plain = {**values, **masked}
    expected = _shape(read(compose(form, plain)))
    if not unusual or _shape(read(compose(form, values))) == expected:
        return ""
    for name in unusual:
        if _shape(read(compose(form, {**plain, name: values[name]}))) != expected:
            return name
    return unusual[0]


def lost(form: Form, values: Mapping[str, str], parts: Mapping[str, Any]) -> str:
    """Name the first field whose value is nowhere, whole, in what Apprise read; "" where all are."""
    texts = {unquote(text) if at in (".user", ".password") else text for at, text in leaves(parts)}
    for field in form.fields:
        value = values.get(field.name, "")
        if value and field.kind not in NOT_SHOWN and not field.slashes and not _is_in(value, texts):
            return field.name
    return ""


def _is_in(value: str, texts: set[str]) -> bool:
    local, at, domain = value.partition("@")
    return any(value in (text, text[1:]) for text in texts) or bool(at and {local, domain} <= texts)


def _signs(field: Field) -> re.Pattern[str]:
    return UNUSUAL_BUT_SLASH if field.slashes else UNUSUAL


def _masked(value: str) -> str:
    return UNUSUAL.sub("x", value)


def _shape(parts: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Give where each text stands, with unusual signs as letters."""
    found = leaves(parts)
    return sorted((at, _masked(unquote(text) if RAW.match(at) else text)) for at, text in found)


def leaves(tree: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """List the texts in what Apprise read, each with where it stands."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from leaves(value, f"{at}.{key}")
    elif isinstance(tree, list | tuple | set):
        yield f"{at}#", str(len(tree))
        for number, value in enumerate(sorted(map(str, tree)) if isinstance(tree, set) else tree):
            yield from leaves(value, f"{at}.{number}")
    else:
        yield at, str(tree)
