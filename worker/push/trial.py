"""A test message to one channel, by the very code that sends alerts."""

from subscriptions.settings import settings
from subscriptions.tables import Channel
from worker.push.compose import Message
from worker.push.recipients import Recipient, parts_of
from worker.push.transport import send
from worker.push.wire import wire


def send_test(channel: Channel) -> None:
    """Send a test; raises what any send does: TryLater, AddressGone, Refused, Unknown, and Mistake."""
    message = Message(
        title="A test from Tocsin",
        text="If you read this, alerts reach you here.",
        link=settings().site,
        note="Tocsin",
        thread="test",
    )
    recipient = Recipient(channel, ())
    wire().run(send(parts_of(channel), message, enters_private=recipient.enters_private))
