"""Texts that match a regular expression, drawn by chance: quicker than hypothesis' own for hundreds."""

import re
from random import Random
from typing import Any

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
CATEGORIES = {"CATEGORY_DIGIT": "0123456789", "CATEGORY_WORD": LETTERS[:-1], "CATEGORY_SPACE": " "}
MANY = 24


def matching(pattern: re.Pattern[str], chance: Random) -> str:
    """Make a text that a pattern finds whole; raises AssertionError where that does not go by chance."""
    tree: Any = re._parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE | re.UNICODE)  # type: ignore[attr-defined]
    for _ in range(200):
        text = _sequence(tree, chance).strip()
        if text and pattern.search(text):
            return text
    raise AssertionError(pattern.pattern)


def _sequence(tree: Any, chance: Random) -> str:
    return "".join(_one(str(kind), value, chance) for kind, value in tree)


def _one(kind: str, value: Any, chance: Random) -> str:
    if kind == "LITERAL":
        return chr(value)
    if kind == "IN":
        return chance.choice(_letters(value))
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        low, high, tree = value
        times = chance.randint(low, max(low, min(int(high), max(MANY, low))))
        return "".join(_sequence(tree, chance) for _ in range(times))
    if kind == "SUBPATTERN":
        return _sequence(value[-1], chance)
    if kind == "BRANCH":
        return _sequence(chance.choice(value[1]), chance)
    return chance.choice(LETTERS) if kind in ("ANY", "NOT_LITERAL") else ""  # places and what looks ahead


def _letters(parts: Any) -> str:
    found = ""
    for kind, value in parts:
        if str(kind) == "LITERAL":
            found += chr(value)
        elif str(kind) == "RANGE":
            found += "".join(map(chr, range(value[0], value[1] + 1)))
        elif str(kind) == "CATEGORY":
            found += CATEGORIES.get(str(value), LETTERS)
        elif str(kind) == "NEGATE":
            return LETTERS
    return "".join(letter for letter in found if "!" <= letter <= "~") or found
