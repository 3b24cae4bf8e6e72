"""The practice newsroom's rows: a source, topics and a subscriber that only meet each other."""

from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from subscriptions import clock
from subscriptions.channels import add_channel
from subscriptions.keys import signer
from subscriptions.sources import add_source
from subscriptions.subscribers import add_subscriber, subscribe
from subscriptions.tables import Channel, ChannelStatus, Source, SourceStatus, Subscriber, move
from subscriptions.topics import add_topic

SUBSCRIBER = "practice subscriber"
TOPICS = {
    "practice-harbour": ("Practice: the harbour", "harbour OR lighthouse OR נמל"),
    "practice-storm": ("Practice: storms", "storm* OR flood*"),
}
INTERVAL_S = 2


def install_practice(session: Session, site: str) -> None:
    """Set the practice newsroom up, or point it to where the web app listens now (`site`)."""
    subscriber = session.exec(select(Subscriber).where(Subscriber.name == SUBSCRIBER)).first()
    if subscriber is None:
        subscriber = add_subscriber(session, SUBSCRIBER, practice=True)
        for slug, (name, query) in TOPICS.items():
            subscribe(session, subscriber, add_topic(session, slug, query, name=name, practice=True))
    _point_source(session, f"{site}/practice/feed.xml")
    _point_channel(session, subscriber, site)


def silence_practice(session: Session) -> None:
    """Turn the practice newsroom off: nothing of it is polled or rings."""
    ids = [source.id for source in _sources(session) if source.id is not None]
    move(session, Source, ids, leave=SourceStatus.live, enter=SourceStatus.paused)


def _point_source(session: Session, url: str) -> None:
    sources = _sources(session)
    source = next(iter(sources), None) or add_source(
        session, url, title="Practice newsroom", interval_s=INTERVAL_S, practice=True
    )
    source.url, source.next_poll_at, source.claimed_until = url, clock.now(), None
    source.failures, source.problem = 0, ""
    session.flush()
    move(session, Source, [source.id or 0], leave=SourceStatus.paused, enter=SourceStatus.live)


def _point_channel(session: Session, subscriber: Subscriber, site: str) -> None:
    """Ring at the web app's bell, a webhook as any other."""
    place = urlsplit(site)
    bell = f"json://{place.netloc}/practice/bell/{signer('practice bell').dumps('practice')}"
    old = session.exec(select(Channel).where(Channel.subscriber_id == subscriber.id)).all()
    live = [channel.id for channel in old if channel.id is not None]
    move(
        session, Channel, live, leave=ChannelStatus.live, enter=ChannelStatus.retired, why="an earlier start"
    )
    add_channel(session, subscriber, bell, private=True)


def _sources(session: Session) -> list[Source]:
    return list(session.exec(select(Source).where(col(Source.practice)).order_by(col(Source.id))))
