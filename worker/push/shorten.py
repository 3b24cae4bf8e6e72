"""Cutting a text by its meaning: after a sentence, else a word, never within a letter or a link. Pure."""

import re

from wcwidth import grapheme_boundary_before

ENOUGH = 0.6  # of the room: whole sentences that fill so much of it need no more words
SENTENCE_END = re.compile(r"""[.!?…؟۔।]["'”’»)\]]*(?=\s)|[。！？]["”’」』）]*""")
# Its point ends no sentence: Dr. No, the U.S. president, 3.5 m, p. 7.
ABBREVIATION = re.compile(r"(^|[\s(\"'“‘])(\w{1,3}|\w+(\.\w+)+|[A-Z][a-z]{3})\.$")
LEFT_HANGING = " ,;:.-–—([{\"'“‘„«「『《¿¡،؛、，；："


def shorten(text: str, limit: int) -> str:
    """Cut a text to at most `limit` characters; an ellipsis says that it was cut within a sentence."""
    text = text.strip()
    if len(text) <= limit:
        return text
    return _sentences(text, limit) or _words(text, limit)


def _sentences(text: str, limit: int) -> str:
    ends = (found.end() for found in SENTENCE_END.finditer(text, 0, limit + 1) if _ends(text, found))
    end = max((end for end in ends if end <= limit), default=0)
    return text[:end] if end >= limit * ENOUGH else ""


def _ends(text: str, found: re.Match[str]) -> bool:
    if found[0] != ".":
        return True
    goes_on = text[found.end() :].lstrip()[:1].islower()
    return not goes_on and not ABBREVIATION.search(text, 0, found.end())


def _words(text: str, limit: int) -> str:
    if limit < 1:
        return ""
    end = grapheme_boundary_before(text, limit)
    if " " in text[limit // 2 : limit]:
        end = text.rindex(" ", 0, limit)
    word = text.rfind(" ", 0, end) + 1
    if (
        "://" in text[word : text.find(" ", word) if " " in text[word:] else None]
        and text[end : end + 1].strip()
    ):
        end = word
    return text[:end].rstrip(LEFT_HANGING) + "…"
