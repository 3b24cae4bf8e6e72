"""What holds for channels whoever has them: how many tests, in which order they ring, where they may lead."""

import re

import pytest
from fastapi.testclient import TestClient

from subscriptions.channel_order import moved
from subscriptions.channels import add_channel, read_address
from subscriptions.database import unit_of_work
from subscriptions.keys import signer
from subscriptions.web.person import channels as pages
from subscriptions.web.turnstile import Turnstile
from tests.builders import a_subscriber


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turnstiles that nobody went through."""
    for name in ("by_person", "by_network", "by_place", "by_address"):
        monkeypatch.setattr(pages, name, Turnstile(getattr(pages, name)._most, pages.HOUR))


@pytest.mark.parametrize(
    ("ranks", "up", "after"),
    [
        ([[1], [2]], True, [[1, 2]]),
        ([[1, 2]], True, [[2], [1]]),
        ([[2], [1]], True, [[2], [1]]),
        ([[2], [1]], False, [[1, 2]]),
        ([[1, 2]], False, [[1], [2]]),
        ([[1], [2]], False, [[1], [2]]),
        ([[1, 3]], True, [[1, 3]]),
    ],
)
def test_a_channel_moves_one_step_at_a_time(
    ranks: list[list[int]], *, up: bool, after: list[list[int]]
) -> None:
    assert [sorted(rank) for rank in moved(ranks, 2, up=up)] == after


@pytest.mark.usefixtures("fresh")
def test_a_mail_provider_is_no_place_that_few_can_use_up() -> None:
    for number in range(pages.TO_ONE_PLACE + 1):
        assert pages.may_test(number, f"network {number}", "a…@mail.example", f"digest {number}")


@pytest.mark.usefixtures("fresh")
def test_nobody_uses_up_a_large_host_alone_neither_as_one_person_nor_as_many_of_one_network() -> None:
    place = "matrixs://matrix.example/…"

    def tests(persons: range, network: str) -> int:
        return sum(
            pages.may_test(person, network, place, f"room {number} of {person}")
            for person in persons
            for number in range(pages.TESTS * 2)
        )

    assert tests(range(1), "Ann's network") == pages.TESTS
    assert tests(range(1, 9), "a busy network") == pages.OF_ONE_NETWORK
    assert pages.may_test(10, "Bob's network", place, "Bob's room")


@pytest.mark.usefixtures("fresh")
def test_a_host_gets_no_end_of_tests_from_many_networks_either() -> None:
    allowed = [
        pages.may_test(number, f"network {number}", "ntfys://ntfy.example/…", f"topic {number}")
        for number in range(pages.TO_ONE_PLACE + 3)
    ]
    assert allowed == [True] * pages.TO_ONE_PLACE + [False] * 3


@pytest.mark.parametrize("text", ["ntfy://secrettopic", "ntfys://secrettopic"])
def test_a_topic_that_is_a_password_is_not_shown_as_a_host(text: str) -> None:
    assert "secret" not in read_address(text).label
    assert read_address("ntfys://ntfy.example/secrettopic").label == "ntfys://ntfy.example/…"


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(
    "server",
    ["http://192.168.1.20", "localhost:8080", "https://[::1]", "http://127.1", "http://nas.local", "nas"],
)
def test_a_private_address_is_refused_by_the_form_at_once(browser: TestClient, server: str) -> None:
    with unit_of_work() as session:
        first = add_channel(session, a_subscriber(session, name="ann"), "ann@reader.example")
    browser.get(f"/me/enter/{signer('enter').dumps(first.id)}")
    form = "/me/channels/add/ntfy"
    found = re.search(r'name="form_token" value="([^"]+)"', browser.get(form).text)
    assert found is not None
    typed = {"form_token": found[1], "way": "host", "topic": "ann-news"}
    page = browser.post(form, data={**typed, "server": server})
    assert page.status_code == 400
    assert "is this machine or in a private network: we reach servers on the internet only." in page.text
    assert 'aria-invalid="true"' in page.text
    page = browser.post(form, data={**typed, "server": "https://ntfy.example"})
    assert "a test alert is on its way" in page.text
