"""Who was told, and readers who left, are kept for a settable time."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from subscriptions import settings
from subscriptions.database import reading, unit_of_work
from subscriptions.tables import (
    Alert,
    AlertStatus,
    Channel,
    ChannelStatus,
    Delivery,
    DeliveryStatus,
    Shard,
    ShardStatus,
    SignIn,
    Subscriber,
)
from tests.builders import NOON, a_channel, a_subscriber, an_alert, stored
from worker.push.forget import forget_people, forget_told
from worker.push.ledger import pack

pytestmark = pytest.mark.usefixtures("stopped_clock", "db")

LONG_AGO, LATELY = NOON - timedelta(days=91), NOON - timedelta(days=89)


def kept(table: type[SQLModel]) -> list[Any]:
    with reading() as session:
        return list(session.exec(select(table)))


def told(expires_at: Any, status: DeliveryStatus | None = None) -> None:
    """An alert that somebody got, or is still to get."""
    with unit_of_work() as session:
        channel = a_channel(session, a_subscriber(session), "jsons://news.example/ann")
        alert = an_alert(session, status=AlertStatus.rung, expires_at=expires_at)
        shard = Shard(
            alert_id=alert.id or 0,
            first_channel=channel.id or 0,
            last_channel=channel.id or 0,
            audience=pack([channel.id or 0]) or b"",
            status=ShardStatus.settled,
            status_at=expires_at,
        )
        stored(session, shard)
        if status is not None:
            keys: dict[str, Any] = {"alert_id": alert.id, "channel_id": channel.id, "shard_id": shard.id}
            stored(session, Delivery(**keys, status=status, updated_at=NOON))


def test_who_was_told_is_forgotten_and_the_alert_stays_on_record() -> None:
    told(LONG_AGO, DeliveryStatus.refused)
    told(LATELY)
    assert forget_told() is False
    assert len(kept(Alert)) == 2
    assert len(kept(Shard)) == 1
    assert kept(Delivery) == []


def test_what_somebody_is_still_to_be_told_is_not_forgotten() -> None:
    told(LONG_AGO, DeliveryStatus.gathered)
    forget_told()
    assert len(kept(Shard)) == 1


def test_with_zero_days_everything_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_KEEP_TOLD_DAYS", "0")
    monkeypatch.setenv("TOCSIN_KEEP_LEFT_DAYS", "0")
    settings.settings.cache_clear()
    told(LONG_AGO)
    a_reader(ChannelStatus.retired, LONG_AGO)
    forget_told()
    forget_people()
    assert len(kept(Shard)) == 1
    assert len(kept(Subscriber)) == 2


def a_reader(status: ChannelStatus, since: Any, name: str = "reader-1") -> Subscriber:
    with unit_of_work() as session:
        subscriber = a_subscriber(session, name=name)
        a_channel(session, subscriber, f"{name}@reader.example", status=status, status_at=since)
    return subscriber


@pytest.mark.parametrize(
    ("status", "since", "stays"),
    [
        (ChannelStatus.retired, LONG_AGO, False),
        (ChannelStatus.retired, LATELY, True),
        (ChannelStatus.waiting, NOON - timedelta(days=31), False),
        (ChannelStatus.waiting, NOON - timedelta(days=29), True),
        (ChannelStatus.live, LONG_AGO, True),
    ],
)
def test_a_reader_who_left_or_never_said_yes_is_forgotten(
    status: ChannelStatus, since: Any, *, stays: bool
) -> None:
    a_reader(status, since)
    forget_people()
    assert bool(kept(Subscriber)) == bool(kept(Channel)) == stays


def test_a_reader_with_another_channel_in_use_stays_whole() -> None:
    subscriber = a_reader(ChannelStatus.retired, LONG_AGO)
    with unit_of_work() as session:
        a_channel(session, subscriber, "jsons://news.example/ann")
    forget_people()
    assert len(kept(Channel)) == 2


def test_subscribers_made_by_hand_are_their_admins_to_remove() -> None:
    a_reader(ChannelStatus.retired, LONG_AGO, "ann")
    forget_people()
    assert len(kept(Subscriber)) == 1


def test_a_wish_for_a_link_is_forgotten_after_an_hour() -> None:
    with unit_of_work() as session:
        for minutes in (59, 61):
            at = NOON - timedelta(minutes=minutes)
            stored(session, SignIn(digest="d", sealed=b"s", created_at=at, expires_at=at))
    forget_people()
    assert len(kept(SignIn)) == 1
