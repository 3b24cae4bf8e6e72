"""What a person did wrong, in words for that person."""

from typing import Self


class Mistake(Exception):  # noqa: N818 - it is the user's mistake, not an error of ours
    """A wrong input: its text is one sentence that names the thing and the way out.

    Commands print it and exit with 2; pages show it at the field; no traceback in either.
    A sentence that readers' pages show is marked by `msgid`, with what it names apart from it, so that it
    can be said in their language: `Mistake(msgid("%(name)s cannot be followed now."), name=topic.name)`.
    """

    def __init__(self, sentence: str, **named: object) -> None:
        super().__init__(sentence % named if named else sentence)
        self.sentence = sentence
        self.named = named


class Saying(str):
    """A part of a sentence that names something, in English, which can be said in other languages."""

    __slots__ = ("named", "sentence")
    sentence: str
    named: dict[str, object]

    def __new__(cls, sentence: str, **named: object) -> Self:
        """Make the English text; `sentence` is marked by `msgid`."""
        said = super().__new__(cls, sentence % named)
        said.sentence, said.named = sentence, named
        return said


class Missing(Mistake):
    """What was named is not there; `way_out` is the part of the sentence that is for the command line."""

    def __init__(self, sentence: str, way_out: str = "") -> None:
        super().__init__(f"{sentence}{way_out}")
        self.plain = sentence if not way_out else sentence.rstrip(":,; ") + "."


class Decided(Mistake):
    """What was to be decided is decided already, perhaps by another admin a moment ago."""


def msgid(sentence: str) -> str:
    """Mark a sentence that is translated where it is shown: `make texts` finds it by this."""
    return sentence
