"""What the index costs besides the time for an article, with the most topics of a run."""

from tests.benchmarks.goal import Goal
from tests.benchmarks.matching import worker
from tests.benchmarks.matching.data import Data
from tests.benchmarks.matching.ours import Ours
from tests.benchmarks.matching.progress import say
from tests.benchmarks.matching.table import Table

_PACED = 100_000  # topics
_PROCESSES = 2


def tell_costs(table: Table, data: Data, ours: Ours) -> None:
    """Add everything to the table."""
    topics = max(ours.laid_out_s)
    say(f"{topics:,} topics: what they cost a process")
    _files(table, ours, topics)
    _memory(table, data, ours, topics)
    _edit(table, ours, topics)
    if _PACED in ours.laid_out_s:
        say(f"{_PACED:,} topics: {_PROCESSES} processes at once")
        _pace(table, data, ours)


def _files(table: Table, ours: Ours, topics: int) -> None:
    built = round(ours.laid_out_s[topics], 1)
    opened = round(ours.in_process(topics, worker.opening_ms), 1)
    each = round(ours.in_process(topics, worker.bytes_in_files) / topics, 1)
    goals = [
        Goal("s to lay them out", built, most=25),
        Goal("ms to open them", opened, most=50),
        Goal("bytes a query", each, most=60),
    ]
    figures = {"topics": topics, "s to lay out": built, "ms to open": opened, "bytes a query": each}
    table.tell("files", figures, goals)


def _memory(table: Table, data: Data, ours: Ours, topics: int) -> None:
    figures = ours.in_process(topics, worker.memory_mb, data)
    own = round(figures["RssAnon after 500 articles"] - figures["RssAnon before"], 1)
    goal = Goal("MB of a process's own that the index takes", own, most=20)
    table.tell("MB of a process's own", {"topics": topics, **figures}, [goal])


def _edit(table: Table, ours: Ours, topics: int) -> None:
    live = round(ours.in_process(topics, worker.edit_s), 3)
    table.tell(
        "edit",
        {"topics": topics, "s until another matcher knows": live},
        [Goal("s to be live", live, most=1)],
    )


def _pace(table: Table, data: Data, ours: Ours) -> None:
    pace = round(ours.in_process(_PACED, worker.articles_a_minute, data, _PROCESSES))
    goal = Goal(f"articles a minute by {_PROCESSES} processes", pace, least=300_000)
    table.tell("pace", {"topics": _PACED, "processes": _PROCESSES, "articles a minute": pace}, [goal])
