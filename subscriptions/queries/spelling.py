"""Which field, or other name, somebody meant."""

from collections.abc import Iterable

from subscriptions.queries.article import FIELDS

_OTHER_NAMES = {
    "headline": "title",
    "text": "body",
    "content": "body",
    "link": "url",
    "lang": "language",
    "tags": "tag",
    "category": "tag",
    "keyword": "tag",
    "publisher": "family",
    "priority": "urgency",
    "medtop": "mediatopic",
    "mediatopics": "mediatopic",
    "stems": "stem",
}
_LONG = 4  # letters; shorter names are one slip away from many words


def meant_field(name: str) -> str:
    """Return the field that `name`, in small letters, is another name of or a slip away from, or none."""
    if name in _OTHER_NAMES:
        return _OTHER_NAMES[name]
    return meant_of(name, (field for field in FIELDS if len(field) >= _LONG))


def meant_of(name: str, names: Iterable[str]) -> str:
    """Return that of `names` which `name` is one slip away from, or none."""
    return next((each for each in names if _is_one_slip(name, each)), "")


def _is_one_slip(written: str, meant: str) -> bool:
    """One letter more, less or other, or two neighbours swapped."""
    same = next((i for i, (a, b) in enumerate(zip(written, meant, strict=False)) if a != b), len(written))
    left, right = written[same:], meant[same:]
    swapped = len(left) > 1 and left[1::-1] + left[2:] == right
    return swapped or right == left[1:] or left[1:] == right[1:] or left == right[1:]
