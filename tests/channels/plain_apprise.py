"""One message through Apprise as it is; as a command, to each scheme named, with a line of JSON about each.

The command is a process of its own, in which the seam was never installed.
"""

import sys
from typing import Any

import apprise

from subscriptions.channel_kinds import plugin_class
from subscriptions.settings import settings
from tests.channels.message import MESSAGE, seam_is_installed
from tests.channels.sent import sent_by
from worker.push.room import room_of
from worker.push.writing import written


def send_plainly(parts: dict[str, Any]) -> bool:
    """Send through Apprise; says whether it went right."""
    # Our name and picture, and no waiting between two requests: settings of Apprise, not the seam's doing.
    ours: dict[str, Any] = {"app_id": "Tocsin", "app_desc": "Tocsin", "app_url": settings().site}
    asset = apprise.AppriseAsset(
        **ours, image_url_mask="", image_url_logo="", async_mode=False, storage_mode="memory"
    )
    plugin = plugin_class(parts["schema"])(**parts, asset=asset)
    plugin.throttle = lambda *_, **__: None
    bell = apprise.Apprise(asset=asset)
    bell.add(plugin)
    room = room_of(parts["schema"], plugin, parts.get("format"))
    title, body = written(MESSAGE, room)
    return bool(bell.notify(title=title, body=body, body_format=room.form))


if __name__ == "__main__":
    for sent in sent_by(send_plainly, sys.argv[1:]):
        sys.stdout.write(sent.write() + "\n")
    if seam_is_installed():
        sys.exit("The seam was installed in the process that sends without it: compare with plain Apprise.")
