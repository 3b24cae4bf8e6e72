"""The lanes to one far end: each makes one attempt after the other.

One that is slow frees its place for another, one that is overdue is given up, and a far end that
fails again and again is left alone for a while; so nobody is held up by somebody else's far end.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Generic, TypeVar

from worker.push.attempt import Attempt, drop, put_off, tell, unanswered
from worker.push.far_end import SLOW_S, FarEnd
from worker.push.outcome import Outcome
from worker.push.pace import CLOSED_S, Ceilings

DEADLINE_S = 20.0  # for all requests of one send together
OVERDUE = f"not done within {DEADLINE_S:.0f} s"
LONG_REST_S = 3.0  # a far end that rests longer has its attempts stored, to be made later

Job = TypeVar("Job")


@dataclass(slots=True, eq=False)
class Lane:
    """A lane: since when it makes its attempt, and whether it was told to give it up."""

    since: float
    task: "asyncio.Task[None] | None" = None
    overdue: bool = False


class Lanes(Generic[Job]):
    """The attempts that wait for a far end, each with the job it is of, and the lanes that make them."""

    def __init__(
        self,
        end: FarEnd,
        ceilings: Ceilings,
        came: Callable[[Job, Outcome], None],
        ended: Callable[..., None],
        may_begin: Callable[[], bool],
    ) -> None:
        """`came` gets each outcome; `ended` each lane's task at its end; `may_begin` is asked before each."""
        self.end = end
        self._ceilings = ceilings
        self.waiting: deque[tuple[Job, Attempt]] = deque()
        self.flows = True  # False: begin nothing
        self._came, self._ended, self._may_begin = came, ended, may_begin
        self._lanes: set[Lane] = set()
        self._allowed = 0
        self._slow = 0  # lanes whose attempt takes long
        self._made = 0

    def open(self) -> None:
        """Open as many lanes as there is work and room for."""
        now = monotonic()
        begins = self.flows and self._may_begin()
        self._allowed = self.end.lanes(self._slow, now, len(self.waiting)) if begins else 0
        for _new in range(min(len(self.waiting), self._allowed - len(self._lanes))):
            lane = Lane(now)
            self._lanes.add(lane)
            lane.task = asyncio.get_running_loop().create_task(self._run(lane))
            lane.task.add_done_callback(self._ended)

    def count_slow(self, ours_s: float) -> None:
        """Count what takes long, but for `ours_s` that it may have waited for us."""
        since = monotonic() - self.end.slow_s - ours_s
        self._slow = sum(lane.since < since for lane in self._lanes)

    def look_after(self) -> None:
        """Give up what is overdue, put off what waits for a rest, adapt."""
        now = monotonic()
        for lane in self._lanes:
            if now - lane.since > DEADLINE_S and lane.task is not None and not lane.overdue:
                lane.overdue = True
                lane.task.cancel()
        rest_s = self.end.rests_until - now
        while rest_s > LONG_REST_S and self.waiting:
            job, attempt = self.waiting.popleft()
            why = f"its service fails again and again, left alone for {rest_s:.0f} s"
            self._came(job, put_off(attempt, rest_s, why))
        if len(self.waiting) > self.end.open_lanes:
            self.end.adapt(self._made, now)
        self._made = 0

    def drop_stopped(self) -> None:
        """Drop what waits of alerts that have been stopped: it need not wait for a lane."""
        for _each in range(len(self.waiting)):
            job, attempt = self.waiting.popleft()
            if attempt.alert.stop_why:
                self._came(job, drop(attempt, attempt.alert.stop_why))
            else:
                self.waiting.append((job, attempt))

    def ready(self) -> int:
        """Count the attempts that wait for nothing but a lane."""
        return len(self.waiting) if self.end.is_open(monotonic()) else 0

    def are_slow(self) -> bool:
        """Say whether something under way takes long."""
        since = monotonic() - SLOW_S
        return any(lane.since < since for lane in self._lanes)

    async def close(self) -> None:
        """End all lanes at once."""
        tasks = [lane.task for lane in self._lanes if lane.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, lane: Lane) -> None:
        try:
            while self.flows and self.waiting and len(self._lanes) <= self._allowed:
                if lane.since < self.end.rests_until or not self._may_begin():
                    break
                if not self._ceilings.has_room(self.waiting[0][1].alert):
                    await self._pause(lane)
                    continue
                job, attempt = self.waiting.popleft()
                outcome = await self._make(lane, attempt)
                self.end.hear(outcome, lane.since, monotonic())
                self._made += 1
                self._came(job, outcome)
                lane.since = monotonic()
        finally:
            self._lanes.discard(lane)

    async def _pause(self, lane: Lane) -> None:
        lane.since = inf  # it is neither slow nor overdue
        await asyncio.sleep(CLOSED_S)
        lane.since = monotonic()

    async def _make(self, lane: Lane, attempt: Attempt) -> Outcome:
        try:
            return await tell(attempt)
        except asyncio.CancelledError:
            if not lane.overdue or lane.task is None:
                raise
            lane.overdue = bool(lane.task.uncancel())
            return unanswered(attempt, OVERDUE)
