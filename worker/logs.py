"""Logs as events with fields; `trace` follows one article from its fetch to the last delivery."""

import logging
import sys
import traceback

import structlog
from structlog.typing import Processor

from subscriptions.settings import settings

# They tell addresses and keys; what a far end answered is in our own events.
MUTE = ("apprise", "oauthlib", "requests_oauthlib")
QUIET = ("aiohttp", "celery.beat", "celery.worker.strategy", "kombu", "urllib3")


def configure() -> None:
    """Send our events and the libraries' records to stderr in one shape: JSON, or text on a terminal."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last()],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings().log_level.upper())
    for name in QUIET:  # they tell addresses and bodies, or each task twice
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in MUTE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def failure(error: BaseException) -> dict[str, str]:
    """Give what may be logged of an error in a send: what kind, and where; its words may name the address."""
    return {"error": type(error).__name__, "where": "".join(traceback.format_tb(error.__traceback__))}


def _last() -> list[Processor]:
    if settings().log_format == "text" or (settings().log_format == "auto" and sys.stderr.isatty()):
        # Plain tracebacks: the others show what variables hold, secrets among it.
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
