"""Sending a page's form as a person does: open the page, fill in, press the button."""

import re
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response


def send(browser: TestClient, page: str, *, act: str = "", **fields: Any) -> Response:
    """Open `page` and send its form, to `act` where that is not the page's own address."""
    token = re.search(r'name="form_token" value="([^"]+)"', browser.get(page).text)
    hidden = {"form_token": token[1]} if token else {}
    return browser.post(act or page, data=hidden | fields)
