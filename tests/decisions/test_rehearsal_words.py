"""What a rehearsal says to people."""

from worker.commands.rehearse import _verdict

RESULT = {"rung": True, "accepted": 300, "missing": 0, "twice": 0, "per_second": 1000.0}


def test_a_rehearsal_ends_with_whether_all_were_told_once() -> None:
    assert _verdict(RESULT) == "Told all 300 once; at this pace a million would take about 17 min."
    missed = _verdict(RESULT | {"accepted": 299, "missing": 1})
    assert missed.startswith("Did not tell all once (1 missing, 0 twice): told 299")
