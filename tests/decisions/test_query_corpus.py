"""Other search languages' own tests, where they mean what ours means; the rest is listed with the reason.

The folder TOCSIN_CORPUS holds them under queries/ (see its README for their origins and licences).
"""

import pytest

from tests.corpus import needs_corpus
from tests.other_languages.collections import COLLECTIONS
from tests.other_languages.verdicts import FOLDER, table

pytestmark = needs_corpus


@pytest.mark.parametrize("name", COLLECTIONS)
def test_each_row_of_another_languages_tests_agrees_or_is_listed_with_the_reason(name: str) -> None:
    read, least = COLLECTIONS[name]
    verdicts = list(read())
    assert [verdict for verdict in verdicts if not verdict.reason and not verdict.agrees] == []
    agreed, _, reasons = table(verdicts)
    assert agreed >= least, reasons


def test_all_collections_are_read() -> None:
    assert len(list(FOLDER.glob("*.jsonl")) + list(FOLDER.glob("*.txt"))) == len(COLLECTIONS) + 1
