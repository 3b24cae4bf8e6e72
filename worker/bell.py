"""The lines `tocsin up` prints while it runs: alerts that rang, and how the sources are."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from rich.markup import escape
from sqlmodel import Session, col, func, select

from subscriptions import clock
from subscriptions.alerts import STEPS, outcomes, reached
from subscriptions.database import reading
from subscriptions.tables import Alert, AlertStatus, Delivery, DeliveryStatus, Source, SourceStatus
from subscriptions.wording import counted

OVERLAP = timedelta(seconds=10)  # a transaction shows only when it is committed
TOLD = (STEPS["first_sent_at"], STEPS["ninety_sent_at"], STEPS["last_sent_at"])  # when somebody was
SAID = {
    "accepted": "told",
    "held": "held",
    "later": "tried again later",
    "gone": "gone",
    "refused": "refused",
    "unknown": "unknown",
    "dropped": "not told",
    "waiting": "waiting",
}
EXAMPLES = 3  # problems of sources told in the terminal


class Bell:
    """Knows which alerts were printed; begins with those that ring or are stopped from now on."""

    def __init__(self) -> None:
        self._began_at = self._looked_at = clock.now()
        self._printed: set[int | None] = set()

    def new_lines(self) -> list[str]:
        """Give a line for each alert that has rung or was stopped since the last call."""
        since, self._looked_at = self._looked_at - OVERLAP, clock.now()
        ended = select(Alert).where(
            col(Alert.status).in_([AlertStatus.rung, AlertStatus.stopped]),
            Alert.status_at >= since,
            Alert.seen_at >= self._began_at,
        )
        with reading() as session:
            alerts = session.exec(ended.order_by(col(Alert.id))).all()
            became = {alert.id: outcomes(session, alert) for alert in alerts if alert.id not in self._printed}
            fresh = [alert for alert in alerts if alert.id in became and not became[alert.id]["waiting"]]
            lines = [ring_line(each, became[each.id], _held_until(session, each)) for each in fresh]
        self._printed &= {alert.id for alert in alerts}
        self._printed |= {alert.id for alert in fresh}
        return lines


def _held_until(session: Session, alert: Alert) -> datetime | None:
    """Tell when the first of those who are held is told."""
    held = (DeliveryStatus.held, DeliveryStatus.gathered)
    due = select(func.min(Delivery.due_at)).where(
        Delivery.alert_id == alert.id, col(Delivery.status).in_(held)
    )
    return session.exec(due).one()


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


def ring_line(alert: Alert, became: Mapping[str, int], held_until: datetime | None) -> str:
    """Write an alert with what became of it, and the seconds each step took until its first was told."""
    heading = f"[bold yellow]{_word(alert, became)}[/bold yellow]  [bold]{escape(alert.title)}[/bold]"
    steps = [step for step in reached(alert)[1:] if became["accepted"] or step.name not in TOLD]
    times = ", ".join(f"{step.name} +{step.took_s:.2f} s" for step in steps)
    return f"{heading}\n      {outcome_words(became, held_until)}: {times}"


def _word(alert: Alert, became: Mapping[str, int]) -> str:
    if alert.status == AlertStatus.stopped:
        return "STOPPED"
    if became["accepted"]:
        return "RING"
    return "HELD" if became["held"] else "SILENT"


def outcome_words(became: Mapping[str, int], held_until: datetime | None) -> str:
    """Say how many were told and what became of the others: "3 told, 2 held until 07:00 UTC"."""
    until = {"held": f" until {held_until:%H:%M} UTC"} if held_until else {}
    words = [f"{count} {SAID[outcome]}{until.get(outcome, '')}" for outcome, count in became.items() if count]
    return ", ".join(words) or "nobody to tell"
