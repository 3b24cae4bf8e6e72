"""All the English sentences and words that forms are written with, for the catalogues of translations."""

from collections.abc import Iterable, Iterator

from subscriptions.channel_forms.corrected import CORRECTED
from subscriptions.channel_forms.known import KNOWN
from subscriptions.channel_forms.plain_words import PLACE, PLAIN, SERVER
from subscriptions.channel_forms.words import Said, Words


def texts() -> list[str]:
    """Give each once; names of services and examples are the same in all languages."""
    said = [SERVER, PLACE, *PLAIN.values()]
    words = [*KNOWN.values(), *CORRECTED.values()]
    every = [*_of_said(said), *(text for each in words for text in _of_words(each))]
    return list(dict.fromkeys(filter(None, every)))


def _of_said(said: Iterable[Said]) -> Iterator[str]:
    for each in said:
        yield from (each.label, each.hint)


def _of_words(words: Words) -> Iterator[str]:
    yield words.about
    yield from words.ways.values()
    yield from _of_said(words.said.values())
    if words.links:
        yield words.links.label
