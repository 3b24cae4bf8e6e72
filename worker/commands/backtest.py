"""`tocsin topics backtest`: what a query would have rung."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.commands.exits import NO
from worker.commands.output import Json, plain, say, show_bars, show_json, show_table

if TYPE_CHECKING:
    from rich.text import Text

    from subscriptions.backtesting import Backtest, Piece, Shown

DAYS = 30
SHOWN = 20
MINUTE = "%Y-%m-%d %H:%M"


def backtest(
    query_or_topic: Annotated[str, typer.Argument(metavar="QUERY", help="A query, or the slug of a topic.")],
    *,
    days: Annotated[int, typer.Option(help="How far to look back, at most 366.")] = DAYS,
    limit: Annotated[int, typer.Option(help="Stories shown, the newest, at most 200.")] = SHOWN,
    as_json: Json = False,
) -> None:
    """Show how many alerts a day a query would have rung, and for which stories, from the stored articles.

    A story rings once. Articles that stood there when their source was first read, came too late or are held
    do not ring, and are counted apart. Exit code 1 when no article matches.
    """
    from subscriptions import backtesting
    from worker.commands.asked import asked_query
    from worker.commands.session import looking

    query, practice = asked_query(query_or_topic)
    with looking() as session:
        tested = backtesting.backtest(session, query, days=days, shown=limit, practice=practice)
    if as_json:
        show_json(backtesting.document(tested))
    else:
        _show(tested)
    if not tested.alerts and not tested.silent_articles:
        raise typer.Exit(NO)


def _show(tested: "Backtest") -> None:
    from subscriptions import backtesting

    if tested.alerts:
        show_bars([(f"{each.day:%a %d %b}", each.alerts) for each in tested.per_day])
    for sentence in backtesting.sentences(tested):
        say(sentence)
    if tested.stories:
        show_table([_story(each) for each in tested.stories])
    if tested.silent and not tested.stories:
        show_table([_article(each) for each in tested.silent])


def _story(each: "Shown") -> dict[str, Any]:
    return {"seen (UTC)": f"{each.article.seen_at:{MINUTE}}"} | _told(each) | {"articles": each.articles}


def _article(each: "Shown") -> dict[str, Any]:
    return (
        {"seen (UTC)": f"{each.article.seen_at:{MINUTE}}"} | _told(each) | {"why silent": each.article.status}
    )


def _told(each: "Shown") -> dict[str, Any]:
    text = _marked(each.title)
    if each.excerpt:
        text.append("\n").append(_marked(each.excerpt))
    return {"article": each.article.id, "what it says": text, "words": each.matched.display}


def _marked(pieces: "Sequence[Piece]") -> "Text":
    from rich.text import Text

    parts = [
        (plain(piece.text).replace("\n", " "), "bold reverse" if piece.marked else "") for piece in pieces
    ]
    return Text.assemble(*parts)
