"""Read every document of the feed corpus and write what was read, a JSON line each, for the corpus's scorer.

TOCSIN_CORPUS=... python -m tests.benchmarks.score_feeds OUTPUT.jsonl
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from worker.watch.feed import NotAFeed
from worker.watch.wire import read_feed


def read_case(corpus: Path, case: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    """Read one document as the pipeline would, with the address and headers it was served with."""
    document = (corpus / case["case"]).read_bytes()
    try:
        feed = read_feed(document, url=case.get("base_url", ""), content_type=headers.get("Content-Type", ""))
    except NotAFeed as problem:
        return {"case": case["case"], "error": str(problem), "feed": {}, "entries": []}
    entries = [
        {
            "id": item.id,
            "link": item.link,
            "title": item.title,
            "published": item.published.isoformat() if item.published else None,
            "summary": item.summary_markup or item.summary,
        }
        for item in feed.items
    ]
    return {"case": case["case"], "error": None, "feed": {"title": feed.title}, "entries": entries}


def served_headers(corpus: Path) -> dict[str, dict[str, str]]:
    """Give the HTTP headers some documents of the corpus were served with."""
    found: dict[str, dict[str, str]] = {}
    path = corpus / "feeds" / "feedparser_checks.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        given = row.get("headers") or row.get("http_headers") or {}
        found[row["case"]] = {str(name).title(): str(value) for name, value in given.items()}
    return found


def read_all(corpus: Path) -> Iterator[dict[str, Any]]:
    """Read every document of the corpus."""
    headers = served_headers(corpus)
    for line in (corpus / "feeds" / "expected.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        yield read_case(corpus, case, headers.get(case["case"], {}))


def main() -> None:
    """Write the output file."""
    with Path(sys.argv[1]).open("w") as out:
        out.writelines(json.dumps(row) + "\n" for row in read_all(Path(os.environ["TOCSIN_CORPUS"])))


if __name__ == "__main__":
    main()
