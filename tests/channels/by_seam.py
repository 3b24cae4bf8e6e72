"""One message through the seam."""

from typing import Any

from subscriptions.leave_links import PLACE
from tests.channels.message import MESSAGE
from worker.errors import SendError
from worker.push.transport import send
from worker.push.wire import wire


def send_by_seam(parts: dict[str, Any]) -> bool:
    """Send through the seam; says whether it went right."""
    try:
        wire().run(send(parts, MESSAGE, leave=PLACE, enters_private=True))
    except SendError:
        return False
    return True
