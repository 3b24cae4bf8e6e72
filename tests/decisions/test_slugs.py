"""Slugs tell names apart that differ by a sign at their end only."""

import pytest

from subscriptions.names import slug


@pytest.mark.parametrize(
    ("name", "made"),
    [("C++", "c-plus-plus"), ("C#", "c-sharp"), ("C", "c"), ("#metoo", "metoo"), ("A+B", "a-b")],
)
def test_signs_at_the_end_of_a_name_are_part_of_its_slug(name: str, made: str) -> None:
    assert slug(name) == made
