"""Push endpoints as stored channels."""

import pytest
from sqlmodel import Session

from subscriptions import database
from subscriptions.channels import add_channel, find_channel, read_address
from subscriptions.errors import Mistake
from subscriptions.keys import sealer
from subscriptions.push_endpoints import push_address
from subscriptions.settings import settings
from subscriptions.tables import Channel, Subscriber
from tests.browser_keys import Subscribed
from tests.builders import a_subscriber

ENDPOINT = "https://push.example/send/planted"


def stored(session: Session, browser: Subscribed) -> tuple[Subscriber, Channel]:
    subscriber = a_subscriber(session)
    return subscriber, add_channel(session, subscriber, push_address(browser.to_json()))


def test_a_browsers_push_endpoint_is_kept_sealed(db: str) -> None:
    with database.unit_of_work() as session:
        _, channel = stored(session, Subscribed(ENDPOINT))
        shown = channel.model_dump()
        assert sealer().open(shown.pop("sealed")).decode().count("planted") == 1
        assert "planted" not in str(shown)
        assert (channel.scheme, channel.label) == ("webpush", "webpush://push.example/…")


def test_a_browser_that_comes_back_with_other_keys_is_known_by_its_endpoint(db: str) -> None:
    with database.unit_of_work() as session:
        subscriber, channel = stored(session, Subscribed(ENDPOINT))
        again = push_address(Subscribed(ENDPOINT).to_json())
        assert find_channel(session, subscriber, read_address(again)) == channel
        with pytest.raises(Mistake, match="has that channel already"):
            add_channel(session, subscriber, again)


def test_channels_may_lead_into_private_networks_only_in_rehearsals(
    db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.unit_of_work() as session:
        assert not stored(session, Subscribed(ENDPOINT))[1].private
    monkeypatch.setenv("TOCSIN_PRIVATE_ADDRESSES", "true")
    settings.cache_clear()
    with database.unit_of_work() as session:
        assert stored(session, Subscribed(ENDPOINT))[1].private
