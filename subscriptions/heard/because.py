"""Why an alert came to somebody: in sentences, and with the words marked that it was found by. Pure."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from subscriptions.backtesting.marking import Piece, pieces
from subscriptions.errors import msgid
from subscriptions.heard.said import Said


class Because(NamedTuple):
    """A topic the person follows that an alert is for, and the words that matched."""

    name: str
    slug: str
    words: list[str]


class Cause(NamedTuple):
    """What is stored of why an alert rang, as far as it concerns one person."""

    kind: str  # alert, correction or kill
    topics: tuple[str, ...]  # names of those of its topics that they follow
    follows_story: bool
    urgency: int
    urgency_why: str
    rule: str


def why(cause: Cause) -> list[Said]:
    """Say why it came, most telling first."""
    if cause.kind == "correction":
        return [Said(msgid("You were told something that was not right. This corrects it."))]
    if cause.kind == "kill":
        return [Said(msgid("You were told something that was not right. This withdraws it."))]
    says = [Said(msgid("You follow %(topic)s."), {"topic": topic}) for topic in cause.topics]
    if cause.follows_story:
        says.append(Said(msgid("You follow this story, and hear of each of its alerts.")))
    if not says:
        says = [Said(msgid("When it rang you followed something it is about."))]
    return [*says, *_urgency(cause), *_rule(cause)]


def _urgency(cause: Cause) -> list[Said]:
    says = [Said(LEVELS.get(cause.urgency, ORDINARY), {"urgency": cause.urgency})]
    if found := re.fullmatch(r'the headline begins with "(.+)"', cause.urgency_why):
        says.append(Said(msgid("Its headline begins with “%(label)s”."), {"label": found[1]}))
    elif cause.urgency_why.startswith("the publisher says"):
        says.append(Said(msgid("Its publisher says how urgent it is.")))
    return says


def _rule(cause: Cause) -> list[Said]:
    if "for which its story has not rung" in cause.rule:
        return [Said(msgid("Its story had rung before, but not for this."))]
    if "its story has not rung yet" in cause.rule:
        return [Said(msgid("It is the first alert of its story: a story rings once."))]
    return []


ORDINARY = msgid("Its urgency is %(urgency)s on a scale of 1 to 8, where 1 is a flash and 5 is normal.")
LEVELS = {
    1: msgid("It is a flash: its urgency is %(urgency)s, the highest."),
    2: msgid("It is breaking news: its urgency is %(urgency)s on a scale of 1 to 8, where 1 is a flash."),
}


def marked(text: str, words: Iterable[str]) -> list[Piece]:
    """Cut a text at the words that matched, which stand in it as they are stored."""
    wanted = sorted({word for word in words if word.strip()}, key=len, reverse=True)
    if not wanted:
        return pieces(text, [])
    any_of = "|".join(re.escape(word) for word in wanted)
    found = re.finditer(rf"(?<!\w)(?:{any_of})(?!\w)", text, re.IGNORECASE)
    return pieces(text, [each.span() for each in found])
