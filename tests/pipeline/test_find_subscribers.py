"""A reader who phones in says an address, not a number."""

import pytest

from subscriptions.channels import add_channel
from subscriptions.database import unit_of_work
from subscriptions.errors import Mistake
from subscriptions.subscribers import find_subscriber
from tests.builders import a_subscriber

pytestmark = pytest.mark.usefixtures("db", "stopped_clock")


def test_a_subscriber_is_found_by_the_address_of_a_channel() -> None:
    with unit_of_work() as session:
        ann = a_subscriber(session, name="reader-1")
        add_channel(session, ann, "ann@news.example")
        assert find_subscriber(session, "ann@news.example").id == ann.id
        with pytest.raises(Mistake, match="No subscriber has a channel with that address"):
            find_subscriber(session, "bob@news.example")
