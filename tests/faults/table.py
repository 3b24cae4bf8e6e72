"""The table at the end of a run: what came of every fault, also where tests ran in several processes."""

import json
from dataclasses import asdict, dataclass

import pytest

from tests.processes import ROOT

NOTED = "fault"  # the name under which a test's report carries its row
LINE = "{:<52} {:<11} {:>10} {:>8} {:>6} {:>8}"


@dataclass(frozen=True)
class Row:
    """What came of one fault."""

    fault: str
    database: str
    recipients: int
    missing: int
    twice: int
    seconds: float


def rows(reporter: pytest.TerminalReporter) -> list[Row]:
    """Gather the rows from the reports of all tests."""
    reports = [*reporter.stats.get("passed", []), *reporter.stats.get("failed", [])]
    noted = {
        report.nodeid: value for report in reports for name, value in report.user_properties if name == NOTED
    }
    return [Row(**json.loads(str(value))) for value in noted.values()]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what came of every fault, and keep it as JSON lines."""
    found = rows(terminalreporter)
    if not found:
        return
    terminalreporter.section("faults")
    terminalreporter.write_line(LINE.format("fault", "database", "recipients", "missing", "twice", "seconds"))
    for row in found:
        terminalreporter.write_line(LINE.format(*(str(value) for value in asdict(row).values())))
    kept = ROOT / "build" / "faults.jsonl"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("".join(json.dumps(asdict(row)) + "\n" for row in found))
