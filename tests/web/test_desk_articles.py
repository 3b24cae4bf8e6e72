"""The desk's box for articles."""

import pytest
from fastapi.testclient import TestClient

from subscriptions.database import unit_of_work
from tests.builders import an_article

pytestmark = pytest.mark.usefixtures("stopped_clock")


def test_an_article_is_found_by_words_of_its_headline(desk: TestClient) -> None:
    with unit_of_work() as session:
        first = an_article(session, title="Third regatta begins", link="https://news.example/1").id
        second = an_article(session, title="Regatta: the third is over", link="https://news.example/2").id
        an_article(session, title="Second regatta", link="https://news.example/3")
    page = desk.get("/desk/articles", params={"q": "Third regatta"})
    assert page.status_code == 200
    assert page.text.index(f"/desk/articles/{second}") < page.text.index(f"/desk/articles/{first}")
    assert "Second regatta" not in page.text
    assert desk.get("/desk/articles", params={"q": "no such words"}).status_code == 404
