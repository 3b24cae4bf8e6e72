"""PostgreSQL's tsquery, and what its function for web searches makes of queries."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

from subscriptions.queries import ArticleText, Query, analyse, match, parse_query
from tests.other_languages.verdicts import (
    FOLDER,
    OtherLanguage,
    Row,
    Verdict,
    accepted,
    judged,
    rings,
    rows,
)

SYMBOL = re.compile(r"\s*(<->|<\d+>|[&|!()]|'[^']+'(?::[*A-D]+)?|[\w-]+(?::[*A-D]+)?)")

FIELDS = {"A": "title", "B": "summary", "C": "body"}  # three of four weights are like fields
WEIGHTS = "weights of what stands in no field, or of documents that the collection has without them"
INSIDE = "a NOT or an AND inside of a phrase"
EXACT = "a distance that must be exactly so, not at most"
PADDING = "xx"  # before all words of a collection: its prefixes are too short to be asked for
PREFIX_INSIDE = "a prefix inside of a phrase"
NO_PLACES = "a document stripped of its positions and weights"
STOPPED = "its dictionary drops words such as the or a, and stems others"
UNCLOSED = "a quote that is not closed, or closed twice, is refused"
STRAY = "a stray sign is refused rather than passed over"
ONLY_EXCLUDES = "what only excludes is refused"

Phrases = list[tuple[str, ...]]  # alternatives, each of words side by side


class TsQuery:
    """Writes a tsquery in our language, with `padding` before each word; words are exact."""

    def __init__(self, text: str, padding: str) -> None:
        self._padding = padding
        self._symbols = SYMBOL.findall(text)

    def whole(self) -> str:
        """Write all that is left."""
        return self._binary("|", " OR ", lambda: self._binary("&", " AND ", self._negated))

    def _binary(self, sign: str, ours: str, part: Callable[[], str]) -> str:
        parts = [part()]
        while self._symbols[:1] == [sign]:
            self._symbols.pop(0)
            parts.append(part())
        return parts[0] if len(parts) == 1 else f"({ours.join(parts)})"

    def _negated(self) -> str:
        negations = 0
        while self._symbols[:1] == ["!"]:
            self._symbols.pop(0)
            negations += 1
        if not negations:
            return self._row()
        operand = self._operand()
        if self._is_row():
            raise OtherLanguage(INSIDE)
        return f"{'NOT ' * negations}({operand})"

    def _is_row(self) -> bool:
        return bool(self._symbols) and self._symbols[0].startswith("<")

    def _row(self) -> str:
        """Write operands side by side; an OR inside of a phrase is an OR of phrases."""
        first = self._operand()
        if not self._is_row():
            return first
        phrases = self._phrases(first)
        while self._is_row():
            if self._symbols.pop(0) not in {"<->", "<1>"}:
                raise OtherLanguage(EXACT)
            phrases = [left + right for left, right in product(phrases, self._phrases(self._operand()))]
        return "(" + " OR ".join(f'"{" ".join(words)}"' for words in phrases) + ")"

    def _phrases(self, operand: str) -> Phrases:
        if re.search(r"AND|NOT|\*", operand):
            raise OtherLanguage(PREFIX_INSIDE if "*" in operand else INSIDE)
        return [tuple(re.findall(r"\w+", each)) for each in operand.split(" OR ")]

    def _operand(self) -> str:
        symbol = self._symbols.pop(0)
        if symbol == "(":
            inner = self.whole()
            self._symbols.pop(0)
            return f"({inner})"
        if symbol == "!":
            raise OtherLanguage(INSIDE)
        word, _, flags = (self._padding + symbol.replace("'", "")).partition(":")
        fields = [FIELDS[weight] for weight in flags if weight in FIELDS]
        if "D" in flags:
            raise OtherLanguage(WEIGHTS)
        if fields:
            word = f"{word}*" if "*" in flags else f'"{word}"'
            return f"({' OR '.join(f'{field}:{word}' for field in fields)})"
        return f"{word}*" if flags else f'"{word}"'


def translated(text: str, padding: str = PADDING) -> Query:
    """Write a tsquery in our language; "everywhere" stands by so that it may only exclude."""
    return parse_query(f"everywhere {TsQuery(text, padding).whole()}")


def matches() -> Iterator[Verdict]:
    """Documents and queries, and whether they match."""

    def judge(row: Row) -> tuple[object, object]:
        query = translated(row["query"])
        if re.search(r":\*?[A-D]", row["query"]):
            if row["stripped"]:
                raise OtherLanguage(NO_PLACES)
            return row["match"], match(query, analyse(_in_fields(row["document"]))) is not None
        return row["match"], rings(query, _text(row))

    return judged(rows("postgres-tsquery-match.jsonl"), judge, lambda _row: "")


def _text(row: Row) -> str:
    has_positions = not row["stripped"] and (row["document_config"] or ":" in row["document"])
    if "<" in row["query"] and not has_positions:
        raise OtherLanguage(NO_PLACES)
    return padded(row["document"]) if row["document_config"] == "simple" else positioned(row["document"])


def _in_fields(document: str) -> ArticleText:
    """Put a tsvector's words into the fields that its weights stand for, and "everywhere" into each."""
    texts = dict.fromkeys(FIELDS.values(), "everywhere")
    for word, positions in re.findall(r"(\w+)(?::([\d,A-Da-d]+))?", document):
        weights = re.findall("[ABC]", positions.upper()) or ["C"]
        for weight in weights:
            texts[FIELDS[weight]] += f" {PADDING}{word}"
    return ArticleText(texts["title"], texts["summary"], texts["body"])


def padded(words: str) -> str:
    """Put the padding before all words."""
    return " ".join(PADDING + word for word in words.split())


def positioned(document: str) -> str:
    """Put a tsvector's words at their positions, or one behind the other."""
    words: dict[int, str] = {}
    for at, (word, positions) in enumerate(re.findall(r"(\w+)(?::([\d,A-D]+))?", document)):
        places = re.findall(r"\d+", positions) or [at]
        words |= {int(place): word for place in places}
    return padded(" ".join(words.get(at, "filler") for at in range(max(words, default=0) + 1)))


def counts() -> Iterator[Verdict]:
    """Queries, and how many of five hundred documents match."""
    lines = (FOLDER / "postgres-tsearch.data").read_text().splitlines()
    texts = [positioned(line.removeprefix("\\n\t")) for line in lines]

    def judge(row: Row) -> tuple[object, object]:
        if re.search(":[A-D]", row["query"]):
            raise OtherLanguage(WEIGHTS)
        query = translated(row["query"])
        return row["expected_matches"], sum(map(partial(rings, query), texts))

    return judged(rows("postgres-tsquery-counts.jsonl"), judge, lambda _row: "")


WEB_DIFFERENCES = {
    "fat:A!cat:B|rat:C<": "! in a word is punctuation there",
    "fat:A : cat:B": "word:word is side by side there, a word of two parts here",
    "abc:def": "word:word is side by side there, a word of two parts here",
    "fat-rat": "a compound is one lexeme more there",
    "abc or-abc": "a compound is one lexeme more there",
    "abc | def": "| joins here",
    'cat "OR" rat': "OR in quotes is in capitals here",
    '"fat cat OR rat"': "OR in quotes is in capitals here",
    "OR rat": STRAY,
    "fat or)rat": STRAY,
    "fat or&rat": "or is an operator between spaces only here",
    "fat or!rat": "or is an operator between spaces only here",
    "fat or>rat": "or is an operator between spaces only here",
    "My brand new smartphone": STOPPED,
    'My brand "new -smartphone"': STOPPED,
    'cat -"fat rat" cheese': STOPPED,
    '"A fat cat" has just (+eaten OR -rat)': STOPPED,
    '"a fat cat" ate a rat': STOPPED,
    '"pg_class pg': UNCLOSED,
    '""pg pg_class pg""': UNCLOSED,
    'abc """"" def': UNCLOSED,
    'an old <-> cat " is fine &&& too': UNCLOSED,
    "this is ----fine": STRAY,
    '(()) )))) this ||| is && -fine, "dear friend" OR good': STRAY,
}


def parsed() -> Iterator[Verdict]:
    """Queries, and what is understood by them."""
    return judged(rows("postgres-query-parse.jsonl"), _understood, _listed_parse)


def _listed_parse(row: Row) -> str:
    if row["function"] == "websearch_to_tsquery":
        return WEB_DIFFERENCES.get(row["query"], "")
    return "" if row["config"] == "simple" else STOPPED


def _understood(row: Row) -> tuple[object, object]:
    is_web = row["function"] == "websearch_to_tsquery"
    ours = accepted(f"everywhere ({row['query']})") if is_web else translated(row["query"].lower(), "")
    return _plain(translated(row["parsed"], "")), ours and _plain(ours)


def _plain(query: Query) -> str:
    """Leave out what only our language says: exact single words, words spared from being operators."""
    plain = re.sub(r'"(\w+)"', r"\1", query.canonical).replace("\\", "")
    return parse_query(plain).canonical.replace("\\", "")
