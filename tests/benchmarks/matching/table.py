"""The table for people, and the same as JSON lines."""

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.goal import Goal
from tests.benchmarks.matching.measured import Measured

NAIVE, OURS, POSTGRESQL, LUCENE = "one by one", "our index", "PostgreSQL", "Lucene Monitor"
PLAIN = "ours, without compiled steps"
_FROM, _TO = 1_000, 100_000  # queries, between which growth is told
_TIMES_OURS = {(100_000, LUCENE): 15, (100_000, POSTGRESQL): 60, (1_000_000, LUCENE): 40}
_HEADING = f"{'queries':>9}  {'peer':<29}{'ms an article':>14}{'x ours':>9}{'articles':>10}{'matches':>9}"


class Table:
    """Prints rows as they come, and keeps them in a file."""

    def __init__(self, kept: Path) -> None:
        self._kept = kept.open("w")
        self._rows: list[Measured] = []
        self._goals: list[Goal] = []
        print(f"{_HEADING}  each the best of three rounds; all found the same", flush=True)

    def add(self, rows: Sequence[Measured]) -> None:
        """Add what all peers did with one number of queries."""
        ours = next((row.timed.ms for row in rows if row.peer == OURS), math.nan)
        for row in rows:
            self._rows.append(row)
            self._add(row, row.timed.ms / ours)

    def _add(self, row: Measured, times: float) -> None:
        found, milliseconds = row.timed.found, row.timed.ms
        articles, matches = len(found), sum(map(len, found)) / len(found)
        figures = f"{milliseconds:>14.3f}{times:>9.1f}{articles:>10,}{matches:>9.1f}"
        print(f"{row.queries:>9,}  {row.peer:<29}{figures}  {row.note}", flush=True)
        measured = {"peer": row.peer, "queries": row.queries, "ms_per_article": round(milliseconds, 4)}
        ratio = {} if math.isnan(times) else {"times_ours": round(times, 2)}
        self._keep(
            "match", measured | ratio | {"articles": articles, "matches_per_article": round(matches, 2)}
        )
        if least := _TIMES_OURS.get((row.queries, row.peer)):
            self._goals.append(Goal(f"x {row.peer} at {row.queries:,}", round(times, 1), least=least))

    def grown(self) -> None:
        """Add how the time grows with the queries: the exponent of a power law."""
        by_peer = {(row.peer, row.queries): row.timed.ms for row in self._rows}
        for peer in (OURS, POSTGRESQL, LUCENE):
            if (peer, _FROM) not in by_peer or (peer, _TO) not in by_peer:
                continue
            growth = math.log(by_peer[peer, _TO] / by_peer[peer, _FROM]) / math.log(_TO / _FROM)
            goals = [Goal("growth exponent", round(growth, 3), most=0.2)] if peer == OURS else []
            self.tell(f"growth of {peer} from {_FROM:,} to {_TO:,}", {"exponent": round(growth, 3)}, goals)

    def tell(self, what: str, figures: dict[str, Any], goals: Iterable[Goal] = ()) -> None:
        """Add figures that stand for themselves."""
        print(f"{what}: {', '.join(f'{name} {figure:,}' for name, figure in figures.items())}", flush=True)
        self._keep(what, figures)
        self._goals += goals

    def judge(self) -> None:
        """Tell which goals are met."""
        for goal in self._goals:
            print(goal)
            self._keep("goal", {"goal": goal.what, "figure": goal.figure, "met": goal.met})

    def _keep(self, row: str, values: dict[str, Any]) -> None:
        self._kept.write(json.dumps({"row": row, **values}) + "\n")
        self._kept.flush()
