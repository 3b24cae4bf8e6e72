"""For Prometheus: what waits and since when, what became of alerts, and how long each step takes.

Everything is counted in the database when it is asked for, so any web process tells the same.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import quantiles

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlmodel import Session, col, func, select

from subscriptions import clock
from subscriptions.alerts import OUTCOMES, bitmap
from subscriptions.database import reading
from subscriptions.progress import waiting
from subscriptions.settings import settings
from subscriptions.tables import (
    Alert,
    AlertCounts,
    Article,
    ArticleStatus,
    Channel,
    Shard,
    Source,
    SourceStatus,
)

router = APIRouter(include_in_schema=False)

RECENT = timedelta(hours=1)
SPANS = {
    "published_to_seen": ("published_at", "seen_at"),
    "seen_to_matched": ("seen_at", "matched_at"),
    "matched_to_queued": ("matched_at", "queued_at"),
    "queued_to_first_sent": ("queued_at", "first_sent_at"),
    "queued_to_last_sent": ("queued_at", "last_sent_at"),
    "seen_to_last_sent": ("seen_at", "last_sent_at"),
}
QUANTILES = (50, 90, 99)  # percent


class Numbers(Collector):
    """Collects everything from the database."""

    def collect(self) -> Iterator[Metric]:
        """Count."""
        with reading() as session:
            yield from _waiting(session)
            yield _by_status(session, "tocsin_alerts", "Alerts by status.", Alert)
            yield _by_status(session, "tocsin_sources", "Sources by status.", Source)
            yield _by_status(session, "tocsin_channels", "Channels by status.", Channel)
            yield _sources_with_problems(session)
            yield _held(session)
            yield _outcomes(session)
            yield from _times(session)
            yield from _counts(session)


@router.get("/metrics")
def metrics() -> Response:
    """Give the numbers in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Numbers())
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _waiting(session: Session) -> Iterator[Metric]:
    rows = GaugeMetricFamily("tocsin_waiting_rows", "Rows that wait for a step.", labels=["step"])
    ages = GaugeMetricFamily("tocsin_waiting_seconds", "How long the oldest of them waits.", labels=["step"])
    for step in waiting(session):
        rows.add_metric([step.step], step.count)
        ages.add_metric([step.step], step.age_s)
    yield rows
    yield ages


def _by_status(
    session: Session, name: str, says: str, table: type[Alert] | type[Source] | type[Channel]
) -> Metric:
    family = GaugeMetricFamily(name, says, labels=["status"])
    counts = dict(session.exec(select(table.status, func.count()).group_by(col(table.status))).all())
    for status in table.moves:
        family.add_metric([status], counts.get(status, 0))
    return family


def _sources_with_problems(session: Session) -> Metric:
    ill = select(func.count()).where(Source.status == SourceStatus.live, Source.problem != "")
    says = "Live sources about which something is wrong: the last poll failed, or its articles are held."
    return GaugeMetricFamily("tocsin_sources_with_problems", says, value=session.exec(ill).one())


def _held(session: Session) -> Metric:
    held = select(func.count()).where(Article.status == ArticleStatus.held)
    says = "Articles that wait for an admin's decision."
    return GaugeMetricFamily("tocsin_held_articles", says, value=session.exec(held).one())


def _outcomes(session: Session) -> Metric:
    says = "Recipients by outcome, of the alerts of the last hour."
    family = GaugeMetricFamily("tocsin_recent_outcomes", says, labels=["outcome"])
    recent = select(Shard).join(Alert).where(Alert.matched_at >= _since(), col(Alert.practice).is_(False))
    counts = dict.fromkeys(OUTCOMES, 0)
    for shard in session.exec(recent):
        for outcome in OUTCOMES:
            counts[outcome] += len(bitmap(getattr(shard, outcome)))
    for outcome, count in counts.items():
        family.add_metric([outcome], count)
    return family


def _times(session: Session) -> Iterator[Metric]:
    says = "Seconds from one step to another, of the alerts of the last hour."
    times = GaugeMetricFamily("tocsin_recent_seconds", says, labels=["span", "quantile"])
    recent = select(Alert).where(Alert.matched_at >= _since(), col(Alert.practice).is_(False))
    alerts = session.exec(recent).all()
    for span, (start, end) in SPANS.items():
        lasted = [_seconds(getattr(alert, start), getattr(alert, end)) for alert in alerts]
        for percent, seconds in _quantiles([each for each in lasted if each is not None]):
            times.add_metric([span, f"{percent / 100:g}"], seconds)
    yield times
    yield GaugeMetricFamily("tocsin_recent_alerts", "Alerts of the last hour.", value=len(alerts))


def _counts(session: Session) -> Iterator[Metric]:
    if not settings().count_clicks:
        return
    says = "How often browsers have shown alerts of the last hour, and people opened them."
    counts = GaugeMetricFamily("tocsin_recent_counts", says, labels=["what"])
    sums = select(func.sum(AlertCounts.shown), func.sum(AlertCounts.opened)).join(Alert)
    recent = sums.where(Alert.matched_at >= _since(), col(Alert.practice).is_(False))
    for what, count in zip(("shown", "opened"), session.exec(recent).one(), strict=True):
        counts.add_metric([what], count or 0)
    yield counts


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None


def _quantiles(values: list[float]) -> Iterator[tuple[int, float]]:
    if not values:
        return
    cuts = quantiles(values, n=100, method="inclusive") if len(values) > 1 else values * 99
    for percent in QUANTILES:
        yield percent, cuts[percent - 1]


def _since() -> datetime:
    return clock.now() - RECENT
