"""Ringing in tests: followers at a sink, an alert sent to them, and what was stored of it."""

from typing import Any

from subscriptions import database
from subscriptions.tables import (
    Alert,
    Channel,
    ChannelStatus,
    Delivery,
    Shard,
    Topic,
)
from tests.builders import a_channel, a_subscriber, an_alert
from tests.sinks import HttpSink
from worker.push.fan_out import fan_out
from worker.push.ledger import unpack
from worker.push.send import deliver


def follower(sink: HttpSink, name: str, *topics: Topic, **values: Any) -> int:
    with database.unit_of_work() as session:
        subscriber = a_subscriber(session, *topics, name=name)
        return a_channel(session, subscriber, sink.url(name), **values).id or 0


def ring(*topics: Topic, **values: Any) -> int:
    with database.unit_of_work() as session:
        alert_id = an_alert(session, *topics, **values).id or 0
    for shard_id in fan_out(alert_id):
        deliver(shard_id)
    return alert_id


def stored_alert(alert_id: int) -> Alert:
    with database.reading() as session:
        return session.get_one(Alert, alert_id)


def delivery(alert_id: int, channel_id: int) -> Delivery:
    with database.reading() as session:
        return session.get_one(Delivery, {"alert_id": alert_id, "channel_id": channel_id})


def channel_status(channel_id: int) -> ChannelStatus:
    with database.reading() as session:
        return session.get_one(Channel, channel_id).status


def bits(shard_id: int, outcome: str) -> set[int]:
    with database.reading() as session:
        return set(unpack(getattr(session.get_one(Shard, shard_id), outcome)))
