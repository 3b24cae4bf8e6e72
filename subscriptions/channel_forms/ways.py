"""The ways to reach a service: with a token or a password, in its cloud or on a server of one's own. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NAME = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Way:
    """Templates that differ only in what may be left out."""

    needed: frozenset[str]
    templates: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All parts there can be, in the order they first come in."""
        return tuple(dict.fromkeys(name for each in self.templates for name in names_in(each)))


def names_in(template: str) -> tuple[str, ...]:
    """Give the parts of a template, but for the kind of channel."""
    return tuple(name for name in NAME.findall(template) if name != "schema")


def ways_of(templates: Sequence[str]) -> tuple[Way, ...]:
    """Sort templates into ways, those with a server of one's own apart, by the fewest parts they need."""
    sets = {template: frozenset(names_in(template)) for template in templates}
    least = dict.fromkeys(names for names in sets.values() if not _has_less(names, sets.values()))
    return tuple(
        Way(
            needed,
            tuple(
                template
                for template, names in sets.items()
                if needed <= names and _same_place(needed, names) and not _is_of_another(names, needed, least)
            ),
        )
        for needed in least
    )


def _has_less(names: frozenset[str], others: Iterable[frozenset[str]]) -> bool:
    return any(other < names and _same_place(other, names) for other in others)


def _same_place(one: frozenset[str], other: frozenset[str]) -> bool:
    return ("host" in one) == ("host" in other)


def _is_of_another(names: frozenset[str], needed: frozenset[str], least: Iterable[frozenset[str]]) -> bool:
    """Say whether another way that needs more is nearer to these parts."""
    return any(needed < other <= names for other in least)


def best_template(way: Way, filled: frozenset[str]) -> str:
    """Choose the template for the parts that are filled, else the one that needs least besides."""

    def distance(template: str) -> tuple[int, int]:
        names = frozenset(names_in(template))
        return len(filled - names), len(names - filled)

    return min(way.templates, key=distance)
