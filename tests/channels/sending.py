"""The two ways to send that are compared: plain Apprise, and our seam."""

from typing import Any

import apprise
from apprise.manager_plugins import NotificationManager

from subscriptions.channels import read_address
from tests.channels.addresses import ADDRESSES
from worker.errors import SendError
from worker.push.compose import Message
from worker.push.transport import send

TITLE = "Ärztestreik: \"Wir hören auf\" & <mehr>"
BODY = "First line, plain.\nSecond line: 5 < 6 & 100 % — שלום, 你好 🔔"


def parts_for(scheme: str) -> dict[str, Any]:
    """Give the opened parts of the scheme's channel; nobody can trust the far end's certificate."""
    return {**read_address(ADDRESSES[scheme]).parts, "verify": False}


def send_plainly(parts: dict[str, Any]) -> bool:
    """Send through Apprise as it is; says whether it went right."""
    # The name and no waiting are settings of ours, not the seam's doing.
    asset = apprise.AppriseAsset(app_id="Tocsin", app_desc="Tocsin", async_mode=False, storage_mode="memory")
    plugin = NotificationManager()[parts["schema"]](**parts, asset=asset)
    plugin.throttle = lambda *_, **__: None
    bell = apprise.Apprise(asset=asset)
    bell.add(plugin)
    return bool(bell.notify(title=TITLE, body=BODY))


def send_by_seam(parts: dict[str, Any]) -> bool:
    """Send through the seam; says whether it went right."""
    try:
        send(parts, Message(TITLE, BODY))
    except SendError:
        return False
    return True
