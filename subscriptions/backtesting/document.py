"""A backtest for programs."""

from datetime import datetime
from typing import Any

from subscriptions.backtesting.backtest import Backtest, Shown
from subscriptions.backtesting.marking import Piece


def document(tested: Backtest) -> dict[str, Any]:
    """Give a backtest as the JSON document that the command prints and the API answers."""
    return {
        "query": tested.query,
        "days": tested.days,
        "since": _iso(tested.since),
        "until": _iso(tested.until),
        "articles": tested.articles,
        "alerts": tested.alerts,
        "alerts_a_day": round(tested.alerts_a_day, 2),
        "silent_articles": tested.silent_articles,
        "looked_at_all": not tested.is_cut,
        "per_day": [
            {"day": each.day.isoformat(), "alerts": each.alerts, "silent": each.silent}
            for each in tested.per_day
        ],
        "stories": [
            {"story": each.story_id, "articles": each.articles} | _article(each) for each in tested.stories
        ],
        "silent": [_article(each) | {"why": each.article.status} for each in tested.silent],
    }


def _article(each: Shown) -> dict[str, Any]:
    return {
        "article": each.article.id,
        "title": "".join(piece.text for piece in each.title),
        "link": each.article.link,
        "source": each.source,
        "seen_at": _iso(each.article.seen_at),
        "words": list(each.matched.display),
        "marked": {"title": _pieces(each.title), "excerpt": _pieces(each.excerpt)},
        "places": [
            {"field": word.field, "start": word.start, "end": word.end, "text": word.text}
            for word in each.matched.words
        ],
    }


def _pieces(pieces: list[Piece]) -> list[list[str | bool]]:
    return [[piece.text, piece.marked] for piece in pieces]


def _iso(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")
