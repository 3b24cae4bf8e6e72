"""One message through the seam."""

from typing import Any

from tests.channels.message import BODY, TITLE
from worker.errors import SendError
from worker.push.compose import Message
from worker.push.transport import send


def send_by_seam(parts: dict[str, Any]) -> bool:
    """Send through the seam; says whether it went right."""
    try:
        send(parts, Message(TITLE, BODY))
    except SendError:
        return False
    return True
