"""Which story an article belongs to. Pure.

Two articles tell one story when they share a canonical link or a normalised headline. A story is joined
for the length of the window since its first article, so that "Morning briefing" is another one tomorrow.
A finer measure of likeness can take the place of `story_keys` and `which_story` without the steps around
them changing.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Method = Literal["same_link", "same_headline"]

FEWEST_WORDS = 3  # "Live updates" is the headline of many stories
FEWEST_LETTERS = 8  # the same for scripts that write no spaces
LONGEST_KEY = 500  # characters; PostgreSQL's indexes take 2,704 bytes, a letter up to four
LABEL = re.compile(
    r"^\W*(breaking( news)?|just in|flash|urgent|live( updates?)?|watch|video|update[ds]?|exclusive)"
    r"\s*[:|\]–—-]+",
    re.IGNORECASE,
)
PUBLISHER = re.compile(r"\s+[|｜]\s+[^|｜]{2,40}$")  # a dash may part two halves of one headline


@dataclass(frozen=True, slots=True)
class StoryKey:
    """Something a story is known by: equal keys, same story."""

    method: Method
    text: str

    def __str__(self) -> str:
        """Give the form it is stored in."""
        return f"{self.method}:{self.text}"


@dataclass(frozen=True, slots=True)
class KnownStory:
    """A story that has a key, and when its first article came."""

    story_id: int
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Joins:
    """The article joins a story that is known."""

    story_id: int
    method: Method
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Opens:
    """The article opens a story of its own."""

    why: str


def story_keys(title: str, link_key: str, *, practice: bool = False) -> tuple[StoryKey, ...]:
    """Give the keys of an article, surest first; practice and real never share one.

    `link_key`: its canonical link, "" where that names no article of its own.
    """
    world = "practice " if practice else ""
    keys = []
    if link_key:
        keys.append(StoryKey("same_link", _short(world + link_key)))
    if headline := normal_headline(title):
        keys.append(StoryKey("same_headline", _short(world + headline)))
    return tuple(keys)


def _short(key: str) -> str:
    """Give a key as it is, or its start and a digest where it is too long for an index."""
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[:100]} {hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}"


def normal_headline(title: str) -> str:
    """Fold a headline to what tells stories apart; "" when too little is left to tell."""
    text = LABEL.sub("", unicodedata.normalize("NFKC", title))
    shorter = PUBLISHER.sub("", text)
    words = _words(shorter if _tells(_words(shorter)) else text)
    return " ".join(words) if _tells(words) else ""


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def _tells(words: Sequence[str]) -> bool:
    spaceless = any(
        "\u2e80" <= letter <= "\ud7ff" or "\u0e00" <= letter <= "\u0e7f" for letter in "".join(words)
    )
    return len(words) >= FEWEST_WORDS or (spaceless and len("".join(words)) >= FEWEST_LETTERS)


def which_story(
    keys: Sequence[StoryKey], known: Mapping[str, KnownStory], seen_at: datetime, window: timedelta
) -> Joins | Opens:
    """Decide the story of an article seen at `seen_at`; `known` maps stored keys to their stories."""
    for key in keys:
        story = known.get(str(key))
        if story is not None and seen_at - story.first_seen_at <= window:
            hours = window.total_seconds() / 3600
            return Joins(
                story.story_id, key.method, 1.0, f"{key.method.replace('_', ' ')} within {hours:g} hours"
            )
    return Opens("no known story has its link or headline")
