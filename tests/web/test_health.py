"""Health and metrics, for machines that look after machines."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from subscriptions import settings
from subscriptions.database import engine, unit_of_work
from subscriptions.tables import AlertStatus, ArticleStatus, ChannelStatus
from tests.builders import NOON, a_channel, a_source, a_subscriber, a_topic, an_alert, an_article
from tests.conftest import Clock
from tests.sinks import HttpSink
from worker.embedded import embedded_valkey
from worker.push.fan_out import fan_out
from worker.push.send import deliver


def numbers(browser: TestClient) -> dict[str, float]:
    """Read /metrics as Prometheus does: "name label label" to value."""
    families = text_string_to_metric_families(browser.get("/metrics").text)
    return {
        " ".join([sample.name, *sorted(sample.labels.values())]): sample.value
        for family in families
        for sample in family.samples
    }


def test_the_process_is_well_whatever_else_is_not(browser: TestClient) -> None:
    assert browser.get("/healthz").text == "ok\n"
    assert browser.head("/healthz").status_code == 200


def test_ready_needs_the_database_and_the_broker(browser: TestClient) -> None:
    away = browser.get("/readyz")
    assert away.status_code == 503
    assert away.json()["checks"]["database"] == "ok"
    assert "TOCSIN_BROKER_URL" in away.json()["checks"]["broker"]
    valkey = embedded_valkey()
    valkey.start()
    try:
        assert browser.get("/readyz").json() == {"ready": True, "checks": {"database": "ok", "broker": "ok"}}
    finally:
        valkey.stop()


def test_a_database_that_is_not_migrated_is_not_ready(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")
    settings.settings.cache_clear()
    engine().dispose()
    engine.cache_clear()
    assert "run `tocsin migrate`" in browser.get("/readyz").json()["checks"]["database"]


def test_metrics_tell_what_waits_and_since_when(browser: TestClient, stopped_clock: Clock) -> None:
    with unit_of_work() as session:
        an_article(session, status=ArticleStatus.seen)
        an_article(session, status=ArticleStatus.seen, status_at=NOON - timedelta(seconds=30))
        late = NOON - timedelta(seconds=90)
        a_source(session, problem="The host cannot be found.", next_poll_at=late)
        new = a_channel(session, a_subscriber(session), "ann@news.example")
        new.status, new.ask_at = ChannelStatus.waiting, late
        an_article(session, status=ArticleStatus.held)
    found = numbers(browser)
    assert found["tocsin_waiting_rows understand"] == 2
    assert found["tocsin_waiting_seconds understand"] == 30
    assert found["tocsin_waiting_rows deliver"] == 0
    assert found["tocsin_waiting_seconds poll"] == 90
    assert found["tocsin_waiting_seconds confirm"] == 90
    assert found["tocsin_sources_with_problems"] == 1
    assert found["tocsin_held_articles"] == 1
    assert found["tocsin_sources live"] == 4


def test_metrics_tell_outcomes_and_times_of_the_last_hour(
    browser: TestClient, stopped_clock: Clock, sink: HttpSink
) -> None:
    with unit_of_work() as session:
        topic = a_topic(session)
        for number in range(3):
            a_channel(session, a_subscriber(session, topic), sink.url(f"reader{number}"))
        alert = an_alert(session, topic, matched_at=NOON + timedelta(seconds=2))
        an_alert(session, topic, matched_at=NOON - timedelta(hours=2), status=AlertStatus.rung)
    stopped_clock.move(seconds=5)
    for shard in fan_out(alert.id or 0):
        deliver(shard)
    found = numbers(browser)
    assert found["tocsin_recent_outcomes accepted"] == 3
    assert found["tocsin_recent_alerts"] == 1
    assert found["tocsin_recent_seconds 0.5 seen_to_matched"] == 2
    assert found["tocsin_recent_seconds 0.99 seen_to_last_sent"] == 5
    assert found["tocsin_alerts rung"] == 2


def test_practice_is_not_in_the_times(browser: TestClient, stopped_clock: Clock) -> None:
    with unit_of_work() as session:
        an_alert(session, a_topic(session, practice=True), practice=True)
    assert numbers(browser)["tocsin_recent_alerts"] == 0
