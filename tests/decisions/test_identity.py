"""Which article an item is."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from worker.watch.feed import Item
from worker.watch.identity import content_hash, looks_old, name_items, same_under_new_ids, turned_new


def an_item(guid: str = "", link: str = "", title: str = "Storm", **values: object) -> Item:
    return Item(id=guid, link=link, title=title, **values)  # type: ignore[arg-type]  # keywords of a test


def identities(*items: Item) -> list[str]:
    return [named.identity for named in name_items(items)]


def test_the_guid_names_an_item() -> None:
    assert identities(an_item("1", "http://n.example/a")) == ["guid:1"]


def test_without_guid_the_canonical_link_names_it() -> None:
    item = an_item(link="http://www.n.example/a/?utm_source=rss#top")
    assert identities(item) == ["link:https://n.example/a"]


def test_without_both_title_and_date_name_it() -> None:
    one, other = an_item(published=NOON), an_item(published=NOON + timedelta(days=1))
    assert len(set(identities(one, other))) == 2
    assert identities(an_item(published=NOON)) == identities(one)


def test_a_guid_that_different_items_share_names_none_of_them() -> None:
    items = [an_item("tag", f"http://n.example/{number}", f"Title {number}") for number in range(3)]
    assert identities(*items) == [f"link:https://n.example/{number}" for number in range(3)]


def test_a_link_that_different_items_share_names_none_of_them() -> None:
    one, other = an_item("", "http://n.example/live", "One"), an_item("", "http://n.example/live", "Other")
    assert all(identity.startswith("title:") for identity in identities(one, other))
    assert {named.link_key for named in name_items([one, other])} == {""}


def test_the_front_page_of_a_site_is_no_article() -> None:
    (named,) = name_items([an_item("1", "http://n.example/")])
    assert named.link_key == ""


def test_an_item_listed_twice_counts_once() -> None:
    item = an_item("1", "http://n.example/a")
    assert identities(item, item) == ["guid:1"]


def test_an_item_without_guid_link_and_title_is_left_out() -> None:
    assert identities(an_item(title="")) == []


def test_a_bumped_date_is_no_new_version_and_a_changed_word_is() -> None:
    item = an_item("1", summary="The harbour is closed.", published=NOON)
    bumped = an_item("1", summary="The harbour is closed.", published=NOON + timedelta(hours=1))
    edited = an_item("1", summary="The harbour is open.", published=NOON)
    assert content_hash(item) == content_hash(bumped) != content_hash(edited)


def test_words_do_not_move_between_fields_unseen() -> None:
    assert content_hash(an_item(title="a", summary="b")) != content_hash(an_item(title="ab", summary=""))


def test_ten_and_most_of_a_document_new_at_once_is_suspicious() -> None:
    assert turned_new(10, 16)
    assert not turned_new(9, 9), "a small feed turns over"
    assert not turned_new(10, 20), "half of it new is a busy hour"


def test_known_titles_under_new_ids_are_the_same_articles_when_most_are_known() -> None:
    assert same_under_new_ids(11, 20)
    assert not same_under_new_ids(1, 20), "a column with one headline every day"


def test_items_not_newer_than_what_was_known_look_old() -> None:
    old = [an_item(str(number), published=NOON - timedelta(hours=1)) for number in range(6)]
    new = [an_item(str(number), published=NOON + timedelta(hours=1)) for number in range(4)]
    assert looks_old(old + new, NOON)
    assert not looks_old(new + old[:3], NOON)
    assert looks_old([an_item("1")], None), "without a date nobody knows"


texts = st.sampled_from(["", "1", "2", "tag:a", "http://n.example/a", "http://n.example/b?x=1"])


@given(st.lists(st.builds(Item, id=texts, link=texts, title=texts), max_size=8))
def test_no_two_items_of_a_document_have_one_identity(items: list[Item]) -> None:
    named = name_items(items)
    assert len({each.identity for each in named}) == len(named)
    links = [each.link_key for each in named if each.link_key]
    assert len(set(links)) == len(links)
