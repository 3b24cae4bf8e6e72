"""The fields of a form, made from Apprise's description of a part and the words there are for it."""

import re
from dataclasses import dataclass

from subscriptions.channel_forms.described import Part, Service
from subscriptions.channel_forms.plain_words import PLACE, PLAIN, SERVER
from subscriptions.channel_forms.words import Said, Words

SERVERS = frozenset({"Hostname", "API Hostname"})  # Apprise's words for the host of a server
PATHS = ("path", "fullpath")
SPEAKS_HTTP_NOT = frozenset({"irc", "mqtt"})
YES_NO = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form."""

    name: str
    said: Said
    part: Part
    kind: str = "text"  # or number, choice, email, phone, server, lines: how it is asked for and checked
    needed: bool = False
    secret: bool = False
    of_targets: bool = False  # of those of a form with this, at most one is filled: whom to tell
    mail: bool = False  # it may be a mail address, whose @ is its own
    slashes: bool = False  # a slash in it means something
    more: bool = False  # one that may be left alone
    others: tuple[str, ...] = ()  # prefixes by which its value would be taken for another sort of target

    @property
    def label(self) -> str:
        """What it is called."""
        return self.said.label

    def accepts(self, value: str) -> bool:
        """Tell whether a value is a possible one: by our own check where there is one, else by Apprise's."""
        ours = self.said.pattern
        return re.search(ours, value) is not None if ours else self.part.accepts(value)

    @property
    def choices(self) -> tuple[str, ...]:
        """What can be chosen, where something is to be chosen."""
        return YES_NO if self.part.kind == "switch" else self.part.choices


def field_of(service: Service, words: Words | None, part: Part, *, needed: bool, more: bool = False) -> Field:
    """Make the field of one part."""
    return Field(
        name=part.name,
        said=_said(words, part),
        part=part,
        kind=_kind(part),
        needed=needed,
        secret=part.secret,
        of_targets=part.becomes == "targets",
        mail="mail" in part.title.lower() or part.kind == "email",
        slashes=part.name in PATHS or (words is not None and part.name in words.slashes),
        more=more,
        others=_others(service, part),
    )


def server_field(service: Service, words: Words | None, kind: str) -> Field:
    """Make the field that takes a server's address, as people copy it."""
    base = PLACE if kind in SPEAKS_HTTP_NOT else SERVER
    name = re.sub(r"[^a-z0-9]", "", (words.name if words else service.name).lower()) or "news"
    said = (words.said.get("server") if words else None) or Said(
        base.label, base.hint, base.example.format(name=name)
    )
    return Field("server", said, Part("server", "Server"), kind="server", needed=True)


def is_of_server(part: Part) -> bool:
    """Say whether a server's address tells a part, where there is one."""
    return part.name in ("host", "port") or (part.name in PATHS and part.title == "Path")


def _said(words: Words | None, part: Part) -> Said:
    known = words.said.get(part.name) if words else None
    return known or PLAIN.get(part.title) or Said(_sentence(part.title))


def _sentence(title: str) -> str:
    """Write "Access Key ID" as "Access key ID"."""
    first, *rest = title.removeprefix("Target ").split()
    return " ".join([first, *(word if word.isupper() else word[:1].lower() + word[1:] for word in rest)])


def _kind(part: Part) -> str:
    if part.kind == "switch" or part.choices:
        return "choice"
    if part.kind in ("number", "email", "lines"):
        return part.kind
    return "phone" if "phone" in part.title.lower() and part.secret is False else "text"


def _others(service: Service, part: Part) -> tuple[str, ...]:
    """Give the prefixes of the other sorts of targets."""
    sorts = next((each.sorts for each in service.parts.values() if part.name in each.sorts), ())
    prefixes = {service.parts[name].prefix for name in sorts if name != part.name and name in service.parts}
    return tuple(sorted(prefixes - {"", part.prefix}))
