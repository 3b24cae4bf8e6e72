"""One message through the seam."""

from dataclasses import replace
from typing import Any

from subscriptions.leave_links import PLACE
from tests.channels.message import LEAVE, MESSAGE, SITE
from worker.errors import SendError
from worker.push.transport import send
from worker.push.wire import wire


def send_by_seam(parts: dict[str, Any]) -> bool:
    """Send through the seam; says whether it went right."""
    try:
        message = replace(MESSAGE, leave=f"{SITE}{PLACE}")
        wire().run(send(parts, message, leave=LEAVE, enters_private=True))
    except SendError:
        return False
    return True
