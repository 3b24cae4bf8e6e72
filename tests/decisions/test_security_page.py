"""docs/security.md names, for each threat, the tests that try it."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


def functions(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_test_that_is_named_exists() -> None:
    known = {file: functions(file) for file in {file for file, _name in NAMED}}
    assert [f"{file}::{name}" for file, name in NAMED if name not in known[file]] == []


def test_each_threat_names_what_stands_against_it_and_a_test() -> None:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| threat")]
    assert len(lines) > 50
    for line in lines:
        _before, threat, answer, tests, _after = line.split("|")
        assert threat.strip()
        assert answer.strip()
        assert "::" in tests, threat
