"""A test message to one channel, by the very code that sends alerts."""

from subscriptions.leave_links import leave_path
from subscriptions.settings import settings
from subscriptions.tables import Channel
from worker.push.compose import compose_test
from worker.push.recipients import leave_page, parts_of, recipient_of
from worker.push.transport import send
from worker.push.wire import wire


def send_test(channel: Channel) -> None:
    """Send a test; raises what any send does: TryLater, AddressGone, Refused, Unknown, and Mistake."""
    recipient = recipient_of(channel)
    message, leave = compose_test(settings().site, leave=leave_page(recipient)), leave_path(channel.id or 0)
    private = recipient.enters_private
    wire().run(send(parts_of(recipient), message, leave=leave, enters_private=private))
