"""Clock and chance stand still while a block runs, so that the same message is the same bytes twice."""

import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, tzinfo
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

NOW = 1_800_000_000.0  # seconds since 1970: 15 January 2027
_TIME = time.time
PLUGINS = "apprise.plugins."
ED25519 = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
X25519 = X25519PrivateKey.from_private_bytes(b"\x07" * 32)


class StillDatetime(datetime):
    """A datetime whose now is always the same."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "StillDatetime":
        """Give the moment the clock stands at."""
        return cls.fromtimestamp(NOW, tz)


def _still_time() -> float:
    return NOW


def _no_chance(count: int) -> bytes:
    return b"\x07" * count  # a small first byte: a random number below a limit is found at once


@contextmanager
def stillness() -> Iterator[None]:
    """Stop the clock and chance for Apprise's plugins and for what they make messages with."""
    with ExitStack() as stack:
        for target, name, value in (
            (time, "time", _still_time),  # also email.utils
            (os, "urandom", _no_chance),  # also uuid, and the boundaries of forms
            (random, "_urandom", _no_chance),  # secrets
            (Ed25519PrivateKey, "generate", lambda: ED25519),  # matrix, for encrypted rooms
            (X25519PrivateKey, "generate", lambda: X25519),
        ):
            stack.enter_context(patch.object(target, name, value))
        for module in [found for name, found in sys.modules.items() if name.startswith(PLUGINS)]:
            for name, value in _moving(module):
                stack.enter_context(patch.object(module, name, value))
        random.seed(0)  # boundaries of mails
        yield


def _moving(module: Any) -> list[tuple[str, Any]]:
    """Find the clock under the names a module imported it by."""
    names = vars(module).items()
    times = [(name, _still_time) for name, value in names if value is _TIME]
    return times + [(name, StillDatetime) for name, value in names if value is datetime]
