"""`tocsin topics test` takes queries that begin with what they exclude."""

import pytest

from tests.commands import tocsin

pytestmark = pytest.mark.usefixtures("db")


def test_a_query_may_begin_with_what_it_excludes() -> None:
    answer = tocsin("topics", "test", "-sport storm", "--text", "Storm at sea")
    assert "No such option" not in answer.err
    assert answer.code == 0, answer.err
