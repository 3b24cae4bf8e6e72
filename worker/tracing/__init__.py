"""Why an article rang, or why not, and for whom."""

from worker.tracing.article import Trace, trace
from worker.tracing.find import find_articles
from worker.tracing.step import Step

__all__ = ["Step", "Trace", "find_articles", "trace"]
