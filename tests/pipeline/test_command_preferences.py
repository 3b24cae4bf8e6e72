"""`tocsin subscribers set`, `show`, `mute` and `follow`, as an admin types them."""

import pytest

from subscriptions.database import unit_of_work
from subscriptions.tables import Story
from tests.builders import NOON, a_channel, a_subscriber, a_topic, stored
from tests.commands import done, tocsin
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def ann(stopped_clock: Clock) -> int:
    """Ann, who follows storms on two channels; gives the number of the first one."""
    with unit_of_work() as session:
        subscriber = a_subscriber(session, a_topic(session, slug="storms"), name="ann")
        first = a_channel(session, subscriber, "jsons://one.example").id or 0
        a_channel(session, subscriber, "jsons://two.example")
        return first


def test_who_chose_nothing_is_shown_what_that_means(ann: int) -> None:
    shown = done("subscribers", "show", "ann", "--json").json
    assert (shown["quiet"], shown["through"], shown["threshold"], shown["cap"]) == (None, 1, 8, None)
    assert shown["follows"] == [{"topic": "storms", "threshold": 8, "cadence": "at_once"}]
    assert "at_once, from 8 up" in done("subscribers", "show", "ann").out


def test_what_is_set_is_shown_and_what_is_not_named_stays(ann: int) -> None:
    hours = ("--quiet", "22:00-07:00", "--days", "mon-fri", "--zone", "Europe/Berlin")
    done("subscribers", "set", "ann", *hours, "--cap", "10", "--pause-until", "2026-04-01T09:00")
    done("subscribers", "set", "ann", "--threshold", "5", "--through", "2", "--digest-at", "07:30")
    shown = done("subscribers", "show", "ann", "--json").json
    assert (shown["quiet"], shown["time_zone"], shown["cap"]) == ("22:00-07:00 mon-fri", "Europe/Berlin", 10)
    assert shown["pause_until"] == "2026-04-01T07:00:00Z"
    assert (shown["threshold"], shown["through"], shown["digest_at"]) == (5, 2, 450)
    done("subscribers", "set", "ann", "--quiet", "none", "--cap", "none", "--pause-until", "none")
    shown = done("subscribers", "show", "ann", "--json").json
    assert (shown["quiet"], shown["cap"], shown["pause_until"]) == (None, None, None)


def test_stories_and_topics_are_muted_and_followed_and_channels_put_in_order(ann: int) -> None:
    with unit_of_work() as session:
        a_topic(session, slug="football")
        story = stored(session, Story(headline="Storm", first_seen_at=NOON, last_seen_at=NOON)).id
    done("subscribers", "mute", "ann", "football")
    done("subscribers", "mute", "ann", f"story:{story}")
    done("channels", "order", "ann", ann + 1, ann)
    done("subscribe", "ann", "football", "--digest", "daily")
    shown = done("subscribers", "show", "ann", "--json").json
    assert (shown["muted_topics"], shown["muted_stories"]) == (["football"], [story])
    assert [channel["id"] for channel in shown["channels"]] == [ann + 1, ann]
    assert shown["follows"][0] == {"topic": "football", "threshold": 8, "cadence": "daily"}
    done("subscribers", "follow", "ann", f"story:{story}")
    done("subscribers", "mute", "ann", "football", "--off")
    shown = done("subscribers", "show", "ann", "--json").json
    assert (shown["muted_topics"], shown["muted_stories"], shown["followed_stories"]) == ([], [], [story])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set", "ann", "--quiet", "late"), "22:00-07:00"),
        (("set", "ann", "--days", "mon"), "give both"),
        (("set", "ann", "--cap", "0"), "choose 1 alert a day"),
        (("set", "ann", "--threshold", "9"), "choose 1 (flashes only)"),
        (("set", "ann", "--zone", "Europe/Berlim"), "Europe/Berlin"),
        (("set", "ann", "--pause-until", "soon"), "2026-08-01"),
        (("mute", "ann", "story:999"), "no story"),
    ],
)
def test_what_cannot_be_wanted_is_said_with_the_way_out(ann: int, words: tuple[str, ...], said: str) -> None:
    answer = tocsin("subscribers", *words)
    assert answer.code == 2
    assert said in answer.err
