"""One message through the seam."""

from typing import Any

from tests.channels.message import BODY, TITLE
from worker.errors import SendError
from worker.push.compose import Message
from worker.push.transport import send
from worker.push.wire import wire


def send_by_seam(parts: dict[str, Any]) -> bool:
    """Send through the seam; says whether it went right."""
    try:
        wire().run(send(parts, Message(TITLE, BODY), enters_private=True))
    except SendError:
        return False
    return True
