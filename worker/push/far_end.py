"""One far end, a host or a service: how many sends at once it is given, and when it rests. Pure."""

from dataclasses import dataclass

from worker.push.outcome import Outcome

FAILURES = 20  # in a row with no success between: it is not these recipients' fault any more
TRIALS = 3  # in a row after a rest: it is not well yet
FIRST_REST_S, LONGEST_REST_S = 1.0, 60.0
SLOW_S = 0.25  # a send that takes longer frees its lane for another: one that hangs holds up nobody
SOON_SLOW_S, SLOWER = 0.03, 3  # as does one that takes so many times what is usual there, but not sooner
LEARNS = 0.05  # share of the last send in what is usual
FIRST_LANES = 8  # and the fewest; each costs a connection, and may tell twice if the sender is killed
SPARE_LANES = 32  # the fewest while some sends take long: it takes a while until one is seen to
WORTH_S = 0.15  # what all lanes together have sent in so long is not worth another connection
HEARD = 64  # sends that went well tell how long one takes there: the first ones opened connections too
ENOUGH = 4000  # messages a second are more than a process makes: lanes for as many may be opened at once
FASTER, NO_SLOWER = 1.25, 0.9  # times the pace: then twice the lanes were worth it, or half of them do
WINDOW_S = 0.2  # over which the pace is taken; the first one with more lanes goes by with opening them
SETTLED_S = 2.0  # before others are tried
LANES_IN_ALL = 16  # times the limit: so many slow sends at most, where the far end is not one server


@dataclass(slots=True)
class FarEnd:
    """What we know of a far end in this process; times are seconds of one steady clock."""

    limit: int  # quick sends under way at once
    open_lanes: int = FIRST_LANES
    pace: float = 0.0  # messages a second before the lanes were changed on trial; 0 when they were not
    is_wider: bool = True  # what is or will be on trial: twice the lanes, or half of them
    made: int = 0  # messages since the window began
    window_began: float = 0.0
    judged_at: float = 0.0
    is_new: bool = True  # the lanes were opened just now
    failures: int = 0
    well_at: float = 0.0  # when an attempt went well last
    usual_s: float = SLOW_S  # that one takes which goes well
    quickest_s: float = SLOW_S  # that one took
    heard: int = 0  # that went well, at most HEARD
    is_gauged: bool = False  # its first lanes went by how long one takes
    rest_s: float = 0.0  # how long its last rest was
    rests_until: float = 0.0
    lanes_in_all: int = LANES_IN_ALL  # times the limit

    def lanes(self, slow: int, now: float, waiting: int) -> int:
        """Tell how many lanes it may have while `slow` of its sends take long; one while it is on trial.

        `waiting`: how many are to be sent; few are sent over few connections.
        """
        if now < self.rests_until:
            return 0
        if self.rest_s:
            return 1
        if slow:  # more are on their way to be slow
            quick = max(self.open_lanes, SPARE_LANES)
        else:
            quick = min(self.open_lanes, max(FIRST_LANES, round(waiting * self.quickest_s / WORTH_S)))
        return min(min(quick, self.limit) + slow, self.limit * self.lanes_in_all)

    def is_open(self, now: float) -> bool:
        """Say whether it takes what there is: it neither rests nor is on trial."""
        return now >= self.rests_until and not self.rest_s

    def adapt(self, made: int, now: float) -> None:
        """Try twice the lanes or half of them; keep more where that is faster, fewer where it is not slower.

        The first time it goes by how long one takes. Told now and then, while there is enough to do,
        how many messages were `made` since the last time.
        """
        self.made += made
        if now < self.judged_at:
            return
        took_s, count, was_new = now - self.window_began, self.made, self.is_new
        self.made, self.window_began, self.judged_at, self.is_new = 0, now, now + WINDOW_S, False
        if not self.is_gauged and self.heard == HEARD:
            self._gauge(now)
        elif not was_new and took_s < 2 * WINDOW_S:  # else it had not enough to do meanwhile
            self._judge(count / took_s, now)

    def _gauge(self, now: float) -> None:
        """Open at once what it takes, at its quickest, to make enough messages a second."""
        self.open_lanes = min(max(self.open_lanes, round(ENOUGH * self.quickest_s)), self.limit)
        self.is_gauged = True
        self._settle(now)

    def _judge(self, pace: float, now: float) -> None:
        if self.pace and pace < self.pace * (FASTER if self.is_wider else NO_SLOWER):
            self.open_lanes = self._turned(wider=not self.is_wider)
            self._settle(now)
            return
        lanes = self._turned(wider=self.is_wider)
        if lanes == self.open_lanes:
            self._settle(now)
        else:
            self.open_lanes, self.pace, self.is_new = lanes, pace, True

    def _settle(self, now: float) -> None:
        self.is_wider, self.pace, self.judged_at = not self.is_wider, 0.0, now + SETTLED_S

    def _turned(self, *, wider: bool) -> int:
        if wider:
            return min(self.open_lanes * 2, self.limit)
        return max(min(FIRST_LANES, self.open_lanes), self.open_lanes // 2)

    @property
    def slow_s(self) -> float:
        """Tell after how long a send counts as slow."""
        return min(SLOW_S, max(SOON_SLOW_S, SLOWER * self.usual_s))

    @property
    def is_well(self) -> bool:
        """Say whether nothing speaks against it."""
        return self.failures == 0 and self.rest_s == 0

    def hear(self, outcome: Outcome, began: float, now: float) -> None:
        """Learn from an outcome: a far end that fails again and again is left alone for longer and longer.

        A failure of an attempt that began before the last one that went well says nothing: only some hang;
        nor does one that is dropped.
        """
        if not outcome.tried or outcome.kind == "dropped":
            return
        if outcome.kind not in ("later", "unknown"):
            self.failures, self.rest_s, self.well_at = 0, 0.0, now
            took_s = now - began
            self.usual_s += (LEARNS if self.heard else 1) * (took_s - self.usual_s)
            self.quickest_s = min(self.quickest_s, took_s)
            self.heard = min(self.heard + 1, HEARD)
            return
        if began < self.well_at:
            return
        self.failures += 1
        on_trial = self.rest_s > 0 and now >= self.rests_until
        if self.failures >= (TRIALS if on_trial else FAILURES):
            self.rest_s = min(LONGEST_REST_S, max(FIRST_REST_S, self.rest_s * 2, outcome.asked_s))
            self.rests_until = now + self.rest_s
            self.failures = 0
