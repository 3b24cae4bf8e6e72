"""Making many attempts at once, as fast as each far end takes them, and storing what comes of them.

Attempts queue up by far end. Each far end has lanes, which make one attempt after the other, so that one
that hangs or fails holds up nobody else. Each tenth of a second what came is stored and the leases are
renewed; more work is taken before the last is done. All database work is done beside the loop, in one thread.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic, process_time, thread_time
from typing import Protocol, TypeVar

import structlog
from sqlalchemy.exc import OperationalError

from subscriptions import clock
from subscriptions.settings import settings
from worker.push.attempt import Attempt, put_off, tell
from worker.push.far_end import SLOW_S, FarEnd
from worker.push.outcome import Outcome
from worker.push.wire import wire

CHECKPOINT_S = 0.1  # what a killed worker may tell twice is what it told since
AHEAD = 500  # attempts that wait for a lane: with fewer, more work is taken
AWAY_S = 0.5  # between two looks whether the database is back
BEGAN = "the worker died while it told this recipient, who may have been told"
KNOWN = 10_000  # far ends
OPEN = 50  # pieces of work in hand at most
LONG_REST_S = 3.0  # a far end that rests longer has its attempts stored to be made later

T = TypeVar("T")
log = structlog.get_logger()


class Work(Protocol):
    """Attempts in our hands until a lease ends."""

    @property
    def attempts(self) -> Sequence[Attempt]:
        """What is to be tried."""

    @property
    def one_by_one(self) -> bool:
        """Whether each attempt is to be noted down before it is made, and nothing else made meanwhile."""

    def store(self, outcomes: Sequence[Outcome], *, done: bool) -> bool:
        """Store outcomes and renew the lease, or end it when done; False when it is no longer ours."""


@dataclass(slots=True)
class Job:
    """A piece of work under way."""

    work: Work
    left: int
    fresh: list[Outcome] = field(default_factory=list)  # not stored yet
    stored_at: float = field(default_factory=monotonic)
    leased_at: datetime = field(default_factory=clock.now)  # by the clock that leases go by
    lost: bool = False

    def needs_lease(self) -> bool:
        """Say whether a third of the lease is over, or the clock was turned back."""
        third = timedelta(seconds=settings().lease_s / 3)
        return not timedelta(0) <= clock.now() - self.leased_at < third


@dataclass(slots=True)
class Queue:
    """The attempts that wait for one far end, and its lanes: since when each is sending."""

    end: FarEnd
    waiting: deque[tuple[Job, Attempt]] = field(default_factory=deque)
    lanes: dict[int, float] = field(default_factory=dict)
    allowed: int = 0

    def room(self, now: float) -> int:
        """Tell how many lanes to add."""
        slow = sum(since < now - SLOW_S for since in self.lanes.values())
        self.allowed = self.end.lanes(slow, now)
        return min(len(self.waiting), self.allowed - len(self.lanes))

    def may_go_on(self, now: float) -> bool:
        """Tell whether a lane that is free now may make another attempt."""
        return bool(self.waiting) and len(self.lanes) <= self.allowed and now >= self.end.rests_until


_far_ends: dict[str, FarEnd] = {}  # what this process has learnt of them


def far_end(name: str) -> FarEnd:
    """Give what is known of a far end; forgets those that are well when there are very many."""
    if len(_far_ends) >= KNOWN:
        for other in [other for other, end in _far_ends.items() if end.is_well]:
            del _far_ends[other]
    return _far_ends.setdefault(name, FarEnd(settings().sends_at_once))


class Take(Protocol):
    """Gives the next piece of work, None when there is no more; `idle`: nothing is under way."""

    def __call__(self, *, idle: bool) -> Work | None:
        """Claim it."""


def pump(take: Take) -> None:
    """Make all attempts of the work that `take` gives, until it gives None and everything is stored.

    Raises the database's error when it stays away for longer than a lease.
    """
    wire().run(_Pump(take).run())


class _Pump:
    def __init__(self, take: Take) -> None:
        self._take: Take | None = take
        self._jobs: list[Job] = []
        self._queues: dict[str, Queue] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._news = asyncio.Event()  # a piece of work is done, or a queue is empty
        self._flows = True  # False while nothing can be stored
        self._broken: BaseException | None = None
        self._told = 0
        self._database_s = 0.0  # CPU time of the thread that does it

    async def run(self) -> None:
        before_s = process_time()
        try:
            while await self._take_more() or self._jobs:
                await self._let_flow()
                await self._store_all()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._beside.shutdown()
        if self._told:
            cpu_s, database_s = round(process_time() - before_s, 4), round(self._database_s, 4)
            log.info("pumped", told=self._told, cpu_s=cpu_s, database_s=database_s)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._beside, self._timed, work)

    def _timed(self, work: Callable[[], T]) -> T:
        before_s = thread_time()
        try:
            return work()
        finally:
            self._database_s += thread_time() - before_s

    async def _take_more(self) -> bool:
        """Take work until enough attempts wait; tell whether there may be more."""
        while self._take is not None and self._flows and self._ahead() < AHEAD and len(self._jobs) < OPEN:
            work = await self._in_thread(partial(self._take, idle=not self._jobs))
            if work is None:
                self._take = None
            elif work.one_by_one:
                await self._one_by_one(work)
            else:
                self._queue_up(Job(work, len(work.attempts)))
        return self._take is not None

    def _ahead(self) -> int:
        now = monotonic()
        return sum(len(queue.waiting) for queue in self._queues.values() if queue.end.lanes(0, now) > 1)

    def _queue_up(self, job: Job) -> None:
        self._jobs.append(job)
        for attempt in job.work.attempts:
            name = attempt.recipient.far_end
            if name not in self._queues:
                self._queues[name] = Queue(far_end(name))
            self._queues[name].waiting.append((job, attempt))
        self._open_lanes()
        if not job.left:
            self._news.set()

    def _open_lanes(self) -> None:
        now = monotonic()
        for queue in self._queues.values():
            for _lane in range(queue.room(now)):
                task = asyncio.get_running_loop().create_task(self._lane(queue))
                queue.lanes[id(task)] = now
                self._tasks.add(task)
                task.add_done_callback(self._lane_ended)

    def _lane_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._broken = error  # nothing that an attempt meets should get here: this process is ending
            self._news.set()

    async def _lane(self, queue: Queue) -> None:
        mine = id(asyncio.current_task())
        try:
            while self._flows and queue.may_go_on(queue.lanes[mine]):
                job, attempt = queue.waiting.popleft()
                if not job.lost:
                    outcome = await tell(attempt)
                    queue.end.hear(outcome, monotonic())
                    self._settle(job, outcome)
                queue.lanes[mine] = monotonic()
        finally:
            del queue.lanes[mine]
        if not queue.waiting:
            self._news.set()

    def _settle(self, job: Job, outcome: Outcome) -> None:
        self._told += 1
        job.fresh.append(outcome)
        job.left -= 1
        if job.left == 0:
            self._news.set()

    async def _let_flow(self) -> None:
        """Let the lanes work until the next checkpoint, or until there is news."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CHECKPOINT_S if self._flows else AWAY_S):
                await self._news.wait()
        self._news.clear()
        if self._broken is not None:
            raise self._broken
        self._put_off()
        for queue in self._queues.values():
            if len(queue.waiting) > queue.end.open_lanes:
                queue.end.widen()
        if self._flows:
            self._open_lanes()

    def _put_off(self) -> None:
        """Give up waiting for far ends that rest for long: their attempts are stored, to be made later."""
        now = monotonic()
        for queue in self._queues.values():
            rest_s = queue.end.rests_until - now
            while rest_s > LONG_REST_S and queue.waiting:
                job, attempt = queue.waiting.popleft()
                self._settle(job, put_off(attempt, rest_s))

    async def _store_all(self) -> None:
        """Store what came; begin nothing while that fails: it would be told twice if this worker died."""
        for job in list(self._jobs):
            try:
                await self._store(job)
            except OperationalError:
                if monotonic() - job.stored_at > settings().lease_s:
                    raise
                if self._flows:
                    log.warning("database away, sending waits for it")
                self._flows = False
                return

    async def _store(self, job: Job) -> None:
        fresh, done, now = list(job.fresh), job.left == 0, monotonic()
        news = fresh and now - job.stored_at >= CHECKPOINT_S
        if not (done or news or job.needs_lease()):
            return
        job.leased_at = clock.now()
        ours = await self._in_thread(partial(job.work.store, fresh, done=done))
        job.fresh, job.stored_at, self._flows = job.fresh[len(fresh) :], now, True
        if done or not ours:
            job.lost = not ours
            self._jobs.remove(job)

    async def _one_by_one(self, work: Work) -> None:
        for attempt in work.attempts:
            begun = Outcome(attempt.recipient.channel.id or 0, "unknown", why=BEGAN)
            await self._in_thread(partial(work.store, [begun], done=False))
            if not await self._in_thread(partial(work.store, [await tell(attempt)], done=False)):
                return
        await self._in_thread(partial(work.store, [], done=True))
