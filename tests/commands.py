"""The command `tocsin`, run in the test's own process as a person would type it."""

import json
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import structlog
from typer.testing import CliRunner

from worker import logs
from worker.cli import app


@dataclass(frozen=True)
class Answer:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed for programs."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """What it printed for programs, a document a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def tocsin(*words: object, typed: str | None = None) -> Answer:
    """Run `tocsin` with these words; `typed` is what comes on stdin."""
    # The shape of log lines belongs to the process; here it would outlive the command.
    with patch.object(logs, "configure"), structlog.testing.capture_logs():
        result = CliRunner().invoke(app, [str(word) for word in words], input=typed)
    unexpected = result.exception is not None and not isinstance(result.exception, SystemExit)
    assert not unexpected, result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


def done(*words: object, typed: str | None = None) -> Answer:
    """Run `tocsin` and see that it ended well."""
    answer = tocsin(*words, typed=typed)
    assert answer.code == 0, answer
    return answer


def a_sentence(answer: Answer) -> bool:
    """Tell whether what went wrong was said in words: on stderr, without a traceback, nothing on stdout."""
    return bool(answer.err.strip()) and "Traceback" not in answer.err and not answer.out
