"""How urgent a story is: the publisher's own number, else how its headline begins. Pure.

IPTC urgency: 1 highest, 5 normal, 8 lowest (NITF and NewsML `urgency`). Not web push's Urgency.
"""

import re
from dataclasses import dataclass

HIGHEST, NORMAL, LOWEST = 1, 5, 8
FLASH, BREAKING = 1, 2

# Labels newsrooms set before a headline, in the languages of many wires.
LABELS = {
    "flash": FLASH,
    "newsflash": FLASH,
    "news flash": FLASH,
    "молния": FLASH,
    "breaking": BREAKING,
    "breaking news": BREAKING,
    "urgent": BREAKING,
    "alert": BREAKING,
    "just in": BREAKING,
    "alerte info": BREAKING,
    "dernière minute": BREAKING,
    "urgente": BREAKING,
    "última hora": BREAKING,
    "eilmeldung": BREAKING,
    "eil": BREAKING,
    "ultim'ora": BREAKING,
    "срочно": BREAKING,
    "терміново": BREAKING,
    "son dakika": BREAKING,
    "pilne": BREAKING,
    "spoed": BREAKING,
    "מבזק": BREAKING,
    "דחוף": BREAKING,
    "عاجل": BREAKING,
    "فوری": BREAKING,
    "速報": BREAKING,
    "号外": FLASH,
    "快讯": BREAKING,
    "突发": BREAKING,
    "속보": BREAKING,
}
# The label ends at a separator, or stands in brackets: "Breaking bad habits" is no label.
LABEL = re.compile(r"^\s*(?:[\[(【［]\s*([^\])】］]{2,20})[\])】］]|([^:|!–—-]{2,20}?)\s*(?:[:|!–—]|\s-\s))")
PRACTICE = re.compile(r"^\s*practice:\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Urgency:
    """An urgency of 1 to 8 and where it comes from."""

    level: int
    why: str


def how_urgent(title: str, declared: int | None = None) -> Urgency:
    """Decide an article's urgency from the publisher's number (1 to 8) and its headline."""
    if declared is not None and HIGHEST <= declared <= LOWEST:
        return Urgency(declared, f"the publisher says {declared}")
    found = LABEL.match(PRACTICE.sub("", title))
    label = (found[1] or found[2]).strip() if found else ""
    level = LABELS.get(_folded(label))
    if level is not None:
        return Urgency(level, f'the headline begins with "{label}"')
    return Urgency(NORMAL, "nothing says otherwise")


def _folded(label: str) -> str:
    # Turkish capital dotted I casefolds to "i" and a combining dot.
    return label.casefold().replace("i\u0307", "i").replace("\u2019", "'")
