"""The lines `tocsin up` prints while it runs: alerts that rang, and how the sources are."""

from collections.abc import Sequence
from datetime import timedelta

from rich.markup import escape
from sqlmodel import col, select

from subscriptions import clock
from subscriptions.alerts import reached
from subscriptions.database import reading
from subscriptions.tables import Alert, AlertStatus, Source, SourceStatus
from subscriptions.wording import counted

OVERLAP = timedelta(seconds=10)  # a transaction shows only when it is committed
EXAMPLES = 3  # problems of sources told in the terminal


class Bell:
    """Knows which alerts were printed; begins with those that ring from now on."""

    def __init__(self) -> None:
        self._began_at = self._looked_at = clock.now()
        self._printed: set[int] = set()

    def new_lines(self) -> list[str]:
        """Give a line for each alert that has rung since the last call."""
        since, self._looked_at = self._looked_at - OVERLAP, clock.now()
        rung = select(Alert).where(
            Alert.status == AlertStatus.rung, Alert.status_at >= since, Alert.seen_at >= self._began_at
        )
        with reading() as session:
            alerts = session.exec(rung.order_by(col(Alert.id))).all()
        fresh = [
            alert for alert in alerts if alert.id not in self._printed and alert.seen_at >= self._began_at
        ]
        self._printed = {alert.id for alert in alerts if alert.id is not None}
        return [ring_line(alert) for alert in fresh]


class SourceReport:
    """The line about the public sources, once each of them has been polled since the start."""

    def __init__(self) -> None:
        self._since = clock.now()
        self._told = False

    def new_lines(self) -> list[str]:
        """Give the line when its time has come, else nothing."""
        if self._told:
            return []
        wanted = select(Source).where(Source.status == SourceStatus.live, col(Source.practice).is_(False))
        with reading() as session:
            sources = session.exec(wanted.order_by(col(Source.id))).all()
        self._told = all(source.polled_at and source.polled_at >= self._since for source in sources)
        return [source_line(sources)] if self._told and sources else []


def source_line(sources: Sequence[Source]) -> str:
    """Say how many sources answer, and of the first few others why not."""
    ill = [source for source in sources if source.problem]
    well = f"{len(sources) - len(ill)} of {counted(len(sources), 'source')} answer"
    reasons = "".join(f"\n           {escape(source.problem)}" for source in ill[:EXAMPLES])
    more = f"\n           and {len(ill) - EXAMPLES} more, see /desk/sources" if len(ill) > EXAMPLES else ""
    return f"Sources    {well}{reasons}{more}"


def ring_line(alert: Alert) -> str:
    """Write an alert with the seconds each step took."""
    times = ", ".join(f"{step.name} +{step.took_s:.2f} s" for step in reached(alert)[1:])
    told = counted(alert.recipients, "channel")
    return f"[bold yellow]RING[/bold yellow]  [bold]{escape(alert.title)}[/bold]\n      {told}: {times}"
