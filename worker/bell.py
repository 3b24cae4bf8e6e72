"""The lines `tocsin up` prints when an alert rings."""

from rich.markup import escape
from sqlmodel import col, select

from subscriptions import clock
from subscriptions.alerts import reached
from subscriptions.database import reading
from subscriptions.tables import Alert, AlertStatus
from subscriptions.wording import counted


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
    times = ", ".join(f"{step.name} +{step.took_s:.2f} s" for step in reached(alert)[1:])
    told = counted(alert.recipients, "subscriber")
    return f"[bold yellow]RING[/bold yellow]  [bold]{escape(alert.title)}[/bold]\n      {told}: {times}"
