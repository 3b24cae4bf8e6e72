"""Symbols as leaves of a query's tree."""

import re

from subscriptions.errors import Saying, msgid
from subscriptions.queries.article import METADATA
from subscriptions.queries.errors import QueryError
from subscriptions.queries.folding import fold
from subscriptions.queries.foreign import SHORTEST
from subscriptions.queries.language import language_code, language_named
from subscriptions.queries.limits import QueryLimits
from subscriptions.queries.media_topics import MediaTopics, asked_code, tagged_code
from subscriptions.queries.nodes import MediaTopic, Near, Or, Phrase, Prefix, Span, Suffix, Urgency, Word
from subscriptions.queries.runs import is_simple, words_in
from subscriptions.queries.scripts import HANGUL, is_unspaced
from subscriptions.queries.spelling import meant_of
from subscriptions.queries.stemming import NAMES, stem_language
from subscriptions.queries.symbols import Symbol, unescaped
from subscriptions.queries.wordforms import has_stem, is_capitals

_STARS = "*＊"
_METADATA = frozenset(METADATA)
_READ_APART = frozenset({"mediatopic", "language"})
_NAMES = _METADATA - {"tag"}  # fields whose words are never inflected
_SHORTEST_UNSPACED = 2
_HANGUL = re.compile(f"[{HANGUL}]")
_LANGUAGE = re.compile("[a-z]{2,3}(-[a-z0-9]{2,8})*")
_LEVEL = re.compile(r"(?:(?P<first>[1-8])\.\.(?P<last>[1-8])|(?P<sign>[<>]=?)?(?P<level>[1-8]))")
_RANGE = re.compile("([1-8])[-–]([1-8])")
_LOWEST = 8


class Leaves:
    """Makes the leaves of one query, counts their words, and knows the language it stems in."""

    def __init__(self, text: str, limits: QueryLimits, media_topics: MediaTopics) -> None:
        self._text = text
        self._limits = limits
        self._media_topics = media_topics
        self._left = limits.terms
        self.stem = ""

    def read_stem(self, symbol: Symbol) -> None:
        """Take the language that `symbol` names for the one to stem in."""
        code = stem_language(symbol.text)
        if code is None:
            names = ", ".join(NAMES)
            raise self._wrong(
                symbol,
                Saying(msgid("one of %(names)s"), names=names),
                meant_of(symbol.text.casefold(), NAMES),
            )
        self.stem = code

    def word(self, symbol: Symbol, field: str) -> Word | Prefix | Suffix | MediaTopic | Or:
        """Return the leaf that `symbol` is, in `field` (or empty)."""
        self._count(symbol, 1)
        written, span = symbol.text, (symbol.start, symbol.end)
        if not self.stem and field not in _READ_APART and is_simple(written) and written.islower():
            return Word((written,), span=span)
        if field == "mediatopic" or (not field and tagged_code(written)):
            return self._media_topic(symbol)
        if written[0] in _STARS:
            return Suffix(self._beside_star(symbol, written[1:]), span)
        if written[-1] in _STARS and not written.endswith("\\*"):
            return Prefix(self._beside_star(symbol, written[:-1]), span)
        if field == "language":
            return Word(self._language(symbol), span=span)
        return self._word(_parts_in(written), field, span)

    def quoted(self, symbol: Symbol, field: str) -> Phrase | Near | MediaTopic | Or:
        """Return the phrase, near words or name that `symbol` is, in `field` (or empty)."""
        if field == "mediatopic":
            self._count(symbol, 1)
            return self._media_topic(symbol)
        written = words_in(unescaped(symbol.text))
        self._count(symbol, len(written))
        span = (symbol.start, symbol.end)
        if symbol.distance is None:
            return Phrase(tuple([Word(_folded(parts, field)) for parts in written]), span)
        words = tuple([self._word(parts, field) for parts in written])
        self._check_near(symbol, len(words), symbol.distance)
        if not symbol.ordered:
            words = tuple(sorted(words, key=lambda word: word.parts))
        return Near(words, symbol.distance, symbol.ordered, span)

    def _check_near(self, symbol: Symbol, words: int, distance: int) -> None:
        if words > self._limits.near:
            raise self._wrong(
                symbol, Saying(msgid('%(most)s words before "~" at most'), most=self._limits.near)
            )
        if distance > self._limits.distance:
            at = self._text.rindex("~", symbol.start, symbol.end)
            expected = Saying(msgid("a number up to %(most)s"), most=self._limits.distance)
            raise QueryError(self._text, at, symbol.end - at, 'after "~"', expected=expected)

    def _word(self, written: tuple[str, ...], field: str, span: Span = (0, 0)) -> Word:
        parts = _folded(written, field)
        is_stemmed = self.stem and field not in _NAMES and any(map(has_stem, parts))
        return Word(parts, self.stem if is_stemmed else "", span)

    def _media_topic(self, symbol: Symbol) -> MediaTopic | Or:
        """Return the media topic that `symbol` names by its code or a name; several may have one name."""
        name = unescaped(symbol.text).strip()
        code = asked_code(name)
        codes = [code] if code else sorted(self._media_topics.named(name))
        if not codes or symbol.distance is not None:
            meant = self._media_topics.meant(name)
            expected = msgid("the name of a known IPTC Media Topic, or a code, as in mediatopic:04000000")
            raise self._wrong(symbol, expected, f'"{meant}"' if meant else "")
        span = (symbol.start, symbol.end)
        found = tuple(
            MediaTopic(each, frozenset({each, *self._media_topics.narrower(each)}), span) for each in codes
        )
        return found[0] if len(found) == 1 else Or(found, span)

    def urgency(self, symbol: Symbol, start: int) -> Urgency:
        """Return the levels that `symbol` names; `start` is where the field's name begins."""
        found = _LEVEL.fullmatch(symbol.text)
        if not found:
            expected = msgid("a level from 1 (highest) to 8, as in urgency:3, urgency:<=3 or urgency:1..3")
            meant = _RANGE.fullmatch(symbol.text)
            raise self._wrong(symbol, expected, f"{meant[1]}..{meant[2]}" if meant else "")
        first, last = _levels(found)
        if not 1 <= first <= last <= _LOWEST:
            expected = msgid("levels that exist: 1 is the highest, 8 the lowest, the first before the last")
            raise self._wrong(symbol, expected)
        self._count(symbol, 1)
        return Urgency(first, last, (start, symbol.end))

    def _beside_star(self, symbol: Symbol, escaped: str) -> tuple[str, ...]:
        parts = tuple(filter(None, map(fold, _parts_in(escaped))))
        letters = "".join(parts)
        is_dense = is_unspaced(letters) or _HANGUL.search(letters)
        if len(letters) < (_SHORTEST_UNSPACED if is_dense else SHORTEST):
            expected = msgid('three letters or more beside "*" (two in Chinese, Japanese, Korean)')
            raise self._wrong(symbol, expected)
        return parts

    def _language(self, symbol: Symbol) -> tuple[str, ...]:
        code = language_code(unescaped(symbol.text))
        if not _LANGUAGE.fullmatch(code):
            expected = msgid('a language code such as "en" or "pt-br"')
            raise self._wrong(symbol, expected, language_named(symbol.text))
        return tuple(code.split("-"))

    def _wrong(self, symbol: Symbol, expected: str, suggestion: str = "") -> QueryError:
        length = symbol.end - symbol.start
        return QueryError(
            self._text, symbol.start, length, f'at "{symbol.text}"', expected=expected, suggestion=suggestion
        )

    def _count(self, symbol: Symbol, words: int) -> None:
        self._left -= words
        if self._left < 0:
            raise self._wrong(symbol, Saying(msgid("%(most)s words in all at most"), most=self._limits.terms))


def _parts_in(escaped: str) -> tuple[str, ...]:
    if is_simple(escaped):
        return (escaped,)
    return tuple(part for written in words_in(unescaped(escaped)) for part in written)


def _folded(written: tuple[str, ...], field: str) -> tuple[str, ...]:
    """Folded parts; capitals stay where they mean something: in a word of its own, in a text."""
    if len(written) == 1:
        folded = fold(written[0])
        if field not in _METADATA and is_capitals(written[0]):
            return (folded.upper(),)
        return (folded,) if folded else ()
    return tuple(filter(None, map(fold, written)))


def _levels(found: re.Match[str]) -> tuple[int, int]:
    if found["first"]:
        return int(found["first"]), int(found["last"])
    level = int(found["level"])
    ranges = {"<": (1, level - 1), "<=": (1, level), ">": (level + 1, _LOWEST), ">=": (level, _LOWEST)}
    return ranges.get(found["sign"], (level, level))
