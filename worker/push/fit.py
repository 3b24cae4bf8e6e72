"""What gives way when a message is too long for where it goes. Pure."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from worker.push.compose import Message
from worker.push.shorten import shorten

Fits = Callable[[Message], bool]
TELLING = 20  # letters; less of a text says nothing, and of a headline less than of no link


def fit(message: Message, fits: Fits) -> Message:
    """Cut the text, then leave out the note, then the way to leave, then cut the title, until it fits.

    So the way to leave goes only where beside it the news, the headline and its link, would not fit.
    A link stays whole, or goes where beside it no headline would be left.
    """
    if fits(message):
        return message
    message = _cut(message, "text", fits)
    if not fits(message):
        message = replace(message, note="")
    if not fits(message):
        message = replace(message, leave="")
    if not fits(replace(message, title=message.title[:TELLING])):
        message = replace(message, link="", image="")
    return _cut(message, "title", fits, least=0)


def _cut(message: Message, name: str, fits: Fits, least: int = TELLING) -> Message:
    """Cut one of its texts to what lets the whole fit, or to nothing where that would say nothing."""
    whole: str = getattr(message, name)
    if fits(message):
        return message

    def with_text(text: str) -> Message:
        given: dict[str, Any] = {name: text}
        return replace(message, **given)

    def is_too_long(limit: int) -> bool:
        return not fits(with_text(whole[: max(0, limit - 1)] + "…"))

    limit = bisect_left(range(len(whole)), True, key=is_too_long) - 1
    return with_text(shorten(whole, limit) if limit >= least else "")
