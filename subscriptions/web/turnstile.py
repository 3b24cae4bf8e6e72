"""How often somebody may ask for something."""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

REMEMBERED = 10_000  # people, or network addresses


class Turnstile:
    """Counts what each asks for in this process, and says when it was too much: more than `most` `within`."""

    def __init__(self, most: int, within: timedelta) -> None:
        self._most = most
        self._within = within
        self._times: OrderedDict[str, list[datetime]] = OrderedDict()
        self._lock = Lock()

    def lets_in(self, who: str, now: datetime) -> bool:
        """Count one more, unless there were too many."""
        with self._lock:
            times = [when for when in self._times.pop(who, []) if now - when < self._within]
            if free := len(times) < self._most:
                times.append(now)
            self._times[who] = times
            while len(self._times) > REMEMBERED:
                self._times.popitem(last=False)
        return free
