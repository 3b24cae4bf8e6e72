"""What the tests of the pipeline share."""

import pytest

from subscriptions import database
from subscriptions.tables import Topic
from tests.builders import a_topic


@pytest.fixture
def topic(db: str) -> Topic:
    """A topic to follow."""
    with database.unit_of_work() as session:
        return a_topic(session, name="Harbour")
