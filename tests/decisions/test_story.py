"""Which story an article belongs to, and how urgent it is."""

from datetime import timedelta

import pytest

from subscriptions.links import canonical_link
from tests.builders import NOON
from worker.understand.cluster import Joins, KnownStory, Opens, normal_headline, story_keys, which_story
from worker.understand.urgency import how_urgent

WINDOW = timedelta(hours=48)


@pytest.mark.parametrize(
    ("link", "spelt"),
    [
        ("http://www.News.example:80/a/?utm_source=rss&id=7#top", "https://news.example/a?id=7"),
        ("https://news.example/a?id=7", "https://news.example/a?id=7"),
        ("https://news.example:8443/a", "https://news.example:8443/a"),
        ("javascript:alert(1)", ""),
        ("//news.example/a", ""),
        ("https://[broken/a", ""),
        ("", ""),
    ],
)
def test_one_page_has_one_spelling(link: str, spelt: str) -> None:
    assert canonical_link(link) == spelt


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BREAKING: Harbour bridge closed after storm", "Harbour bridge closed after storm"),
        ("Harbour bridge closed after storm | Island Herald", "Harbour Bridge Closed After Storm"),
        ("Harbour bridge closed — after storm!", "harbour bridge closed after storm"),
        ("«Мост закрыт после шторма»", "Мост закрыт после шторма"),
        ("港で大きな火災が発生", "港で大きな火災が発生 "),
    ],
)
def test_headlines_that_say_the_same_are_the_same(one: str, other: str) -> None:
    assert normal_headline(one) == normal_headline(other) != ""


@pytest.mark.parametrize("title", ["Live updates", "In pictures", "Breaking: Watch", "速報", "", "…"])
def test_a_headline_that_says_nothing_is_no_key(title: str) -> None:
    assert normal_headline(title) == ""


def test_the_same_link_joins_before_the_same_headline() -> None:
    keys = story_keys("Harbour bridge closed after storm", "https://news.example/a")
    known = {str(keys[0]): KnownStory(1, NOON), str(keys[1]): KnownStory(2, NOON)}
    decision = which_story(keys, known, NOON, WINDOW)
    assert isinstance(decision, Joins)
    assert (decision.story_id, decision.method) == (1, "same_link")


@pytest.mark.parametrize(("hours", "joins"), [(47, Joins), (48, Joins), (49, Opens)])
def test_a_headline_joins_within_48_hours_only(hours: int, joins: type) -> None:
    keys = story_keys("Harbour bridge closed after storm", "")
    known = {str(keys[0]): KnownStory(1, NOON)}
    decision = which_story(keys, known, NOON + timedelta(hours=hours), WINDOW)
    assert isinstance(decision, joins)


def test_practice_and_real_never_share_a_story() -> None:
    practice = story_keys("Harbour bridge closed after storm", "https://news.example/a", practice=True)
    real = story_keys("Harbour bridge closed after storm", "https://news.example/a")
    assert not set(practice) & set(real)


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("FLASH: Harbour bridge falls", 1),
        ("Practice: FLASH: Harbour bridge falls", 1),
        ("BREAKING - Harbour bridge closed", 2),
        ("Breaking news | Harbour bridge closed", 2),
        ("【速報】港で火災", 2),
        ("עכשיו: סערה", 5),
        ("מבזק: סערה בנמל", 2),
        ("عاجل | عاصفة في الميناء", 2),
        ("Срочно: шторм в порту", 2),
        ("SON DAKİKA: limanda fırtına", 2),
        ("Breaking bad habits: a guide", 5),
        ("Harbour bridge closed", 5),
        ("Alert residents save a cat", 5),
    ],
)
def test_a_newsrooms_label_makes_a_headline_urgent(title: str, level: int) -> None:
    assert how_urgent(title).level == level


def test_the_publishers_own_urgency_comes_first() -> None:
    assert how_urgent("FLASH: Harbour bridge falls", 6).level == 6
    assert how_urgent("FLASH: Harbour bridge falls", 0).level == 1
