"""An archive run through the same understanding and matching code, in memory: nothing stored, nothing sent.

The clock follows each article's `published`. It is how an admin tries topics on an archive.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from subscriptions.links import article_link
from subscriptions.queries import analyse, find_matching
from worker.archive import ArchivedArticle, ArchivedTopic, Id
from worker.match.ring import Ring, should_ring
from worker.understand import cluster
from worker.understand.urgency import how_urgent

# Two keys an article: some 250,000 articles within one story window, more than all of a large agency's.
MOST_KEYS = 500_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the chain would have done with one article; `story` is the id of its story's first article."""

    article: ArchivedArticle
    story: Id
    urgency: int  # the story's by then; IPTC: 1 highest, 5 normal, 8 lowest
    topics: dict[Id, tuple[str, ...]]  # each topic it speaks of, with the words that matched
    rings_for: tuple[Id, ...]
    why: str

    @property
    def rings(self) -> bool:
        """Tell whether it would have rung for anybody."""
        return bool(self.rings_for)


@dataclass(slots=True)
class _Story:
    """A story as far as it has been told."""

    number: int
    first: Id
    urgency: int
    first_seen_at: datetime
    rung: set[int] = field(default_factory=set)


class Stories:
    """The stories known by now, by their keys; those whose keys came up longest ago are forgotten."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._known: OrderedDict[str, _Story] = OrderedDict()
        self._count = 0

    def place(self, article: ArchivedArticle, seen_at: datetime) -> _Story:
        """Give an article its story, and remember what the story is known by."""
        keys = cluster.story_keys(article.text.title, article_link(article.text.url))
        urgency = how_urgent(article.text.title, article.text.urgency).level
        entries = {str(key): self._known[str(key)] for key in keys if str(key) in self._known}
        known = {key: cluster.KnownStory(story.number, story.first_seen_at) for key, story in entries.items()}
        decision = cluster.which_story(keys, known, seen_at, self._window)
        if isinstance(decision, cluster.Joins):
            story = next(story for story in entries.values() if story.number == decision.story_id)
            story.urgency = min(story.urgency, urgency)
        else:
            self._count += 1
            story = _Story(self._count, article.id, urgency, seen_at)
        self._remember(map(str, keys), story)
        return story

    def _remember(self, keys: Iterable[str], story: _Story) -> None:
        for key in keys:
            before = self._known.get(key)
            if before is None or story.first_seen_at >= before.first_seen_at:
                self._known[key] = story
            self._known.move_to_end(key)
        while len(self._known) > MOST_KEYS:
            self._known.popitem(last=False)


def replay(
    articles: Iterable[ArchivedArticle], topics: Sequence[ArchivedTopic], window: timedelta
) -> Iterator[Outcome]:
    """Run articles in their order past the topics; `window` is how long articles can join a story."""
    queries = {number: topic.query for number, topic in enumerate(topics)}
    stems = {query.stem for query in queries.values()}
    stories = Stories(window)
    for article in articles:
        assert article.published is not None  # noqa: S101 - the reader refuses an article without it
        story = stories.place(article, article.published)
        matched = find_matching(queries, analyse(article.text, stems=stems))
        decision = should_ring({number: str(topics[number].id) for number in matched}, story.rung)
        fresh = decision.topics if isinstance(decision, Ring) else ()
        story.rung.update(fresh)
        words = {topics[number].id: found.display for number, found in matched.items()}
        rings_for = tuple(topics[number].id for number in fresh)
        yield Outcome(article, story.first, story.urgency, words, rings_for, decision.why)
