"""A newsroom, and a news site of another origin that shows its box."""

import html
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from subscriptions.database import unit_of_work
from subscriptions.settings import settings
from subscriptions.tables import Topic
from subscriptions.web import push_api
from subscriptions.web.app import make_app
from subscriptions.web.turnstile import Turnstile
from tests.builders import a_topic
from tests.feed_server import FeedServer, feed_server
from tests.firefox import until
from tests.npm import installed
from tests.postgres import free_port

PROGRAM = shutil.which("chromium")
PHONE = {"width": 360, "height": 740}


@dataclass(frozen=True)
class NewsSite:
    """A site on http://localhost:A, whose pages show the box of a newsroom on http://127.0.0.1:B."""

    server: FeedServer
    newsroom: str
    topic: Topic

    @property
    def origin(self) -> str:
        """The site's own origin."""
        return self.server.url("").replace("127.0.0.1", "localhost")

    def page(self, path: str, *, lang: str = "en", style: str = "", **data: str) -> str:
        """Publish a page with the box and a policy as strict as docs/box.md says; give its address."""
        attributes = " ".join(f'data-{name}="{html.escape(value)}"' for name, value in data.items())
        policy = (
            f"default-src 'none'; style-src 'self'; script-src {self.newsroom}; "
            f"connect-src {self.newsroom}; worker-src 'self'"
        )
        direction = "rtl" if lang in ("he", "ar") else "ltr"
        self.server.serve(
            path,
            f"""<!doctype html>
<html lang="{lang}" dir="{direction}"><head><meta charset="utf-8"><title>Island Herald</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/site.css"></head>
<body><main><h1>Island Herald</h1>
<script src="{self.newsroom}/box.js" {attributes} async></script>
<noscript><a href="{self.newsroom}/topics/{self.topic.slug}">Never miss breaking news on Israel</a></noscript>
</main></body></html>""".encode(),
            content_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": policy},
        )
        self.server.serve("/site.css", style.encode(), content_type="text/css")
        return f"{self.origin}{path}"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A running Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """What looks for whatever keeps people from using a page."""
    if shutil.which("npm") is None:
        pytest.skip("axe-core comes by npm: apt install npm")
    script = installed(Path(__file__).parents[1] / "axe") / "axe-core" / "axe.min.js"
    return script.read_text()


@pytest.fixture
def news_site(db: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[NewsSite]:
    """A newsroom with the topic Israel, and the site."""
    port = free_port()
    newsroom = f"http://127.0.0.1:{port}"
    with feed_server() as server:
        monkeypatch.setenv("TOCSIN_PUBLIC_URL", newsroom)
        monkeypatch.setenv("TOCSIN_SITES", server.url("").replace("127.0.0.1", "localhost"))
        monkeypatch.setenv("TOCSIN_MAIL_URL", "mailto://localhost:1?from=alerts@news.example")
        monkeypatch.setenv("TOCSIN_PRIVATE_ADDRESSES", "true")
        monkeypatch.setenv("TOCSIN_PRACTICE", "false")
        monkeypatch.setattr(push_api, "turnstile", Turnstile(push_api.ASKS, push_api.ASKS_WITHIN))
        settings.cache_clear()
        with unit_of_work() as session:
            topic = a_topic(session, "Israel", slug="israel", name="Israel")
        worker = f'importScripts("{newsroom}/sw.js");'.encode()
        server.serve("/tocsin-sw.js", worker, content_type="text/javascript")
        with _running(port):
            yield NewsSite(server, newsroom, topic)


@pytest.fixture
def open_browser(chromium: Browser, news_site: NewsSite) -> Iterator[Any]:
    """Opens browsers nobody has used, on a phone unless said otherwise, which know the newsroom's address."""
    opened: list[BrowserContext] = []

    def new(**how: Any) -> Page:
        context = chromium.new_context(**{"base_url": news_site.newsroom, "viewport": PHONE} | how)
        context.set_default_timeout(20_000)
        opened.append(context)
        return context.new_page()

    yield new
    for context in opened:
        context.close()


@contextmanager
def _running(port: int) -> Iterator[None]:
    """Serve the web app on a port of loopback."""
    server = uvicorn.Server(
        uvicorn.Config(make_app(), host="127.0.0.1", port=port, log_config=None, ws="none")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until(lambda: server.started, "the web app is up")
        yield
    finally:
        server.should_exit = True
        thread.join(10)
