"""Which alerts belong together: those of one article are sisters, those of its story's others updates."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from subscriptions.tables import Alert, AlertKind, AlertStatus

REACHED = (AlertStatus.queued, AlertStatus.ringing, AlertStatus.rung, AlertStatus.stopped)


def sisters(session: Session, alert: Alert) -> Sequence[Alert]:
    """List the other alerts of an alert's article in its story that were let ring."""
    return [each for each in _of_article(session, alert) if each.id != alert.id and each.status in REACHED]


def corrected(session: Session, follow_up: Alert) -> Sequence[Alert]:
    """List what a follow-up follows up, oldest first: the alerts of its article from before it."""
    if follow_up.corrects is None:
        return []
    before = [each for each in _of_article(session, follow_up) if (each.id or 0) < (follow_up.id or 0)]
    return [each for each in before if each.status in REACHED]


def follow_up(session: Session, alert: Alert) -> Alert | None:
    """Find the alert that corrects or withdraws an alert, by itself or as the sister of another."""
    return follow_ups(session, [alert]).get(alert.id or 0)


def follow_ups(session: Session, alerts: Iterable[Alert]) -> dict[int, Alert]:
    """Find the alert that follows up each of some alerts, where there is one."""
    told = [alert for alert in alerts if alert.status in REACHED]
    articles = {alert.article_id for alert in told}
    wanted = select(Alert).where(col(Alert.article_id).in_(articles), Alert.kind != AlertKind.alert)
    later = session.exec(wanted.order_by(col(Alert.id))).all() if articles else []
    found: dict[int, Alert] = {}
    for alert in told:
        key, number = (alert.article_id, alert.story_id), alert.id or 0
        of_it = (each for each in later if (each.article_id, each.story_id) == key)
        if following := next((each for each in of_it if (each.id or 0) > number), None):
            found[number] = following
    return found


def updates(session: Session, alert: Alert) -> Sequence[Alert]:
    """List the alerts of other articles of an alert's story that stand as they were told."""
    others = select(Alert).where(
        Alert.story_id == alert.story_id,
        Alert.article_id != alert.article_id,
        Alert.kind != AlertKind.kill,
        col(Alert.status).in_(REACHED),
    )
    found = session.exec(others.order_by(col(Alert.id))).all()
    return [each for each in found if follow_up(session, each) is None]


def proposals(session: Session, alert: Alert) -> Sequence[Alert]:
    """List what an alert's story still proposes."""
    wanted = select(Alert).where(Alert.story_id == alert.story_id, Alert.status == AlertStatus.proposed)
    return session.exec(wanted.order_by(col(Alert.id))).all()


def withdrawal(session: Session, story_id: int) -> Alert | None:
    """Find the first alert by which an admin withdrew an alert of a story."""
    kills = select(Alert).where(Alert.story_id == story_id, Alert.kind == AlertKind.kill)
    return session.exec(kills.order_by(col(Alert.id)).limit(1)).first()


def is_withdrawn(session: Session, story_id: int) -> bool:
    """Say whether an admin has withdrawn an alert of a story."""
    return withdrawal(session, story_id) is not None


def _of_article(session: Session, alert: Alert) -> Sequence[Alert]:
    wanted = select(Alert).where(Alert.article_id == alert.article_id, Alert.story_id == alert.story_id)
    return session.exec(wanted.order_by(col(Alert.id))).all()
