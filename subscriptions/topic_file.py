"""Topics in a file, as TOML or JSON: a list called "topic" of slug, name, query, rings and status. Pure."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Literal

from subscriptions.errors import Mistake
from subscriptions.names import slug

Kind = Literal["toml", "json"]

KINDS: tuple[Kind, ...] = ("toml", "json")
KEYS = ("slug", "name", "query", "rings", "status")
CHOICES = {"rings": ("by_itself", "after_approval"), "status": ("draft", "live", "paused")}
_NO_CHARACTERS = re.compile("[\0\ud800-\udfff]")  # databases refuse them
_NOT_LITERAL = re.compile("'''|'$|[\0-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Listed:
    """A topic as a file lists it; what is None is not said."""

    place: str  # in the file, for people: "topic 3, storms"
    slug: str
    query: str | None = None
    name: str | None = None
    rings: str | None = None
    status: str | None = None


def kind_of(file: str) -> Kind:
    """Tell the kind of a file from its ending; raises Mistake for any other."""
    for kind in KINDS:
        if file.lower().endswith(f".{kind}"):
            return kind
    raise Mistake(f"{file} is neither TOML nor JSON by its name: let it end in .toml or .json.")


def read_listed(document: bytes, kind: Kind | None, file: str) -> tuple[list[Listed], list[str]]:
    """Read the topics of a file, and what is wrong with others; without a kind, of whichever kind it is.

    Raises Mistake where it cannot be read at all.
    """
    topics = _topics(_document(document, kind, file), file)
    read = [_listed(topic, f"topic {number}") for number, topic in enumerate(topics, 1)]
    return [listed for listed, _ in read if listed], [wrong for _, wrongs in read for wrong in wrongs]


def write_listed(topics: Iterable[Listed], kind: Kind) -> str:
    """Write topics so that `read_listed` gives them back."""
    rows = [{key: value for key in KEYS if (value := asdict(topic)[key]) is not None} for topic in topics]
    if kind == "json":
        return json.dumps({"topic": rows}, indent=2, ensure_ascii=False) + "\n"
    tables = ("\n".join(["[[topic]]", *(f"{key} = {_toml(row[key])}" for key in row)]) for row in rows)
    return "\n\n".join(tables) + "\n" if rows else "topic = []\n"


def _toml(text: str) -> str:
    """Write a string; of several lines as such, where they can stand as they are."""
    if "\n" in text and not _NOT_LITERAL.search(text):
        return f"'''\n{text}'''"
    # JSON's escapes are TOML's too, and it leaves one sign alone that TOML does not.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _document(document: bytes, kind: Kind | None, file: str) -> Any:
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Mistake(f"{file} is no text in UTF-8 (byte {error.start}): save it as that.") from None
    try:
        if kind == "json" or (kind is None and text.lstrip()[:1] == "{"):
            return json.loads(text)
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "too deep"
        raise Mistake(f"{file} cannot be read: {reason}. Nothing of it is stored.") from None


def _topics(document: Any, file: str) -> Sequence[Any]:
    topics = document.get("topic") if isinstance(document, Mapping) else document
    if not isinstance(topics, list):
        raise Mistake(f'{file} lists no topics: write [[topic]] tables, or {{"topic": [...]}} in JSON.')
    return topics


def _listed(topic: Any, number: str) -> tuple[Listed | None, list[str]]:
    if not isinstance(topic, Mapping):
        return None, [f"{number}: it is no table of {', '.join(KEYS)}."]
    named = topic.get("slug")
    place = f"{number}, {named}" if isinstance(named, str) and named.strip() else number
    wrong = [f"{place}: {problem}" for problem in _problems(topic)]
    return (None if wrong else Listed(place, **topic)), wrong


def _problems(topic: Mapping[str, Any]) -> Iterable[str]:
    if "slug" not in topic:
        yield "it has no slug."
    for key, value in topic.items():
        if key not in KEYS:
            near = get_close_matches(str(key), KEYS, 1)
            yield f"{key!r} is no key of a topic" + (f": did you mean {near[0]}?" if near else ".")
        elif not isinstance(value, str) or not value.strip():
            yield f"its {key} is no text."
        elif _NO_CHARACTERS.search(value):
            yield f"its {key} has a sign that is no character."
        elif value not in CHOICES.get(key, (value,)):
            yield f"its {key} is {value!r}, not {' or '.join(CHOICES[key])}."
        elif key == "slug":
            yield from _wrong_slug(value)


def _wrong_slug(written: str) -> Iterable[str]:
    try:
        slug(written)
    except Mistake as mistake:
        yield str(mistake)
