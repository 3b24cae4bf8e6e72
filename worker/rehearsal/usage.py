"""What a process and its children have used, as Linux tells it in /proc."""

import os
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU time, and the largest memory of any one of the processes."""

    cpu_s: float
    memory_bytes: int

    def __sub__(self, before: "Usage") -> "Usage":
        return Usage(self.cpu_s - before.cpu_s, self.memory_bytes)


def usage_of(pid: int) -> Usage:
    """Sum up a process and those it started; zeros where there is no /proc."""
    found = [_one(each) for each in _tree(pid)]
    return Usage(sum(one.cpu_s for one in found), max((one.memory_bytes for one in found), default=0))


def _tree(pid: int) -> list[int]:
    pids = [pid]
    for each in pids:
        for children in Path(f"/proc/{each}/task").glob("*/children"):
            pids += [int(child) for child in children.read_text().split()]
    return pids


def _one(pid: int) -> Usage:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return Usage(0.0, 0)
    user, system = int(after_name[11]), int(after_name[12])
    peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")), "0")
    return Usage((user + system) / TICK, int(peak) * 1024)
