"""`tocsin trace`: why it rang, or why not."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.commands.output import Json, say, show_json, show_table

if TYPE_CHECKING:
    from subscriptions.tracing import Trace


def trace(
    ref: Annotated[
        str,
        typer.Argument(
            metavar="ARTICLE|ALERT",
            help="An article's number, link or trace (as in log lines), or `alert:3`.",
        ),
    ],
    *,
    subscriber: Annotated[
        str | None, typer.Option(help="Their name, number or address: was it for them, and did they get it?")
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell step by step why an article rang, or why not; a link read from several sources tells each."""
    from subscriptions.subscribers import find_subscriber
    from subscriptions.tracing import find_articles
    from subscriptions.tracing import trace as follow
    from worker.commands.session import looking

    with looking() as session:
        person = find_subscriber(session, subscriber) if subscriber is not None else None
        traces = [follow(session, article, person) for article in find_articles(session, ref)]
    if as_json:
        show_json([_document(one) for one in traces])
        return
    for one in traces:
        _show(one)


def _show(one: "Trace") -> None:
    article = one.article
    say(f"Article {article.id}, {'it rang' if one.rang else 'it did not ring'}: {article.title}")
    say(f"{article.link} (trace {article.trace})")
    show_table(
        [
            {
                "step": step.where,
                "at (UTC)": f"{step.at:%Y-%m-%d %H:%M:%S}" if step.at else "",
                "what happened": step.says,
            }
            for step in one.steps
        ]
    )


def _document(one: "Trace") -> dict[str, Any]:
    article = one.article
    return {
        "article": article.id,
        "title": article.title,
        "link": article.link,
        "source": one.source.title or one.source.url,
        "trace": article.trace,
        "rang": one.rang,
        "steps": [{"step": step.where, "says": step.says, "at": step.at} | step.facts for step in one.steps],
    }
