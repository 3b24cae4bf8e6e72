"""What the doctor finds."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad a finding is."""

    ok = "ok"
    warning = "warning"  # works, and somebody should look
    fault = "fault"  # does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and one sentence: how it is, and the way out where it is not well."""

    verdict: Verdict
    what: str
    says: str


def ok(what: str, says: str) -> Finding:
    """Report that something is well."""
    return Finding(Verdict.ok, what, says)


def warning(what: str, says: str) -> Finding:
    """Report something that works but should be looked at."""
    return Finding(Verdict.warning, what, says)


def fault(what: str, says: str) -> Finding:
    """Report something that does not work."""
    return Finding(Verdict.fault, what, says)
