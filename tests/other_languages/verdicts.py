"""What comes of one row of another language's tests."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from subscriptions.queries import ArticleText, Query, QueryError, analyse, match, parse_query
from tests.corpus import CORPUS

Row = dict[str, Any]
FOLDER = CORPUS / "queries"


class OtherLanguage(Exception):  # noqa: N818 - a reason, not an error
    """Why a row asks for something our language does not say."""


@dataclass(frozen=True)
class Verdict:
    """A row, what is true of it there and here; or why it cannot be compared."""

    row: object
    theirs: object = None
    ours: object = None
    reason: str = ""

    @property
    def agrees(self) -> bool:
        """Whether both say the same of it."""
        return not self.reason and self.theirs == self.ours


def rows(name: str) -> Iterator[Row]:
    """Read a collection."""
    with (FOLDER / name).open() as lines:
        yield from map(json.loads, lines)


def judged(
    all_rows: Iterable[Row], judge: Callable[[Row], tuple[object, object]], listed: Callable[[Row], str]
) -> Iterator[Verdict]:
    """Judge each row by what `judge` says is true of it there and here, where that is not `listed`."""
    for row in all_rows:
        reason = listed(row)
        try:
            yield Verdict(row, reason=reason) if reason else Verdict(row, *judge(row))
        except OtherLanguage as other:
            yield Verdict(row, reason=str(other))


def accepted(text: str) -> Query | None:
    """Parse a query that may be none."""
    try:
        return parse_query(text)
    except QueryError:
        return None


def rings(query: Query, text: str) -> bool:
    """Whether a query answers a text; a word stands by so that a query may only exclude."""
    return match(query, analyse(ArticleText("everywhere", body=text, language="en"))) is not None


def table(verdicts: Iterable[Verdict]) -> tuple[int, int, Counter[str]]:
    """Count who agrees, who disagrees without a reason, and the rest by its reasons."""
    found = list(verdicts)
    agreed = sum(verdict.agrees for verdict in found)
    reasons = Counter(verdict.reason for verdict in found if verdict.reason)
    return agreed, len(found) - agreed - reasons.total(), reasons
