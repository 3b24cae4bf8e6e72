"""What the terminal of `tocsin up` says of an alert is what became of it."""

import pytest

from subscriptions import database, preferences
from subscriptions.alerts import stop_alert
from subscriptions.quiet_hours import QuietHours
from subscriptions.tables import Alert, Channel, Subscriber, Topic
from tests.builders import an_alert
from tests.pushing import follower, ring
from tests.sinks import HttpSink, Reply
from worker.bell import Bell
from worker.push.fan_out import fan_out
from worker.push.send import deliver

pytestmark = pytest.mark.usefixtures("db", "stopped_clock")

SIESTA = QuietHours(11 * 60, 20 * 60)  # the stopped clock stands at noon


def asleep(channel_id: int) -> None:
    with database.unit_of_work() as session:
        owner = session.get_one(Channel, channel_id).subscriber_id
        preferences.change_preferences(session, session.get_one(Subscriber, owner), quiet=SIESTA)


def test_an_alert_that_all_recipients_hold_is_not_called_sent(sink: HttpSink, topic: Topic) -> None:
    bell = Bell()
    for name in ("ann", "bob"):
        asleep(follower(sink, name, topic))
    ring(topic)
    (line,) = bell.new_lines()
    assert line.startswith("[bold yellow]HELD[/bold yellow]")
    assert "2 held until 20:00 UTC" in line
    assert "told" not in line
    assert "sent" not in line
    assert bell.new_lines() == [], "it is said once"


def test_who_was_told_and_who_was_not_stands_in_one_line(sink: HttpSink, topic: Topic) -> None:
    bell = Bell()
    follower(sink, "ann", topic)
    follower(sink, "gone", topic)
    asleep(follower(sink, "bob", topic))
    sink.replies = lambda path, _count: Reply(410 if path == "/gone" else 200)
    ring(topic)
    (line,) = bell.new_lines()
    assert line.startswith("[bold yellow]RING[/bold yellow]")
    assert "1 told, 1 held until 20:00 UTC, 1 gone" in line
    assert "first sent" in line


def test_a_stopped_alert_is_told_once_its_senders_have_let_go(sink: HttpSink, topic: Topic) -> None:
    bell = Bell()
    follower(sink, "ann", topic)
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
    (shard_id,) = fan_out(alert_id)
    with database.unit_of_work() as session:
        stop_alert(session, session.get_one(Alert, alert_id))
    assert bell.new_lines() == []
    deliver(shard_id)
    (line,) = bell.new_lines()
    assert line.startswith("[bold yellow]STOPPED[/bold yellow]")
    assert "1 not told" in line


def test_an_alert_to_nobody_says_so(topic: Topic) -> None:
    bell = Bell()
    ring(topic)
    (line,) = bell.new_lines()
    assert "SILENT" in line
    assert "nobody to tell" in line
