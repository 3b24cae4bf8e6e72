"""What every page has, and what no page takes."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from subscriptions.web.app import LARGEST_BODY
from subscriptions.web.guard import HEADERS


@pytest.mark.parametrize("path", ["/", "/nothing-here", "/desk", "/static/tocsin.css", "/healthz"])
def test_every_answer_keeps_other_sites_out(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_pages_are_not_kept_by_caches_and_the_stylesheet_may_be(browser: TestClient) -> None:
    assert browser.get("/").headers["Cache-Control"] == "no-store"
    assert "no-store" not in browser.get("/static/tocsin.css").headers.get("Cache-Control", "")


def test_a_page_that_is_not_there_says_so(browser: TestClient) -> None:
    answer = browser.get("/nothing-here")
    assert answer.status_code == 404
    assert "There is no such page here." in answer.text


@pytest.mark.usefixtures("browser")
def test_too_large_a_body_is_refused_whether_its_length_is_told_or_not(browser: TestClient) -> None:
    def in_parts() -> Iterator[bytes]:
        for _ in range(LARGEST_BODY // 1024 + 2):
            yield b"x" * 1024

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    told = browser.post("/desk/sign-in", content=b"token=" + b"x" * LARGEST_BODY, headers=form)
    untold = browser.post("/desk/sign-in", content=in_parts(), headers=form)
    assert (told.status_code, untold.status_code) == (413, 413)


def test_no_page_needs_a_script(browser: TestClient) -> None:
    assert "<script" not in browser.get("/").text
