"""Forms: for each kind of channel one for each way to reach it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from subscriptions.channel_forms.corrected import CORRECTED
from subscriptions.channel_forms.described import Part, Service, service_of, services
from subscriptions.channel_forms.fields import SERVERS, Field, field_of, is_of_server, server_field
from subscriptions.channel_forms.known import KNOWN
from subscriptions.channel_forms.plain_words import ASKED
from subscriptions.channel_forms.ways import Way, ways_of
from subscriptions.channel_forms.words import Link, Words

HEADERS = Part("headers", "Headers", kind="lines", secret=True)


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked for to reach somebody in one way."""

    kind: str
    service: Service
    way: Way
    name: str  # of the service, for people
    about: str
    key: str  # tells its way from the service's other ways
    title: str  # of its way, "" where there is only one
    fields: tuple[Field, ...]
    fixed: tuple[tuple[str, str], ...] = ()  # arguments that are given
    link: Link | None = None  # what may be pasted in place of the parts it holds

    def field(self, name: str) -> Field | None:
        """Find a field by its name."""
        return next((each for each in self.fields if each.name == name), None)


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of channel to choose."""

    kind: str
    name: str
    about: str
    known: bool  # one that many people use


@cache
def choices() -> tuple[Choice, ...]:
    """List all kinds of channels there are forms for: what many people use first, the others by name."""
    order = list(KNOWN)
    every = [_choice(each) for each in services()]
    known = sorted((each for each in every if each.known), key=lambda each: order.index(each.kind))
    return (*known, *(each for each in every if not each.known))


def kind_of(service: Service) -> str:
    """Give the kind of channel a service goes by."""
    return next((kind for kind in service.kinds if kind in KNOWN), service.kinds[0])


def name_of(kind: str) -> str:
    """Name the service that a kind of channel leads to, as people do; the kind itself where none is known."""
    service = service_of(kind)
    words = _words(service) if service else None
    return words.name if words else service.name if service else kind


@cache
def forms_of(kind: str) -> tuple[Form, ...]:
    """Make the forms of a kind of channel, the usual way first; none for a kind that is not allowed."""
    service = service_of(kind)
    if service is None:
        return ()
    words = _words(service)
    ways = ways_of((words.templates if words else ()) or service.templates)
    if words and words.ways:
        chosen = [(mark, _marked(ways, mark)) for mark in words.ways]
        return tuple(
            _form(kind, service, words, way, key=mark, title=words.ways[mark]) for mark, way in chosen if way
        )
    several = len(ways) > 1
    return tuple(
        _form(kind, service, words, way, key="-".join(sorted(way.needed)) if several else "") for way in ways
    )


def _choice(service: Service) -> Choice:
    words = _words(service)
    name, about = (words.name, words.about) if words else (service.name, "")
    return Choice(kind_of(service), name, about, kind_of(service) in KNOWN)


def _words(service: Service) -> Words | None:
    every = KNOWN | CORRECTED
    return next((every[kind] for kind in service.kinds if kind in every), None)


def _marked(ways: tuple[Way, ...], mark: str) -> Way | None:
    """Find the way that needs a part; where several do, the one that needs least besides."""
    return min((way for way in ways if mark in way.needed), key=lambda way: len(way.needed), default=None)


def _form(kind: str, service: Service, words: Words | None, way: Way, *, key: str, title: str = "") -> Form:
    fields = tuple(_fields(kind, service, words, way, key))
    return Form(
        kind=kind,
        service=service,
        way=way,
        name=words.name if words else service.name,
        about=words.about if words else "",
        key=key,
        title=title or (_title(fields) if key else ""),
        fields=fields,
        fixed=tuple(words.fixed.get(key, {}).items()) if words else (),
        link=words.links if words and _takes_link(words, key) else None,
    )


def _takes_link(words: Words, key: str) -> bool:
    return not words.ways or key == next(iter(words.ways))


def _title(fields: tuple[Field, ...]) -> str:
    named = [each.label for each in fields if each.needed]
    return f"With {', '.join(named)}"


def _fields(kind: str, service: Service, words: Words | None, way: Way, key: str) -> Iterator[Field]:
    parts = {**service.parts, "fullpath": service.parts.get("fullpath", Part("fullpath", "Path"))}
    by_server = "host" in way.names and parts["host"].title in SERVERS
    if by_server:
        yield server_field(service, words, kind)
    for name in way.names:
        if name == "targets" or (by_server and is_of_server(parts[name])):
            continue
        if not _is_left_out(words, name, key):
            yield field_of(service, words, parts[name], needed=_is_needed(words, way, name, key))
    if "targets" in way.names:
        yield from _targets(service, words, way, key)
    yield from _arguments(service, words)


def _targets(service: Service, words: Words | None, way: Way, key: str) -> Iterator[Field]:
    whole = service.parts["targets"]
    needed = _is_needed(words, way, "targets", key)
    sorts = [name for name in service.parts if name in whole.sorts and name not in way.names]
    if not sorts:
        yield field_of(service, words, whole, needed=needed)
    for name in sorts:
        if not _is_left_out(words, name, key):
            yield field_of(service, words, service.parts[name], needed=needed)


def _is_needed(words: Words | None, way: Way, name: str, key: str) -> bool:
    if name in way.needed:
        return True
    return words is not None and (name in words.needs or f"{name}:{key}" in words.needs)


def _is_left_out(words: Words | None, name: str, key: str) -> bool:
    return words is not None and (name in words.leaves_out or f"{name}:{key}" in words.leaves_out)


def _arguments(service: Service, words: Words | None) -> Iterator[Field]:
    usual = tuple(name for name in service.arguments if name in ASKED)
    asked = words.asks if words and (words.asks or words.about) else usual
    for name in asked:
        part = HEADERS if name == HEADERS.name else service.arguments[name]
        yield field_of(service, words, part, needed=False, more=True)
    if not (words and words.about):
        needed = [part for part in service.arguments.values() if part.needed and part.name not in asked]
        for part in needed:
            yield field_of(service, words, part, needed=not part.default)
