"""What is being done, for who waits."""

import sys
import time

_BEGAN = time.monotonic()


def say(what: str) -> None:
    """Tell on standard error, with the seconds since the start."""
    print(f"{time.monotonic() - _BEGAN:>5.0f} s  {what}", file=sys.stderr, flush=True)
