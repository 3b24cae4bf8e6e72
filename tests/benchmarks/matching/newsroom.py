"""Made-up articles of news-like shape: a title, a summary and a body, all about one theme."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random
from typing import TypeVar

from tests.benchmarks.matching.vocabulary import zipf

T = TypeVar("T")

_THEMES = 1_000
_THEME_WORDS = 150
_THEME_NAMES = 40
_NAME_LENGTHS = (2, 2, 2, 3, 3, 4)  # words, which stand in a row wherever the name appears
_NAME_SHARE, _THEME_SHARE = 0.05, 0.20  # of the draws; the others come from the language at large
_FREQUENT = 300  # ranks that no theme prefers
_TITLE, _SUMMARY = (6, 12), (12, 34)  # words, uniformly
_SHORTEST_BODY, _MEAN_BODY = 20, 77
_SENTENCES = (22, 14, 27, 17)  # words
_COMMA = 12  # every which word has one
_AHEAD = 100  # draws made in one call: a call costs more than a draw


@dataclass(frozen=True)
class Story:
    """An article's words, field by field."""

    title: list[str]
    summary: list[str]
    body: list[str]


@dataclass(frozen=True)
class _Theme:
    words: Iterator[str]
    names: Iterator[list[str]]


class Newsroom:
    """Writes stories without end; newsrooms of different `seed` write others, about the same themes."""

    def __init__(self, words: Sequence[str], seed: str) -> None:
        self._random = Random(seed)  # noqa: S311 - made-up text, no secret
        self._language = _draws(self._random, words, zipf(len(words)))
        world = _World(words)
        themes = [self._theme(*world.theme()) for _ in range(_THEMES)]
        self._themes = _draws(self._random, themes, zipf(_THEMES, flat=20))

    def story(self) -> Story:
        """Return the next story, of 109 words in the mean."""
        theme = next(self._themes)
        body = _SHORTEST_BODY + self._random.expovariate(1 / (_MEAN_BODY - _SHORTEST_BODY))
        lengths = (self._random.randint(*_TITLE), self._random.randint(*_SUMMARY), round(body))
        return Story(*(list(islice(self._words(theme), length)) for length in lengths))

    def _theme(self, own: list[str], names: list[list[str]]) -> _Theme:
        return _Theme(
            _draws(self._random, own, zipf(len(own))), _draws(self._random, names, zipf(len(names)))
        )

    def _words(self, theme: _Theme) -> Iterator[str]:
        while True:
            chance = self._random.random()
            if chance < _NAME_SHARE:
                yield from next(theme.names)
            elif chance < _NAME_SHARE + _THEME_SHARE:
                yield next(theme.words)
            else:
                yield next(self._language)


class _World:
    """What the themes are: the same for all newsrooms."""

    def __init__(self, words: Sequence[str]) -> None:
        self._random = Random("world")  # noqa: S311 - made-up names, no secret
        self._rare = words[len(words) // 10 :]
        telling = words[_FREQUENT:]
        self._words = _draws(self._random, telling, zipf(len(telling), flat=_FREQUENT))

    def theme(self) -> tuple[list[str], list[list[str]]]:
        """Return the words that another theme prefers, and its names, half of them of rare words."""
        own = list(islice(self._words, _THEME_WORDS))
        pool = own + [word.capitalize() for word in self._random.choices(self._rare, k=_THEME_WORDS)]
        lengths = self._random.choices(_NAME_LENGTHS, k=_THEME_NAMES)
        return own, [self._random.sample(pool, length) for length in lengths]


def prose(words: Sequence[str]) -> str:
    """Return `words` as sentences, with capitals, commas and stops."""
    left, lengths = iter(words), cycle(_SENTENCES)
    sentences = iter(lambda: list(islice(left, next(lengths))), [])
    return " ".join(map(_sentence, sentences))


def _sentence(words: Sequence[str]) -> str:
    commas = [word if at % _COMMA else f"{word}," for at, word in enumerate(words[:-1], 1)]
    text = " ".join([*commas, f"{words[-1]}."])
    return text[0].upper() + text[1:]


def _draws(random: Random, population: Sequence[T], weights: list[float]) -> Iterator[T]:
    while True:
        yield from random.choices(population, cum_weights=weights, k=_AHEAD)
