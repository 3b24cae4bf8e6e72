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

NOW = 1_800_000_000.0  # seconds since 1970: 15 January 2027
PLUGINS = "apprise.plugins."


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
        ):
            stack.enter_context(patch.object(target, name, value))
        for module in [found for name, found in sys.modules.items() if name.startswith(PLUGINS)]:
            for name, value in _moving(module):
                stack.enter_context(patch.object(module, name, value))
        random.seed(0)  # boundaries of mails
        yield


_TIME = time.time


def _moving(module: Any) -> list[tuple[str, Any]]:
    still = {_TIME: _still_time, datetime: StillDatetime}
    return [
        (name, still[value])
        for name, value in vars(module).items()
        if isinstance(value, (type(_TIME), type)) and value in still
    ]
