"""Why an article rang, or why not, and for whom."""

from subscriptions.tracing.article import Trace, trace
from subscriptions.tracing.find import find_articles
from subscriptions.tracing.step import Step

__all__ = ["Step", "Trace", "find_articles", "trace"]
