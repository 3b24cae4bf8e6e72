"""Every document of the corpus is read as well as before, and none does harm."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.score_feeds import read_all
from tests.corpus import CORPUS, needs_corpus
from worker.watch.feed import Feed, NotAFeed
from worker.watch.wire import read_feed

pytestmark = [needs_corpus, pytest.mark.timeout(120)]

SCORER = CORPUS.parent / "score" / "feed_score.py"
FIELDS = 0.998  # of all fields that a suite or a publisher states; 99.87 % when this was written
ENTRIES = 0.97  # of the documents whose number of items is stated


@pytest.mark.skipif(not SCORER.exists(), reason="the corpus has no scorer beside it")
def test_the_fields_of_real_and_of_test_feeds_are_read_right(tmp_path: Path) -> None:
    output = tmp_path / "feeds.jsonl"
    output.write_text("".join(json.dumps(row) + "\n" for row in read_all(CORPUS)))
    scored = subprocess.run(
        [sys.executable, SCORER, CORPUS / "feeds" / "expected.jsonl", output, "--json"],
        check=True,
        capture_output=True,
    )
    suites = json.loads(scored.stdout).values()
    right, stated = (sum(suite.get(key, 0) for suite in suites) for key in ("f_ok", "f"))
    assert stated > 10_000
    assert right / stated >= FIELDS
    counted, items = (sum(suite.get(key, 0) for suite in suites) for key in ("n_ok", "n"))
    assert counted / items >= ENTRIES


def documents() -> list[Path]:
    files = sorted(path for path in (CORPUS / "hostile").rglob("*") if path.is_file())
    return [path for path in files if path.suffix not in (".jsonl", ".json", ".md")]


def read_or_refuse(path: Path) -> Feed | str:
    try:
        return read_feed(path.read_bytes(), url="http://news.example/feed")
    except NotAFeed as problem:
        return str(problem)


def test_hostile_documents_are_read_or_refused_in_a_sentence() -> None:
    assert len(documents()) > 50
    for path in documents():
        read = read_or_refuse(path)
        if isinstance(read, str):
            assert read.endswith("."), path
            assert "\n" not in read, path
            continue
        for item in read.items:
            assert not item.link or item.link.startswith(("http://", "https://")), path
            assert "root:" not in f"{item.title}{item.summary}{item.body}", path
            assert sum(map(len, (item.title, item.summary, item.body))) < 20_000_000, path
