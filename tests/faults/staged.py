"""`python -m tests.faults.staged ARGUMENTS`: `tocsin` with a clock and a name service that a test sets.

Both are files in the folder TOCSIN_STAGE: `clock` holds the seconds the clock is ahead, and while `no-names`
is there no name is found.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp.resolver import DefaultResolver

from subscriptions import clock
from worker.cli import main

STAGE = Path(os.environ["TOCSIN_STAGE"])


def now() -> datetime:
    """Tell the test's time."""
    step = STAGE / "clock"
    return datetime.now(UTC) + timedelta(seconds=float(step.read_text()) if step.exists() else 0)


Resolver: Any = DefaultResolver
_look_up = Resolver.resolve


async def resolve(resolver: Any, host: str, *arguments: Any, **more: Any) -> Any:
    """Look a name up, as long as there is a name service."""
    if (STAGE / "no-names").exists():
        raise OSError(-3, "Temporary failure in name resolution")
    return await _look_up(resolver, host, *arguments, **more)


if __name__ == "__main__":
    clock.now = now
    Resolver.resolve = resolve
    main()
