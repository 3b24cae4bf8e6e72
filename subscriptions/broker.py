"""Where the broker is, and how we hold a connection to it."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any

from subscriptions.errors import Mistake
from subscriptions.settings import settings

KINDS = ("redis://", "rediss://", "redis+socket://")
SOCKET_PATH_LIMIT = 100  # sun_path holds 108 bytes on Linux, 104 on macOS

CONNECTION: dict[str, Any] = {
    "task_publish_retry": False,  # the database remembers; a request must not hang on the broker
    "broker_connection_timeout": 4,
    "broker_transport_options": {
        "visibility_timeout": 60,  # the default hour would keep a dead worker's tasks that long
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,  # together 5 s instead of 100 s
        "socket_timeout": 10,
        "socket_connect_timeout": 4,
    },
}


def socket_path() -> Path:
    """Tell the embedded Valkey's socket: in the data folder, or in a private one where that path is long."""
    path = (settings().data_dir / "valkey" / "valkey.sock").absolute()
    if len(os.fsencode(path)) < SOCKET_PATH_LIMIT:
        return path
    short = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"tocsin-{os.getuid()}-{short}" / "valkey.sock"


def broker_url() -> str:
    """Tell the broker's URL: the settings' own, else the embedded Valkey's socket.

    Raises Mistake where the settings name something else than Redis or Valkey.
    """
    given = settings().broker_url
    if given and not given.startswith(KINDS):
        raise Mistake(
            "TOCSIN_BROKER_URL is no address of a Redis or Valkey: write it like redis://HOST:6379/0."
        )
    return given or f"redis+socket://{socket_path()}"
