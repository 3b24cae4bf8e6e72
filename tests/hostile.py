"""Texts, queries and articles made to take long, and the strings that have broken other programs."""

import json
from collections.abc import Callable, Iterator

from tests.corpus import CORPUS

LETTERS = "abcdefghij"
TEXTS: dict[str, Callable[[int], str]] = {  # each of about so many characters
    "one long word": lambda n: "a" * n,
    "one word of many parts": lambda n: "a-" * (n // 2),
    "words of many parts": lambda n: ("a-" * 49 + "a ") * (n // 100),
    "initials": lambda n: "U." * (n // 2),
    "numbers": lambda n: "1," * (n // 2),
    "apostrophes": lambda n: "l'" * (n // 2),
    "quotes": lambda n: "\"'" * (n // 2),
    "opening parentheses": lambda n: "(" * n,
    "minus signs": lambda n: "-" * n,
    "tildes and carets": lambda n: "~^" * (n // 2),
    "stars": lambda n: "*a" * (n // 2),
    "backslashes": lambda n: "\\" * n,
    "ampersands": lambda n: "a&" * (n // 2),
    "colons": lambda n: "title:" * (n // 6),
    "no spaces": lambda n: "以色列" * (n // 3),
    "accents": lambda n: "é" * n,
    "marks on one letter": lambda n: "e" + "\u0301" * n,
    "Hebrew prefixes": lambda n: "ושכבלמה " * (n // 8),
    "one Hebrew word": lambda n: "ו" * n,
    "Arabic prefixes": lambda n: "والبال " * (n // 7),
    "Korean nouns": lambda n: ("가" * 60 + " ") * (n // 61),
    "Thai vowels": lambda n: "น้ำ" * (n // 3),
    "one word again and again": lambda n: "strike " * (n // 7),
    "other words each time": lambda n: " ".join(f"w{number}x" for number in range(n // 7)),
    "letters": lambda n: " ".join(LETTERS[number % 9] for number in range(n // 2)),
    "control characters": lambda n: "\x00\ud800" * (n // 2),
    "NOT": lambda n: "NOT " * (n // 4) + "a",
    "alternatives": lambda n: "a OR b" + " OR a b" * (n // 7),
}
QUERIES: dict[str, Callable[[int], str]] = {  # each of about so many words
    "a phrase that is nearly there": lambda n: '"' + "a b " * (n // 2) + 'b"',
    "a phrase that is there": lambda n: '"' + "a b " * (n // 2) + '"',
    "phrases": lambda n: " OR ".join('"a b a b b%s"' % ("a b " * (at % 20)) for at in range(n // 20)),
    "near words": lambda n: " OR ".join(
        f'"a b a b zz"~{at % 100} OR "a b"~{at % 100}' for at in range(n // 7)
    ),
    "near words in order": lambda n: " OR ".join(f'"a b a b a b"~>{at % 100}' for at in range(n // 6)),
    "words of many parts": lambda n: "a-b-" * (n // 2) + "a",
    "characters": lambda n: "以色" * (n // 2),
    "prefixes": lambda n: " OR ".join(f"{LETTERS}{at}*" for at in range(n)),
    "suffixes": lambda n: " OR ".join(f"*{at}{LETTERS}" for at in range(n)),
    "words": lambda n: " OR ".join(f"a (w{at} OR b -c)" for at in range(n // 4)),
}
ARTICLES: dict[str, Callable[[int], str]] = {  # each of about so many words
    "two words in turn": lambda n: "a b " * (n // 2),
    "two characters in turn": lambda n: "以色" * (n // 2),
    "two words in turn, joined": lambda n: "a-b " * (n // 2),
    "words that begin alike": lambda n: " ".join(f"{LETTERS}{at % 97}" for at in range(n)),
    "words that end alike": lambda n: " ".join(f"{at % 97}{LETTERS}" for at in range(n)),
}


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(child)


def hostile_strings() -> list[str]:
    found: list[str] = []
    for file in sorted((CORPUS / "hostile" / "strings").glob("*.json*")):
        lines = [file.read_text()] if file.suffix == ".json" else file.read_text().splitlines()
        found += [text for line in lines for text in strings(json.loads(line))]
    return found
