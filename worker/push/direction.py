"""Right-to-left and left-to-right text beside each other (Unicode, UAX #9). Pure."""

import unicodedata
from typing import Literal

Direction = Literal["ltr", "rtl"]
RTL_LANGUAGES = frozenset(
    {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ji", "nqo", "ps", "sd", "syr", "ug", "ur", "yi"}
)
RTL_SCRIPTS = frozenset({"adlm", "arab", "aran", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "thaa"})
SCRIPT_LETTERS = 4  # of a script's code, as in az-Arab
MARKS = {"ltr": "\u200e", "rtl": "\u200f"}  # unseen letters of either direction
ISOLATE, END_ISOLATE = "\u2068", "\u2069"


def direction(language: str, text: str) -> Direction:
    """Give "rtl" or "ltr": by the language's script where that is known, else by the text's first letter."""
    first, *rest = language.lower().replace("_", "-").split("-")
    script = next((part for part in rest if len(part) == SCRIPT_LETTERS and part.isalpha()), "")
    if script in RTL_SCRIPTS or (first in RTL_LANGUAGES and not script):
        return "rtl"
    return _beginning(text) or "ltr"


def led(text: str, runs: Direction) -> str:
    """Make a line of plain text run the given way, also where its first word is of the other direction."""
    beginning = _beginning(text)
    return text if beginning in (None, runs) else MARKS[runs] + text


def isolated(name: str, line: Direction = "ltr") -> str:
    """Keep a name of the other direction from turning the line around it about."""
    others = ("L",) if line == "rtl" else ("R", "AL")
    turns = any(unicodedata.bidirectional(letter) in others for letter in name)
    return f"{ISOLATE}{name}{END_ISOLATE}" if turns else name


def _beginning(text: str) -> Direction | None:
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return None
