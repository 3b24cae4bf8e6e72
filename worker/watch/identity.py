"""Which article an item is: known, changed or new. Pure."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from subscriptions.links import article_link
from worker.watch.feed import Item

MANY, MOST = 10, 0.6  # items that turn new at once, and their share of the document
LONGEST_KEY = 500  # characters; PostgreSQL's indexes take 2,704 bytes, a letter up to four


@dataclass(frozen=True, slots=True)
class Named:
    """An item with its identity, and the canonical link it is also known by ("" for none of its own)."""

    item: Item
    identity: str
    link_key: str


def name_items(items: Sequence[Item]) -> list[Named]:
    """Give each item of a document its identity: guid, else canonical link, else title and date.

    A guid or link that different items of the document share names none of them; an item listed
    twice counts once. Items without guid, link and title are left out.
    """
    distinct = _distinct(items)
    guids, links = Counter(item.id for item in distinct), Counter(_link_key(item) for item in distinct)
    named: dict[str, Named] = {}
    for item in distinct:
        link_key = _link_key(item)
        own_link = link_key if links[link_key] == 1 else ""
        identity = _identity(item, own_guid=guids[item.id] == 1, own_link=own_link)
        if identity:
            named.setdefault(identity, Named(item, identity, own_link))
    return list(named.values())


def _distinct(items: Iterable[Item]) -> list[Item]:
    seen: dict[tuple[str, ...], Item] = {}
    for item in items:
        seen.setdefault(_listing(item), item)
    return list(seen.values())


def _listing(item: Item) -> tuple[str, ...]:
    """Give what is the same where one item is listed again: guid and link, else one of them and the title."""
    if item.id and item.link:
        return item.id, _link_key(item)
    if item.id or item.link:
        return item.id or item.link, item.title
    return "", item.title, item.published.isoformat() if item.published else ""


def _identity(item: Item, *, own_guid: bool, own_link: str) -> str:
    if item.id and own_guid:
        return f"guid:{_short(item.id)}"
    if own_link:
        return f"link:{own_link}"
    if item.title:
        day = item.published.isoformat() if item.published else ""
        return f"title:{_digest(item.title, day)}"
    return ""


def _link_key(item: Item) -> str:
    return _short(article_link(item.link))


def _short(key: str) -> str:
    """Give a key as it is, or a digest of one too long for an index."""
    return key if len(key) <= LONGEST_KEY else f"digest:{_digest(key)}"


def recognise(
    named: Sequence[Named], by_identity: Mapping[str, int], by_link: Mapping[str, int]
) -> dict[str, int]:
    """Tell which known article each item is, as article ids by the items' identities.

    An article is one item's only. Its identity goes before its link: where an item has moved and
    another one stands at its old link, the other one is new.
    """
    found = {each.identity: by_identity[each.identity] for each in named if each.identity in by_identity}
    taken = set(found.values())
    for each in named:
        article = by_link.get(each.link_key) if each.link_key else None
        if each.identity not in found and article is not None and article not in taken:
            found[each.identity] = article
            taken.add(article)
    return found


def identity_sum(identity: str) -> int:
    """Shorten an identity to 64 bits, by which a forgotten article is known again."""
    digest = hashlib.blake2b(identity.encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def content_hash(item: Item) -> str:
    """Digest what a reader reads: a change of it is a new version, a bumped date is not."""
    return _digest(item.title, item.summary, item.body)


def _digest(*texts: str) -> str:
    return hashlib.blake2b("\x1f".join(texts).encode(), digest_size=16).hexdigest()


def turned_new(new: int, listed: int) -> bool:
    """Say whether so many of a known source's items are new at once that its identities may have changed."""
    return new >= MANY and new > MOST * listed


def same_under_new_ids(known_titles: int, new: int) -> bool:
    """Say whether new items with known titles are the same articles under new ids.

    Most of the new must be such: columns that bear one headline every day are few.
    """
    return 2 * known_titles > new


def looks_old(items: Sequence[Item], newest_known: datetime | None) -> bool:
    """Say whether most of the items are no news: without a date, or not newer than what was known."""
    fresh: Callable[[Item], bool] = lambda item: (  # noqa: E731 - one condition with a name
        item.published is not None and (newest_known is None or item.published > newest_known)
    )
    return sum(not fresh(item) for item in items) > len(items) / 2
