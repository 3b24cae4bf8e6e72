"""Which articles a person means by a number, a link, a trace or an alert."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from subscriptions.alerts import find_alert
from subscriptions.errors import Missing
from subscriptions.links import canonical_link
from subscriptions.tables import Article

NUMBER = re.compile(r"\d{1,18}")  # what a 64-bit id can be
MOST = 10  # articles that share one link: the same page in several feeds
WAYS = "a number, `alert:3`, an article's link or the trace of a log line"


def find_articles(session: Session, ref: str) -> Sequence[Article]:
    """Find what `ref` names: "12" or "article:12", "alert:3", a link, or a trace.

    One page read from several sources is several articles. Raises Missing when there is none.
    """
    kind, _, number = ref.partition(":")
    if kind == "alert" and NUMBER.fullmatch(number):
        found = [session.get_one(Article, find_alert(session, int(number)).article_id)]
    elif NUMBER.fullmatch(ref) or (kind == "article" and NUMBER.fullmatch(number)):
        found = [article for article in [session.get(Article, int(number or ref))] if article]
    elif "://" in ref:
        found = _by_link(session, ref)
    else:
        found = list(session.exec(select(Article).where(Article.trace == ref).limit(MOST)))
    if not found:
        raise Missing(f"There is no article {ref!r}: name it by {WAYS}.")
    return found


def _by_link(session: Session, link: str) -> list[Article]:
    # Links are stored as publishers wrote them: those with the same path are compared by one spelling.
    path = urlsplit(link).path.rstrip("/")
    like = select(Article).where(col(Article.link).contains(path, autoescape=True))
    rows = session.exec(like.order_by(col(Article.id).desc()).execution_options(yield_per=200))
    spelt = canonical_link(link)
    found = [row for row in rows if row.link == link or (spelt and canonical_link(row.link) == spelt)]
    return found[:MOST]
