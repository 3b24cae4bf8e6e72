"""An alert that was wrong: who was told it is told what is right, and nobody else."""

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from sqlalchemy import delete, update
from sqlmodel import select

from subscriptions import database
from subscriptions.alerts import approve_alert, outcomes
from subscriptions.corrections import correct_alert, kill_alert
from subscriptions.errors import Mistake
from subscriptions.tables import (
    Alert,
    AlertKind,
    AlertStatus,
    Article,
    Channel,
    ChannelStatus,
    Rings,
    Subscription,
    Topic,
)
from tests.builders import a_topic, an_alert, an_article
from tests.conftest import Clock
from tests.pushing import delivery, follower, ring, stored_alert
from tests.sinks import HttpSink, Reply
from worker.match.find import find
from worker.push.again import deliver_again
from worker.push.fan_out import fan_out
from worker.push.send import deliver
from worker.understand.story import understand

pytestmark = pytest.mark.usefixtures("db", "stopped_clock")

WHY = "The harbour is open; we misread a notice."


def correct(alert_id: int, title: str = "Storm does not close the harbour") -> int:
    with database.unit_of_work() as session:
        return correct_alert(session, session.get_one(Alert, alert_id), WHY, title=title).id or 0


def kill(alert_id: int) -> int:
    with database.unit_of_work() as session:
        return kill_alert(session, session.get_one(Alert, alert_id), WHY).id or 0


def send(alert_id: int) -> Alert:
    for shard_id in fan_out(alert_id):
        deliver(shard_id)
    return stored_alert(alert_id)


def titles(sink: HttpSink, name: str) -> list[str]:
    return [body["title"] for path, body in sink.received if path == f"/{name}"]


def test_a_correction_goes_to_exactly_those_who_were_told(sink: HttpSink, topic: Topic) -> None:
    sink.replies = lambda path, _count: Reply({"/gone": 410, "/no": 403, "/busy": 503}.get(path, 200))
    for name in ("ann", "gone", "no", "busy"):
        follower(sink, name, topic)
    alert_id = ring(topic, title="Storm closes the harbour")
    follower(sink, "late", topic)
    correction = send(correct(alert_id))
    assert correction.recipients == 1
    assert titles(sink, "ann") == ["Storm closes the harbour", "Correction: Storm does not close the harbour"]
    assert sink.tries == {"/ann": 2, "/gone": 1, "/no": 1, "/busy": 1}
    assert WHY in sink.received[-1][1]["message"]


def test_who_unfollowed_meanwhile_is_told_too_but_not_over_a_channel_that_was_retired(
    sink: HttpSink, topic: Topic
) -> None:
    follower(sink, "ann", topic)
    retired = follower(sink, "bob", topic)
    alert_id = ring(topic)
    with database.unit_of_work() as session:
        session.execute(delete(Subscription))
        session.execute(
            update(Channel).where(Channel.id == retired).values(status=ChannelStatus.retired)  # type: ignore[arg-type]
        )
    send(correct(alert_id))
    assert sink.tries == {"/ann": 2, "/bob": 1}


def test_an_alert_corrected_in_the_middle_is_told_nobody_more(sink: HttpSink, topic: Topic) -> None:
    for number in range(200):
        follower(sink, f"reader{number}", topic)
    sink.replies = lambda _path, _count: Reply(wait_s=0.05)
    with database.unit_of_work() as session:
        alert_id = an_alert(session, topic).id or 0
    (shard_id,) = fan_out(alert_id)
    with ThreadPoolExecutor(1) as worker:
        sending = worker.submit(deliver, shard_id)
        while len(sink.accepted) < 20:
            sleep(0.01)
        correction_id = correct(alert_id)
        assert send(correction_id).status == AlertStatus.ringing, "some are being told the wrong one still"
        sending.result()
    correction = send(correction_id)
    with database.reading() as session:
        counts = outcomes(session, stored_alert(alert_id))
    assert stored_alert(alert_id).status == AlertStatus.stopped
    assert counts["accepted"] + counts["dropped"] == 200
    assert counts["dropped"] > 0
    assert correction.status == AlertStatus.rung
    assert correction.recipients == counts["accepted"]
    assert set(sink.accepted.values()) == {2}
    assert len(sink.accepted) == counts["accepted"]


def test_who_waits_for_another_attempt_is_told_neither(sink: HttpSink, topic: Topic) -> None:
    channel = follower(sink, "ann", topic)
    sink.replies = lambda _path, _count: Reply(503)
    alert_id = ring(topic)
    correction_id = correct(alert_id)
    deliver_again()
    assert send(correction_id).recipients == 0
    assert delivery(alert_id, channel).why == "it was corrected before their turn came"
    assert sink.tries == {"/ann": 1}


def test_a_correction_of_a_correction_reaches_who_missed_the_first(sink: HttpSink, topic: Topic) -> None:
    follower(sink, "ann", topic)
    follower(sink, "bob", topic)
    alert_id = ring(topic)
    sink.replies = lambda path, _count: Reply(403 if path == "/bob" else 200)
    first = correct(alert_id, "First try")
    send(first)
    sink.replies = lambda _path, _count: Reply()
    send(correct(first, "Second try"))
    assert titles(sink, "bob")[1:] == ["Correction: Second try"], "he refused the first"
    assert titles(sink, "ann")[1:] == ["Correction: First try", "Correction: Second try"]


def test_a_kill_withdraws_the_alert_and_its_story_rings_no_more(
    sink: HttpSink, topic: Topic, stopped_clock: Clock
) -> None:
    follower(sink, "ann", topic)
    with database.unit_of_work() as session:
        first = an_article(session, title="Storm closes the harbour").id or 0
    understand([first])
    (alert,) = find([first])
    send(alert.id or 0)
    killed = send(kill(alert.id or 0))
    assert titles(sink, "ann")[-1] == "Withdrawn: Storm closes the harbour"
    assert (killed.kind, killed.urgency) == (AlertKind.kill, 2)
    with database.unit_of_work() as session:
        second = an_article(session, title="Storm closes the harbour", link="https://other.example/2").id or 0
    stopped_clock.move(minutes=5)
    understand([second])
    assert find([second]) == []
    with database.reading() as session:
        assert session.get_one(Article, second).why == "an admin has withdrawn an alert of its story"


def test_the_same_alert_is_not_corrected_twice(sink: HttpSink, topic: Topic) -> None:
    follower(sink, "ann", topic)
    alert_id = ring(topic)
    correction = correct(alert_id)
    with pytest.raises(Mistake, match=f"corrected by alert {correction} already"):
        correct(alert_id)
    killed = kill(correction)
    with pytest.raises(Mistake, match=f"withdraws alert {correction}"):
        kill(killed)


@pytest.mark.parametrize("status", [AlertStatus.proposed, AlertStatus.rejected])
def test_what_nobody_was_told_cannot_be_corrected(topic: Topic, status: AlertStatus) -> None:
    with database.unit_of_work() as session:
        alert = an_alert(session, topic, status=status)
        with pytest.raises(Mistake, match="nobody was told"):
            kill_alert(session, alert, WHY)


def test_a_correction_says_what_is_right_and_what_was_wrong(topic: Topic) -> None:
    with database.unit_of_work() as session:
        alert = an_alert(session, topic, status=AlertStatus.rung)
        with pytest.raises(Mistake, match="what is right"):
            correct_alert(session, alert, WHY)
        with pytest.raises(Mistake, match="what was wrong"):
            kill_alert(session, alert, " ")


def test_a_correction_and_a_kill_say_so_in_the_articles_language(sink: HttpSink, topic: Topic) -> None:
    follower(sink, "ann", topic)
    first = ring(topic, title="Sturm schließt den Hafen", language="de-CH")
    second = send(correct(first, "Sturm schließt den Hafen nicht"))
    send(kill(second.id or 0))
    assert titles(sink, "ann")[1:] == [
        "Berichtigung: Sturm schließt den Hafen nicht",
        "Zurückgezogen: Sturm schließt den Hafen nicht",
    ]


def two_topics(sink: HttpSink, regatta: Topic) -> tuple[int, int]:
    """Ring one article for a topic that rings by itself, and propose it for one that waits for approval."""
    with database.unit_of_work() as session:
        mayor = a_topic(session, slug="mayor", name="Mayor", query="harbour", rings=Rings.after_approval)
        article = an_article(session, title="Storm closes the harbour").id or 0
    follower(sink, "ann", regatta)
    follower(sink, "mia", mayor)
    understand([article])
    (alert,) = find([article])
    send(alert.id or 0)
    with database.reading() as session:
        wanted = select(Alert.id).where(Alert.status == AlertStatus.proposed)
        return alert.id or 0, session.exec(wanted).one() or 0


def approve(alert_id: int) -> None:
    with database.unit_of_work() as session:
        approve_alert(session, session.get_one(Alert, alert_id))


def test_a_kill_reaches_those_who_were_told_by_a_sister_alert(sink: HttpSink, topic: Topic) -> None:
    first, sister = two_topics(sink, topic)
    approve(sister)
    send(sister)
    assert send(kill(first)).recipients == 2
    assert titles(sink, "mia") == ["Storm closes the harbour", "Withdrawn: Storm closes the harbour"]
    assert sink.tries == {"/ann": 2, "/mia": 2}
    with pytest.raises(Mistake, match="withdrawn by alert"):
        kill(sister)


def test_a_kill_rejects_what_its_story_proposes(sink: HttpSink, topic: Topic) -> None:
    first, sister = two_topics(sink, topic)
    killed = kill(first)
    assert stored_alert(sister).status == AlertStatus.rejected
    assert stored_alert(sister).stop_why == f"alert {killed} withdrew its story: {WHY}"


def test_what_was_withdrawn_cannot_be_approved(sink: HttpSink, topic: Topic) -> None:
    first, sister = two_topics(sink, topic)
    killed = kill(first)
    with database.unit_of_work() as session:  # as one that was proposed before kills rejected them
        session.get_one(Alert, sister).status = AlertStatus.proposed
    with pytest.raises(Mistake, match=f"was withdrawn by alert {killed}"):
        approve(sister)


def test_a_correction_puts_what_is_still_proposed_right(sink: HttpSink, topic: Topic) -> None:
    first, sister = two_topics(sink, topic)
    correct(first)
    assert stored_alert(sister).status == AlertStatus.rejected
    with database.reading() as session:
        anew = session.exec(select(Alert.id).where(Alert.status == AlertStatus.proposed)).one() or 0
    approve(anew)
    send(anew)
    assert titles(sink, "mia") == ["Storm does not close the harbour"]
