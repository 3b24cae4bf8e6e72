"""What a first start finds: topics and sources a general newsroom can begin with."""

import tomllib
from importlib.resources import files
from typing import Any

from sqlmodel import Session, select

from subscriptions.sources import add_source
from subscriptions.tables import Source, Topic
from subscriptions.topics import add_topic


def install_starter(session: Session) -> tuple[int, int]:
    """Fill an empty database; tell how many topics and sources were added (none where some were before)."""
    if any(session.exec(select(table.id).limit(1)).first() for table in (Topic, Source)):
        return 0, 0
    topics, sources = read("topics.toml")["topic"], read("sources.toml")["source"]
    for topic in topics:
        add_topic(session, topic["slug"], " ".join(topic["query"].split()), name=topic["name"])
    for source in sources:
        add_source(session, **source)
    return len(topics), len(sources)


def read(name: str) -> dict[str, Any]:
    """Read one of the starter files."""
    return tomllib.loads((files(__name__) / name).read_text(encoding="utf-8"))
