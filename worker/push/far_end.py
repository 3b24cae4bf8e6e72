"""One far end, a host or a service: how many sends at once it is given, and when it rests. Pure."""

from dataclasses import dataclass

from worker.push.outcome import Outcome

FAILURES = 10  # in a row with no success between: it is not a recipient's fault any more
FIRST_REST_S, LONGEST_REST_S = 1.0, 60.0
SLOW_S = 0.25  # a send that takes longer frees its lane for another: one that hangs holds up nobody
FIRST_LANES = 32  # doubled each tenth of a second: new connections all at once would hold up each other
LANES_IN_ALL = 8  # times the limit: so many slow sends at most


@dataclass(slots=True)
class FarEnd:
    """What we know of a far end in this process; times are seconds of one steady clock."""

    limit: int  # quick sends under way at once
    open_lanes: int = FIRST_LANES
    failures: int = 0
    rest_s: float = 0.0  # how long its last rest was
    rests_until: float = 0.0

    def lanes(self, slow: int, now: float) -> int:
        """Tell how many lanes it may have while `slow` of its sends take long; one while it is on trial."""
        if now < self.rests_until:
            return 0
        if self.rest_s:
            return 1
        return min(min(self.open_lanes, self.limit) + slow, self.limit * LANES_IN_ALL)

    def widen(self) -> None:
        """Open more lanes, up to the limit."""
        self.open_lanes = min(self.open_lanes * 2, self.limit)

    @property
    def is_well(self) -> bool:
        """Say whether nothing speaks against it."""
        return self.failures == 0 and self.rest_s == 0

    def hear(self, outcome: Outcome, now: float) -> None:
        """Learn from an outcome: a far end that fails again and again is left alone for longer and longer."""
        if outcome.kind not in ("later", "unknown"):
            self.failures, self.rest_s = 0, 0.0
            return
        self.failures += 1
        tried_again = self.rest_s > 0 and now >= self.rests_until
        if self.failures >= FAILURES or tried_again:
            self.rest_s = min(LONGEST_REST_S, max(FIRST_REST_S, self.rest_s * 2, outcome.asked_s))
            self.rests_until = now + self.rest_s
            self.failures = 0
