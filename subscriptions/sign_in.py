"""The link that signs a person in: who can read the mailbox is its owner, no password is needed.

Whoever types an address learns nothing by it: what is done and answered is the same for every address.
"""

from datetime import timedelta

from itsdangerous import BadSignature
from sqlalchemy import delete, update
from sqlmodel import Session, col, func, select

from subscriptions import clock
from subscriptions.channel_kinds import EMAIL
from subscriptions.keys import digests, sealer, signer
from subscriptions.sign_up import mail_address
from subscriptions.tables import Channel, ChannelStatus, SignIn

LINK_LASTS = timedelta(minutes=30)
MOST_ASKS = 3  # links to one address within an hour: nobody's mailbox is flooded
KEPT = timedelta(hours=1)


def ask_for_link(session: Session, address: str) -> SignIn | None:
    """Note that a link is wished for; give what the worker is to mail, None when there were too many.

    Raises Mistake for what is no mail address.
    """
    read = mail_address(address)
    now = clock.now()
    session.execute(delete(SignIn).where(col(SignIn.created_at) < now - KEPT))
    known = digests(read.spelling)
    asks = select(func.count()).select_from(SignIn).where(col(SignIn.digest).in_(known))
    if session.exec(asks).one() >= MOST_ASKS:
        return None
    asked = SignIn(
        digest=known[0],
        sealed=sealer().seal(read.spelling.encode()),
        due_at=now,
        created_at=now,
        expires_at=now + LINK_LASTS,
    )
    session.add(asked)
    session.flush()
    return asked


def whose(session: Session, asked: SignIn) -> Channel | None:
    """Find the channel that has the address somebody typed; none that its owner never confirmed."""
    known = digests(sealer().open(asked.sealed).decode())
    confirmed = select(Channel).where(
        col(Channel.digest).in_(known), Channel.scheme == EMAIL, Channel.status != ChannelStatus.waiting
    )
    return session.exec(confirmed.order_by(col(Channel.id))).first()


def sign_in_token(asked: SignIn) -> str:
    """Make the secret part of a link."""
    return str(signer("sign in").dumps(asked.id))


def is_valid(session: Session, token: str) -> bool:
    """Tell whether a link can still be used."""
    asked = session.get(SignIn, _number(token))
    usable = asked is not None and asked.used_at is None and asked.channel_id is not None
    return usable and asked is not None and asked.expires_at > clock.now()


def spend(session: Session, token: str) -> int | None:
    """Use a link up; give the number of the subscriber it is for, None where it cannot be used any more."""
    now = clock.now()
    unused = update(SignIn).where(
        col(SignIn.id) == _number(token), col(SignIn.used_at).is_(None), col(SignIn.expires_at) > now
    )
    spent = session.execute(unused.values(used_at=now).returning(col(SignIn.channel_id))).scalar()
    channel = session.get(Channel, spent) if spent is not None else None
    return channel.subscriber_id if channel else None


def _number(token: str) -> int:
    try:
        return int(signer("sign in").loads(token, max_age=int(LINK_LASTS.total_seconds())))
    except (BadSignature, ValueError, TypeError):
        return 0  # no row has it
