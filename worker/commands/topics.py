"""`tocsin topics`: what people can follow."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from subscriptions.wording import counted
from worker.commands.exits import NO
from worker.commands.output import Json, Yes, say, show, show_json, show_table, sure

if TYPE_CHECKING:
    from sqlmodel import Session

    from subscriptions.queries import ArticleText, Query

app = typer.Typer(no_args_is_help=True, help="What people can follow: queries under a name.")

STORED = 100  # articles a test looks at where nothing is said

Ref = Annotated[str, typer.Argument(metavar="TOPIC", help="Its slug, number or name.")]
QueryText = Annotated[str, typer.Argument(metavar="QUERY", help="What an article must say.")]
Name = Annotated[str | None, typer.Option(help="What readers see.")]


@app.command()
def add(
    slug: Annotated[str, typer.Argument(help="Its short name in links and commands, as in `storms`.")],
    query: QueryText,
    *,
    name: Name = None,
    after_approval: Annotated[
        bool, typer.Option("--after-approval", help="Its alerts wait until an admin approves them.")
    ] = False,
    draft: Annotated[bool, typer.Option("--draft", help="Match nothing until it is resumed.")] = False,
) -> None:
    """Add a topic; it matches articles seen from now on."""
    from subscriptions.tables import Rings, TopicStatus
    from subscriptions.topics import add_topic
    from worker.commands.session import writing

    with writing() as session:
        topic = add_topic(
            session,
            slug,
            query,
            name=name or "",
            rings=Rings.after_approval if after_approval else Rings.by_itself,
            status=TopicStatus.draft if draft else TopicStatus.live,
        )
    say(f"Added topic {topic.slug}, {topic.status}. Follow it: `tocsin subscribe SUBSCRIBER {topic.slug}`.")


@app.command("list")
def list_topics(*, as_json: Json = False) -> None:
    """List the topics, and how many follow each."""
    from subscriptions.topics import all_topics
    from worker.commands.session import looking

    with looking() as session:
        followers = _followers(session)
        rows = [
            {
                "id": topic.id,
                "slug": topic.slug,
                "name": topic.name,
                "status": topic.status,
                "rings": topic.rings if as_json else topic.rings.replace("_", " "),
                "followers": followers.get(topic.id or 0, 0),
                "query": topic.query,
            }
            | ({"practice": topic.practice, "updated_at": topic.updated_at} if as_json else {})
            for topic in all_topics(session)
        ]
    show(rows, as_json=as_json, empty="There is no topic yet: `tocsin topics add SLUG QUERY`.")


def _followers(session: "Session") -> dict[int, int]:
    from sqlmodel import col, func, select

    from subscriptions.tables import Subscription

    counted = select(Subscription.topic_id, func.count()).group_by(col(Subscription.topic_id))
    return dict(session.exec(counted).all())


@app.command()
def edit(
    ref: Ref,
    *,
    name: Name = None,
    query: Annotated[str | None, typer.Option(help="What an article must say from now on.")] = None,
    after_approval: Annotated[
        bool | None, typer.Option("--after-approval/--by-itself", help="Who decides that it rings.")
    ] = None,
) -> None:
    """Change a topic; what is not given stays as it is."""
    from subscriptions.errors import Mistake
    from subscriptions.tables import Rings
    from subscriptions.topics import edit_topic, find_topic
    from worker.commands.session import writing

    if name is None and query is None and after_approval is None:
        raise Mistake("Nothing to change: give --name, --query, --after-approval or --by-itself.")
    rings = {None: None, True: Rings.after_approval, False: Rings.by_itself}[after_approval]
    with writing() as session:
        topic = find_topic(session, ref)
        edit_topic(session, topic, name=name, query=query, rings=rings)
    say(f"Changed topic {topic.slug}.")


@app.command()
def pause(ref: Ref) -> None:
    """Let a topic match nothing until it is resumed; its subscriptions stay."""
    from subscriptions.topics import find_topic, pause_topic
    from worker.commands.session import writing

    with writing() as session:
        topic = find_topic(session, ref)
        pause_topic(session, topic)
    say(f"Paused topic {topic.slug}.")


@app.command()
def resume(ref: Ref) -> None:
    """Make a paused topic or a draft live."""
    from subscriptions.topics import find_topic, resume_topic
    from worker.commands.session import writing

    with writing() as session:
        topic = find_topic(session, ref)
        resume_topic(session, topic)
    say(f"Topic {topic.slug} is live.")


@app.command()
def remove(ref: Ref, *, yes: Yes = False) -> None:
    """Take a topic off the list and end its subscriptions."""
    from subscriptions.topics import find_topic, remove_topic
    from worker.commands.session import looking, writing

    with looking() as session:
        topic = find_topic(session, ref)
        count = _followers(session).get(topic.id or 0, 0)
    sure(f"Remove the topic {topic.slug} and its {counted(count, 'subscription')}?", yes=yes)
    with writing() as session:
        remove_topic(session, find_topic(session, str(topic.id)))
    say(f"Removed topic {topic.slug}.")


# A query may begin with what it excludes: -sport storm.
@app.command("test", context_settings={"ignore_unknown_options": True})
def try_out(
    query_or_topic: Annotated[str, typer.Argument(help="A query, or the slug of a topic.")],
    articles: Annotated[
        Path | None, typer.Argument(help="Articles as JSON lines, as for `tocsin replay`.", allow_dash=True)
    ] = None,
    *,
    text: Annotated[str | None, typer.Option(help="Try it on this headline or text.")] = None,
    stored: Annotated[int, typer.Option(min=1, help="Try it on the last N stored articles.")] = STORED,
    every: Annotated[bool, typer.Option("--every", help="Show the others too, with why.")] = False,
    as_json: Json = False,
) -> None:
    """Show which articles a query matches, by which words, and why not the others.

    Exit code 1 when none matches.
    """
    from subscriptions.errors import Mistake
    from worker.commands.asked import asked_query

    if text is not None and articles is not None:
        raise Mistake("Give either --text or a file of articles, not both.")
    query, _ = asked_query(query_or_topic)
    rows = list(_tried(query, _candidates(articles, text, stored)))
    matching = sum(row["matches"] for row in rows)
    if as_json:
        show_json(rows)
    else:
        shown = [_for_people(row) for row in rows if row["matches"] or every or text is not None]
        if shown:
            show_table(shown)
        say(f"{matching} of {counted(len(rows), 'article')} match.")
    if not matching:
        raise typer.Exit(NO)


def _candidates(
    articles: Path | None, text: str | None, stored: int
) -> Iterator[tuple[str | int, "ArticleText"]]:
    from subscriptions.queries import ArticleText
    from worker.archive import opened, read_articles

    if text is not None:
        yield 1, ArticleText(title=text)
    elif articles is not None:
        with opened(articles) as lines:
            for article in read_articles(lines, str(articles), dated=False):
                yield article.id, article.text
    else:
        yield from _stored(stored)


def _stored(count: int) -> "list[tuple[str | int, ArticleText]]":
    from subscriptions.articles import article_text, latest_articles
    from worker.commands.session import looking

    with looking() as session:
        rows = latest_articles(session, count)
    return [(article.id or 0, article_text(article, source)) for article, source in rows]


def _tried(query: "Query", articles: "Iterable[tuple[str | int, ArticleText]]") -> Iterator[dict[str, Any]]:
    from subscriptions.queries import analyse, explain, match

    for key, article in articles:
        analysed = analyse(article)
        matched = match(query, analysed)
        yield {
            "id": key,
            "title": article.title,
            "matches": matched is not None,
            "words": list(matched.display) if matched else [],
            "why": "" if matched else explain(query, analysed),
        }


def _for_people(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "article": row["id"],
        "title": row["title"],
        "matches": row["matches"],
        "words, or why not": row["words"] or row["why"],
    }
