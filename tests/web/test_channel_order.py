"""How a channel rings beside its person's others once it is confirmed, and how its owner has it otherwise."""

import re

import pytest
from fastapi.testclient import TestClient

from subscriptions import clock
from subscriptions.channel_order import Place, place_of, placed
from subscriptions.channels import add_channel, read_address
from subscriptions.database import reading, unit_of_work
from subscriptions.keys import signer
from subscriptions.own_channels import add_own_channel, code_of, own_channels
from subscriptions.tables import Channel
from tests.builders import a_subscriber

ANN = "ann@reader.example"


@pytest.fixture
def ntfy(browser: TestClient) -> Channel:
    """The channel that Ann, whose alerts come by mail and who is signed in, has just added."""
    with unit_of_work() as session:
        ann = a_subscriber(session, name="ann")
        mail = add_channel(session, ann, ANN)
        added = add_own_channel(session, ann, read_address("ntfys://ntfy.example/ann-news"))
        added.asked_at = clock.now()
    browser.get(f"/me/enter/{signer('enter').dumps(mail.id)}")
    return added


def ring(channel: Channel) -> list[str]:
    """Name the kinds of channels that an alert goes to first."""
    with reading() as session:
        live = [each for each in own_channels(session, channel.subscriber_id) if each.status == "live"]
    return sorted(each.scheme for each in live if each.rank == live[0].rank)


def press(browser: TestClient, channel: Channel, path: str, **fields: str) -> str:
    token = re.search(r'name="form_token" value="([^"]+)"', browser.get("/me/channels").text)
    assert token is not None
    data = {"form_token": token[1], **fields}
    return browser.post(f"/me/channels/{channel.id}/{path}", data=data).text


def test_a_confirmed_channel_rings_at_once_and_its_owner_chooses_how(
    browser: TestClient, ntfy: Channel
) -> None:
    assert ring(ntfy) == ["email"]
    with reading() as session:
        code = code_of(session.get_one(Channel, ntfy.id))
    page = press(browser, ntfy, "code", code=code)
    assert "Alerts ring here now, and on your other channels as before." in page
    assert 'value="first"' in page
    assert 'value="last"' in page
    assert ring(ntfy) == ["email", "ntfys"]
    assert "Alerts ring here first" in press(browser, ntfy, "place", place="first")
    assert ring(ntfy) == ["ntfys"]
    press(browser, ntfy, "place", place="last")
    assert ring(ntfy) == ["email"]
    press(browser, ntfy, "place", place="beside")
    assert ring(ntfy) == ["email", "ntfys"]
    assert "What stands together rings together." in browser.get("/me/channels").text


def test_who_confirms_by_the_link_is_told_how_it_rings_and_chooses_without_signing_in(
    browser: TestClient, ntfy: Channel
) -> None:
    browser.cookies.clear()
    link = f"/me/channels/confirm/{signer('own channel').dumps([ntfy.id, ntfy.digest[:16]])}"
    browser.post(link, data={"place": "first"})
    assert ring(ntfy) == ["email"], "first it is confirmed"
    page = browser.post(link).text
    assert "Alerts ring here now, and on your other channels as before." in page
    assert ANN not in page
    assert "Alerts ring here first" in browser.post(link, data={"place": "first"}).text
    assert ring(ntfy) == ["ntfys"]
    assert "only if none of your channels before" in browser.post(link, data={"place": "last"}).text
    assert ring(ntfy) == ["email"]


@pytest.mark.parametrize(
    ("ranks", "place", "after"),
    [
        ([[1], [2]], Place.first, [[2], [1]]),
        ([[1], [2]], Place.beside, [[1, 2]]),
        ([[1, 2]], Place.last, [[1], [2]]),
        ([[3], [1], [2]], Place.beside, [[3], [1, 2]]),
        ([[2]], Place.last, [[2]]),
    ],
)
def test_a_channel_is_placed_beside_those_that_ring(
    ranks: list[list[int]], place: Place, after: list[list[int]]
) -> None:
    live = {1, 2}  # 3 waits for its owner's word
    assert placed(ranks, live, 2, place) == after
    assert place_of(after, live, 2) == (None if after == [[2]] else place)
