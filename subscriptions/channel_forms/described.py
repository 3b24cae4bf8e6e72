"""What Apprise says of each service: how its addresses are built, of which parts, and the checks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from apprise import Apprise

from subscriptions.channel_kinds import FORBIDDEN_ARGUMENTS, allowed_kinds

FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an address, or an argument behind it."""

    name: str
    title: str  # Apprise's own words
    kind: str = "text"  # or number, choice, switch, email, list
    needed: bool = False
    secret: bool = False
    pattern: re.Pattern[str] | None = None
    prefix: str = ""  # what marks a target of this sort among the others
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    default: str = ""
    becomes: str = ""  # the plugin's own name of it
    sorts: tuple[str, ...] = ()  # of targets: the parts that describe each sort

    def accepts(self, value: str) -> bool:
        """Tell whether a value is one that the description allows."""
        if self.kind == "number":
            return _is_between(value, self.low, self.high)
        if self.choices:
            return value in self.choices
        return self.pattern is None or self.pattern.search(value) is not None


@dataclass(frozen=True, slots=True)
class Service:
    """A service of Apprise's, with all the kinds of channels that lead to it."""

    name: str
    plain: tuple[str, ...]  # kinds that speak to it unencrypted
    secure: tuple[str, ...]
    templates: tuple[str, ...]
    parts: Mapping[str, Part]
    arguments: Mapping[str, Part]
    page: str  # where Apprise describes it

    @property
    def kinds(self) -> tuple[str, ...]:
        """All kinds of channels that lead to it, the one it goes by first."""
        return self.plain + self.secure


@cache
def services() -> tuple[Service, ...]:
    """Read what Apprise says of the services a channel may lead to, by name."""
    every = (_service(each) for each in Apprise().details(lang="en")["schemas"])
    return tuple(sorted((each for each in every if each.kinds), key=lambda each: each.name.casefold()))


@cache
def service_of(kind: str) -> Service | None:
    """Find the service that channels of a kind lead to."""
    return next((each for each in services() if kind in each.kinds), None)


def _service(described: Mapping[str, Any]) -> Service:
    details = described["details"]
    plain, secure = (
        tuple(kind for kind in described[name] or () if kind in allowed_kinds())
        for name in ("protocols", "secure_protocols")
    )
    return Service(
        name=str(described["service_name"]),
        plain=plain,
        secure=secure,
        templates=tuple(each for each in details["templates"] if not _arguments(each) & FORBIDDEN_ARGUMENTS),
        parts={name: _part(name, each) for name, each in details["tokens"].items() if name != "schema"},
        arguments={
            name: _part(name, each) for name, each in details["args"].items() if _is_own(details, name)
        },
        page=str(described["setup_url"] or ""),
    )


def _is_own(details: Mapping[str, Any], name: str) -> bool:
    """Say whether an argument is allowed, and not another way to write a part of the address."""
    given = details["args"][name]
    parts = {part.get("map_to") for part in details["tokens"].values()}
    return "alias_of" not in given and name not in FORBIDDEN_ARGUMENTS and given.get("map_to") not in parts


def _arguments(template: str) -> set[str]:
    return set(re.findall(r"[?&](\w+)=", template))


def _part(name: str, given: Mapping[str, Any]) -> Part:
    kind, _, of = str(given["type"]).rpartition(":")
    kinds = {"bool": "switch", "int": "number", "float": "number", "string": "text"}
    found = Part(
        name=name,
        title=str(given["name"]).strip(),
        kind=kind or kinds.get(of, of),
        needed=bool(given.get("required")),
        secret=bool(given.get("private")),
        pattern=_pattern(given.get("regex")),
        prefix=str(given.get("prefix") or ""),
        low=given.get("min"),
        high=given.get("max"),
        default=_plain(given.get("default")),
        becomes=str(given.get("map_to") or name),
        sorts=tuple(sorted(given.get("group") or ())),
    )
    if kind == "choice":
        values = given["values"]
        ordered = values if isinstance(values, list | tuple) else sorted(values)
        return replace(found, choices=tuple(_plain(value) for value in ordered))
    return found


def _pattern(given: tuple[str, str | None] | None) -> re.Pattern[str] | None:
    if not given:
        return None
    written, flags = given
    return re.compile(written, sum(FLAGS.get(flag, 0) for flag in flags or ""))


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _is_between(value: str, low: float | None, high: float | None) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", value, re.ASCII):
        return False
    return (low is None or number >= low) and (high is None or number <= high)
