"""The web app as a browser sees it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from subscriptions.database import unit_of_work
from subscriptions.web import practice, push_api, topic
from subscriptions.web.app import make_app
from subscriptions.web.sign_in import make_link
from subscriptions.web.turnstile import Turnstile


@pytest.fixture
def browser(db: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A browser nobody is signed in with."""
    monkeypatch.setattr(practice, "newsroom", practice.Newsroom())
    monkeypatch.setattr(topic, "turnstile", Turnstile(topic.ASKS, topic.ASKS_WITHIN))
    monkeypatch.setattr(topic, "asked_before", Turnstile(1, timedelta(days=1)))
    monkeypatch.setattr(push_api, "turnstile", Turnstile(push_api.ASKS, push_api.ASKS_WITHIN))
    with TestClient(make_app(), base_url="http://127.0.0.1:8000") as client:
        yield client


@pytest.fixture
def desk(browser: TestClient) -> TestClient:
    """A browser signed in to the desk."""
    with unit_of_work() as session:
        link = make_link(session)
    browser.post("/desk/sign-in", data={"token": link.rpartition("=")[2]})
    return browser
