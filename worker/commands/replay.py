"""`tocsin replay`: topics tried on an archive."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from subscriptions.wording import counted
from worker.commands.output import progress, say, show_json_line, show_table

if TYPE_CHECKING:
    from worker.archive import ArchivedArticle, ArchivedTopic
    from worker.replay import Outcome

LOOK_EVERY = 200  # articles between two moves of the bar


def replay(
    articles: Annotated[
        Path,
        typer.Argument(metavar="ARTICLES.jsonl", help="Articles in order; `-` is stdin.", allow_dash=True),
    ],
    *,
    topics: Annotated[Path, typer.Option(metavar="TOPICS.jsonl", help='Lines like {"id", "query"}.')],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line an article.")] = False,
) -> None:
    """Try topics on an archive: what would have rung, and why, or why not.

    An article is a line {"id", "title", "summary"?, "body"?, "url"?, "source"?, "language"?, "published",
    "tags"?, "urgency"?}; `.gz` is read too. The clock follows "published". Nothing is stored or sent, and no
    database is needed. A line that is wrong ends it with exit code 2.
    """
    from subscriptions.settings import settings
    from worker.archive import opened, read_topics
    from worker.replay import replay as run

    with opened(topics) as lines:
        tried = read_topics(lines, str(topics))
    window = timedelta(hours=settings().story_window_hours)
    with _articles(articles) as read:
        outcomes = run(read, tried, window)
        if as_json:
            for outcome in outcomes:
                show_json_line(_document(outcome))
        else:
            _for_people(outcomes, tried)


@contextmanager
def _articles(path: Path) -> "Iterator[Iterator[ArchivedArticle]]":
    """Open the archive behind a bar that shows how far into the file we are."""
    from worker.archive import opened, read_articles

    size = path.stat().st_size if path.is_file() else None
    with opened(path) as lines, progress("Replaying", size) as bar:

        def read() -> "Iterator[ArchivedArticle]":
            for number, article in enumerate(read_articles(lines, str(path))):
                if size and number % LOOK_EVERY == 0:
                    bar.update(bar.task_ids[0], completed=_place(lines))
                yield article

        yield read()


def _place(lines: Any) -> int:
    packed = getattr(lines, "fileobj", None) or lines
    return int(packed.tell())


def _document(outcome: "Outcome") -> dict[str, Any]:
    return {
        "id": outcome.article.id,
        "story": outcome.story,
        "urgency": outcome.urgency,
        "topics": [{"id": topic, "matched": list(words)} for topic, words in outcome.topics.items()],
        "rings": outcome.rings,
        "why": outcome.why,
    }


def _for_people(outcomes: "Iterator[Outcome]", topics: "list[ArchivedTopic]") -> None:
    total: Counter[str] = Counter()
    matched: Counter[Any] = Counter()
    rang: Counter[Any] = Counter()
    for outcome in outcomes:
        total.update(articles=1, stories=outcome.story == outcome.article.id, rings=outcome.rings)
        matched.update(outcome.topics.keys())
        rang.update(outcome.rings_for)
        if outcome.topics:
            say(_line(outcome))
    show_table([{"topic": one.id, "articles": matched[one.id], "rings": rang[one.id]} for one in topics])
    told = f"{counted(total['articles'], 'article')} read, {counted(total['rings'], 'ring')}"
    say(f"{told}; stories: {total['stories']}.")


def _line(outcome: "Outcome") -> str:
    published = outcome.article.published
    when = f"{published:%Y-%m-%d %H:%M}" if published else ""
    words = "; ".join(f"{topic}: {', '.join(found)}" for topic, found in outcome.topics.items())
    mark = "RING  " if outcome.rings else "silent"
    reason = "" if outcome.rings else f" ({outcome.why})"
    return f"{mark} {when}  {outcome.article.text.title} [{words}]{reason}"
