"""The plain words of forms, and what is asked for. Pure; the English texts are what translations go by."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Said:
    """What a form says of one field."""

    label: str
    hint: str = ""
    example: str = ""
    pattern: str = ""  # a check in place of the one that Apprise describes


@dataclass(frozen=True, slots=True)
class Link:
    """A link that the service gives people to copy."""

    label: str
    example: str
    parts: tuple[str, ...]  # the fields that it fills
    hosts: tuple[str, ...] = ()  # the service's own, where Apprise splits the link
    pattern: str = ""  # of a link to a server of one's own: its groups are fields of the form


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a service beyond what is made from Apprise's description of it."""

    name: str
    about: str = ""  # where to find what the form asks for; "" of services few people use
    said: Mapping[str, Said] = field(default_factory=dict)  # by the part's name
    ways: Mapping[str, str] = field(default_factory=dict)  # a part only this way has, and the way's title
    asks: tuple[str, ...] = ()  # arguments, under "More settings"
    needs: tuple[str, ...] = ()  # parts that Apprise does without, and we do not; "part:way" for one way only
    leaves_out: tuple[str, ...] = ()  # parts nobody has to fill here; written likewise
    slashes: tuple[str, ...] = ()  # parts in which a slash may be
    fixed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by way: arguments that are given
    templates: tuple[str, ...] = ()  # in place of Apprise's, where they lack what its plugin understands
    links: Link | None = None
