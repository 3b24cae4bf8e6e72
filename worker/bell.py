"""The lines `tocsin up` prints when an alert rings."""

from datetime import datetime

from rich.markup import escape
from sqlmodel import col, select

from subscriptions import clock
from subscriptions.database import reading
from subscriptions.tables import Alert, AlertStatus


class Bell:
    """Knows which alerts were printed; begins with those that ring from now on."""

    def __init__(self) -> None:
        self._since = clock.now()
        self._printed: set[int] = set()

    def new_lines(self) -> list[str]:
        """Give a line for each alert that has rung since the last call."""
        rung = select(Alert).where(Alert.status == AlertStatus.rung, Alert.seen_at >= self._since)
        with reading() as session:
            alerts = session.exec(rung.order_by(col(Alert.id))).all()
        fresh = [alert for alert in alerts if alert.id not in self._printed]
        self._printed.update(alert.id for alert in fresh if alert.id is not None)
        return [ring_line(alert) for alert in fresh]


def ring_line(alert: Alert) -> str:
    """Write an alert with the seconds each step took."""
    steps = (
        ("seen", alert.published_at, alert.seen_at),
        ("matched", alert.seen_at, alert.matched_at),
        ("queued", alert.matched_at, alert.queued_at),
        ("told", alert.queued_at, alert.last_sent_at),
    )
    times = ", ".join(
        f"{name} +{took:.2f} s" for name, start, end in steps if (took := _seconds(start, end)) is not None
    )
    told = f"{alert.recipients} {'subscriber' if alert.recipients == 1 else 'subscribers'}"
    return f"[bold yellow]RING[/bold yellow]  [bold]{escape(alert.title)}[/bold]\n      {told}: {times}"


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None
