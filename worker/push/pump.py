"""Making many attempts at once, as fast as each far end takes them, and storing what comes of them.

Attempts queue up by far end, each of which has its lanes. Every 40 ms what came is stored and
the leases are renewed; more work is taken before the last is done.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import inf
from time import monotonic, process_time, thread_time
from typing import Protocol, TypeVar

import structlog
from sqlalchemy.exc import OperationalError

from subscriptions import clock
from subscriptions.channel_kinds import EMAIL
from subscriptions.database import BusyError
from subscriptions.settings import settings
from subscriptions.tables import Alert
from worker.push.attempt import Attempt, tell, unanswered
from worker.push.far_end import FarEnd
from worker.push.lanes import DEADLINE_S, OVERDUE, Lanes
from worker.push.outcome import Outcome, begun
from worker.push.pace import Ceilings
from worker.push.settle import look_at_alerts
from worker.push.smtp import CONNECTIONS
from worker.push.wire import wire

CHECKPOINT_S = 0.04  # what a killed worker may tell twice is what it told since
FLOW_S = 0.01  # between two looks whether lanes are slow
LAG = 2  # times so late as we look, answers may be that are there already
AHEAD = 500  # attempts that wait for a lane: with fewer, more work is taken
AWAY_S = 0.5  # between two looks whether the database is back
LOOK_S = 0.1  # between two looks whether lanes are overdue or too few
ASK_S = 0.2  # between two looks whether there is more work by now
ADMIN_S = 0.2  # between two looks whether alerts of which nothing is being stored were stopped or throttled
SOON_S = 0.005  # between two looks whether somebody else has done writing
PATIENCE_S = 0.06  # after so long without a checkpoint the database is waited for
GIVE_UP_S = 600.0  # without the database nobody else can take our work over
UNSTORED = 64  # outcomes after which to store at the latest ...
MANY_UNSTORED = 72  # ... and to wait for the database and begin nothing: with 128 under way, below 200
KNOWN = 10_000  # far ends
OPEN = 100  # pieces of work in hand at most

T = TypeVar("T")
log = structlog.get_logger()


class Work(Protocol):
    """Attempts in our hands until a lease ends."""

    @property
    def attempts(self) -> Sequence[Attempt]:
        """What is to be tried."""

    @property
    def alert(self) -> Alert:
        """The alert they are all of; storing notes on it when it has been stopped."""

    @property
    def one_by_one(self) -> bool:
        """Whether each attempt is to be noted down before it is made, and nothing else made meanwhile."""

    def store(self, outcomes: Sequence[Outcome], *, done: bool, waits: bool) -> bool:
        """Store outcomes and renew the lease, or end it when done; False when it is no longer ours.

        Raises BusyError, if not to wait, when somebody else is writing.
        """


class Take(Protocol):
    """Gives the next piece of work; None when there is none now: it is asked again while some is under way.

    `idle`: nothing is under way; else it raises BusyError rather than wait for somebody else who is writing.
    `slow`: attempts are under way that take long, and it would be long before nothing is.
    """

    def __call__(self, *, idle: bool, slow: bool) -> Work | None:
        """Claim it."""


def pump(take: Take) -> None:
    """Make all attempts of the work that `take` gives, until it gives None when everything is stored.

    Raises the database's error when it stays away for ten minutes.
    """
    wire().run(_Pump(take).run())


@dataclass(slots=True)
class Job:
    """A piece of work under way."""

    work: Work
    left: int
    fresh: list[Outcome] = field(default_factory=list)  # not stored yet
    stored_at: float = field(default_factory=monotonic)
    leased_at: datetime = field(default_factory=clock.now)  # by the clock that leases go by
    is_ours: bool = True

    def needs_lease(self) -> bool:
        """Say whether a third of the lease is over, or the clock was turned back."""
        third = timedelta(seconds=settings().lease_s / 3)
        return not timedelta(0) <= clock.now() - self.leased_at < third


class _Pump:
    def __init__(self, take: Take) -> None:
        self._take: Take | None = take
        self._jobs: list[Job] = []
        self._lanes: dict[str, Lanes[Job]] = {}
        self._ceilings = Ceilings()
        self._news = asyncio.Event()  # a piece of work is done, or a lane had nothing more to do
        self._away = False  # the database: nothing can be stored
        self._soon = False  # somebody else was writing: look again in a moment
        self._broken: BaseException | None = None
        self._told = self._unstored = 0
        self._database_s = 0.0  # CPU time
        self._looked_at = self._looked_at_alerts_at = self._flowed_at = monotonic()
        self._asked_in_vain_at = -inf

    async def run(self) -> None:
        before_s = process_time()
        try:
            while await self._take_more() or self._jobs:
                await self._let_flow()
                self._look_at_alerts()
                had_room = self._may_begin()
                self._store_all()
                if not had_room:
                    self._open_lanes()
        finally:
            for lanes in self._lanes.values():
                await lanes.close()
        if self._told:
            cpu_s, database_s = round(process_time() - before_s, 4), round(self._database_s, 4)
            log.info("pumped", told=self._told, cpu_s=cpu_s, database_s=database_s)

    def _timed(self, work: Callable[[], T]) -> T:
        """Do database work in the loop's own thread: another would wait for the interpreter at each row."""
        before_s = thread_time()
        try:
            return work()
        finally:
            self._database_s += thread_time() - before_s

    async def _take_more(self) -> bool:
        """Take work until enough attempts wait; tell whether there may be more."""
        while self._take is not None and not self._away and self._has_room() and self._may_ask():
            slow = any(lanes.are_slow() for lanes in self._lanes.values())
            try:
                work = self._timed(partial(self._take, idle=not self._jobs, slow=slow))
            except BusyError:
                self._soon = True
                return True
            except OperationalError:
                self._note_away()
                if not self._jobs:
                    self._take = None  # the sweep calls again
                return bool(self._jobs)  # what is under way is not to be lost with it
            if work is None and not self._jobs:
                self._take = None
            elif work is None:
                self._asked_in_vain_at = monotonic()
            elif work.one_by_one:
                await self._one_by_one(work)
            else:
                self._queue_up(Job(work, len(work.attempts)))
        return self._take is not None

    def _may_ask(self) -> bool:
        """Tell whether there may be more work: while attempts hang, others may have been rung."""
        return not self._jobs or monotonic() - self._asked_in_vain_at >= ASK_S

    def _has_room(self) -> bool:
        return len(self._jobs) < OPEN and sum(lanes.ready() for lanes in self._lanes.values()) < AHEAD

    def _queue_up(self, job: Job) -> None:
        self._jobs.append(job)
        for attempt in job.work.attempts:
            name = attempt.recipient.far_end
            if name not in self._lanes:
                self._lanes[name] = Lanes(
                    far_end(name), self._ceilings, self._came, self._lane_ended, self._may_begin
                )
            self._lanes[name].waiting.append((job, attempt))
        for lanes in self._lanes.values():
            lanes.open()
        if not job.left:
            self._news.set()

    def _came(self, job: Job, outcome: Outcome) -> None:
        self._told += 1
        job.fresh.append(outcome)
        self._unstored += job.is_ours
        job.left -= 1
        if not job.left or self._unstored >= UNSTORED:
            self._news.set()

    def _may_begin(self) -> bool:
        """Tell whether so little is unstored that more may be: on a busy machine much comes at once."""
        return self._unstored < MANY_UNSTORED

    def _lane_ended(self, task: asyncio.Task[None]) -> None:
        self._news.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            self._broken = error  # nothing that an attempt meets should get here: this process is ending

    async def _let_flow(self) -> None:
        """Let the lanes work for a moment, or until there is news."""
        began = monotonic()
        for_s = AWAY_S if self._away else SOON_S if self._soon else FLOW_S
        try:
            async with asyncio.timeout(for_s):
                await self._news.wait()
        except TimeoutError:
            # What we did ourselves meanwhile, and the answers that waited for us, are not the far end's time.
            ours_s = began - self._flowed_at + LAG * (monotonic() - began - for_s)
            for lanes in self._lanes.values():
                lanes.count_slow(ours_s)
        self._flowed_at = monotonic()
        self._news.clear()
        self._soon = False
        if self._broken is not None:
            raise self._broken
        self._look_after_lanes()
        self._open_lanes()

    def _open_lanes(self) -> None:
        for lanes in self._lanes.values():
            lanes.flows = not self._away
            lanes.open()

    def _look_after_lanes(self) -> None:
        now = monotonic()
        if now - self._looked_at >= LOOK_S:
            for lanes in self._lanes.values():
                lanes.look_after()
            self._looked_at = now

    def _look_at_alerts(self) -> None:
        """Look whether alerts were stopped or throttled; what is stopped need not wait for a lane."""
        now = monotonic()
        if self._away or now - self._looked_at_alerts_at < ADMIN_S:
            return
        self._looked_at_alerts_at = now
        unstored = [job.work.alert for job in self._jobs if now - job.stored_at >= ADMIN_S]
        try:
            self._timed(partial(look_at_alerts, unstored))
        except OperationalError:
            self._note_away()
        if any(job.work.alert.stop_why for job in self._jobs):
            for lanes in self._lanes.values():
                lanes.drop_stopped()

    def _store_all(self) -> None:
        """Store what came; begin nothing while that fails: it would be told twice if this worker died."""
        for job in list(self._jobs):
            try:
                self._store(job)
            except BusyError:
                self._soon = True
            except OperationalError:
                if monotonic() - job.stored_at > GIVE_UP_S:
                    raise
                self._note_away()
                return

    def _note_away(self) -> None:
        if not self._away:
            log.warning("database away, sending waits for it")
        self._away = True

    def _store(self, job: Job) -> None:
        done, now = job.left == 0, monotonic()
        news = job.fresh and (now - job.stored_at >= CHECKPOINT_S or self._unstored >= UNSTORED)
        if not (done or news or self._away or job.needs_lease()):
            return
        leased_at = clock.now()
        waits = now - job.stored_at > PATIENCE_S or self._unstored >= MANY_UNSTORED
        ours = self._timed(partial(job.work.store, job.fresh, done=done, waits=waits))
        self._unstored -= len(job.fresh)
        job.fresh, job.stored_at, job.leased_at, self._away = [], now, leased_at, False
        job.is_ours = ours
        if done or not ours:
            self._jobs.remove(job)
        if not ours:
            self._drop(job)

    def _drop(self, job: Job) -> None:
        """Begin no attempt more of a job that is no longer ours."""
        for lanes in self._lanes.values():
            kept = [(other, attempt) for other, attempt in lanes.waiting if other is not job]
            lanes.waiting.clear()
            lanes.waiting.extend(kept)

    async def _one_by_one(self, work: Work) -> None:
        log.warning("workers died with this work, telling one by one")
        for attempt in work.attempts:
            before = begun(attempt.recipient.channel_id)
            self._timed(partial(work.store, [before], done=False, waits=True))
            outcome = await _tell_in_time(attempt)
            if not self._timed(partial(work.store, [outcome], done=False, waits=True)):
                return
        self._timed(partial(work.store, [], done=True, waits=True))


async def _tell_in_time(attempt: Attempt) -> Outcome:
    try:
        async with asyncio.timeout(DEADLINE_S):
            return await tell(attempt)
    except TimeoutError:
        return unanswered(attempt, OVERDUE)


_far_ends: dict[str, FarEnd] = {}  # what this process has learnt of them


def far_end(name: str) -> FarEnd:
    """Give what is known of a far end; forgets those that are well when there are very many."""
    if len(_far_ends) >= KNOWN:
        for other in [other for other, end in _far_ends.items() if end.is_well]:
            del _far_ends[other]
    if name not in _far_ends:
        ours = FarEnd(CONNECTIONS, open_lanes=CONNECTIONS, lanes_in_all=1)  # each lane is one connection
        _far_ends[name] = ours if name == EMAIL else FarEnd(settings().sends_at_once)
    return _far_ends[name]
