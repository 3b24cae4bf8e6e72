"""The practice newsroom's stories, and when each breaks. Pure; the island of Halm is made up."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Draft:
    """A story before it breaks: seconds into its round, headline, text; or what it repeats."""

    after_s: int
    headline: str
    text: str
    changes: int | None = None  # the number of the draft whose item gets this new text
    repeats: int | None = None  # the number of the draft whose headline a second desk sends again


@dataclass(frozen=True, slots=True)
class PracticeItem:
    """An item of the practice feed."""

    guid: str
    path: str
    title: str
    text: str
    published: datetime


ROUND_S = 240
SLOWER = 15  # rounds after the first: a story about every five minutes
SHOWN = 30  # items the feed holds

STANDING = PracticeItem(
    "practice-standing",
    "opening",
    "Practice: The newsroom of Halm opens its doors",
    "Everything from here on is practice: an island that is on no map, told to nobody but you.",
    datetime(2026, 1, 1, tzinfo=UTC),
)

DRAFTS = (
    Draft(8, "Harbour of Halm closes: a whale has the right of way", "The harbour master waits on the quay."),
    Draft(26, "Storm Egon takes the roof off the weather office", "The forecast was right. Nobody was hurt."),
    Draft(44, "Mayor opens the third season of the turnip opera", "Tickets are sold by weight."),
    Draft(60, "FLASH: Lighthouse of Halm goes dark", "Ships are asked to keep to the east of the island."),
    Draft(78, "", "The whale has left. The harbour opens at the next tide, with an hour's delay.", changes=0),
    Draft(90, "", "The roof was found in the neighbour's garden, facing north.", repeats=1),
    Draft(104, "נמל חלם נסגר לשעה: עז עומדת על הכבש", "העז מסרבת להתראיין."),
    Draft(122, "Floods reach the second step of the town hall", "The first step is greatly missed."),
    Draft(140, "Fishermen elect a herring to the island council", "It won on transparency."),
    Draft(158, "Lighthouse keeper finds the spare bulb behind the jam", "There is light again."),
    Draft(178, "Storm warning for the fishing fleet; the fleet warns back", "Both are taken seriously."),
    Draft(200, "Chess club and football club play each other, score disputed", "One side counts pieces."),
    Draft(
        220,
        "Ferry finds the harbour at the first attempt",
        "Passengers applaud.",
    ),
)


def stories(started_at: datetime, now: datetime) -> list[PracticeItem]:
    """Give the items that have broken since the newsroom started, newest first; the oldest always stands."""
    items: dict[str, PracticeItem] = {STANDING.guid: STANDING}
    for number, round_at, broke_at in _broken(started_at, now):
        item = _item(started_at, round_at, number, broke_at, items)
        items[item.guid] = item
    latest = sorted(items.values(), key=lambda item: item.published, reverse=True)
    return latest[:SHOWN]


def _broken(started_at: datetime, now: datetime) -> Iterator[tuple[int, datetime, datetime]]:
    """Tell which drafts have broken: number, start of the round, and when; the last rounds are enough."""
    passed = (now - started_at).total_seconds()
    last = 0 if passed < ROUND_S else 1 + int((passed - ROUND_S) // (ROUND_S * SLOWER))
    for turn in range(max(0, last - 2), last + 1):
        pace = SLOWER if turn else 1
        round_s = 0 if turn == 0 else ROUND_S * (1 + SLOWER * (turn - 1))
        round_at = started_at + timedelta(seconds=round_s)
        for number, draft in enumerate(DRAFTS):
            broke_at = round_at + timedelta(seconds=draft.after_s * pace)
            if broke_at <= now:
                yield number, round_at, broke_at


def _item(
    started_at: datetime, round_at: datetime, number: int, broke_at: datetime, items: dict[str, PracticeItem]
) -> PracticeItem:
    draft = DRAFTS[number]
    if draft.changes is not None:
        old = items[_guid(started_at, round_at, draft.changes)]
        return PracticeItem(old.guid, old.path, old.title, draft.text, old.published)
    guid = _guid(started_at, round_at, number)
    if draft.repeats is not None:
        title = items[_guid(started_at, round_at, draft.repeats)].title
    else:
        # The time sets a headline apart from the same one of an earlier round, which is another story.
        title = f"Practice: {draft.headline}, {broke_at:%H:%M:%S}"
    return PracticeItem(guid, guid, title, draft.text, broke_at)


def _guid(started_at: datetime, round_at: datetime, number: int) -> str:
    return f"practice-{started_at.timestamp():.0f}-{round_at.timestamp():.0f}-{number}"
