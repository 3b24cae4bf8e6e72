"""Pages speak their reader's language."""

import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize(
    ("path", "accepted", "html"),
    [
        ("/nothing-here", "he-IL,he;q=0.9", '<html lang="he" dir="rtl">'),
        ("/nothing-here", "pt", '<html lang="en" dir="ltr">'),
        ("/nothing-here?lang=ar", "de", '<html lang="ar" dir="rtl">'),
        ("/desk?lang=ar", "de", '<html lang="en" dir="ltr">'),
    ],
)
def test_a_page_is_in_the_language_its_reader_asks_for(
    browser: TestClient, path: str, accepted: str, html: str
) -> None:
    assert html in browser.get(path, headers={"Accept-Language": accepted}).text


def test_what_went_wrong_is_said_in_the_readers_language(browser: TestClient) -> None:
    answer = browser.get("/nothing-here", headers={"Accept-Language": "de"})
    assert answer.status_code == 404
    assert "Diese Seite gibt es hier nicht." in answer.text
