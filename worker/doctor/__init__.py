"""What is wrong with an installation, in words, with the way out."""

from collections.abc import Iterator

from subscriptions.errors import Mistake
from worker.doctor.finding import Finding, Verdict, fault

__all__ = ["Finding", "Verdict", "checks"]


def checks() -> Iterator[Finding]:
    """Look at everything, the most basic first; each look is short."""
    from subscriptions.broker import broker_url
    from subscriptions.settings import settings

    try:
        settings()
        broker_url()
    except Mistake as mistake:
        yield fault("settings", str(mistake))
        return
    from worker.doctor.broker import broker
    from worker.doctor.machine import machine
    from worker.doctor.rows import rows

    for look in (machine, rows, broker):
        try:
            yield from look()
        except Mistake as mistake:
            yield fault(look.__name__, str(mistake))
        except OSError as error:
            yield fault(look.__name__, f"{error.filename}: {error.strerror}. Set that right.")
