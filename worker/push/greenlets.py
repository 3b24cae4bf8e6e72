"""Synchronous code on an event loop: it runs in a greenlet, which sleeps while the loop awaits for it.

The greenlets are kept and used again: each has a stack of its own, and to make one costs as much as a
quarter of a request.
"""

import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")


class _Greenlet(greenlet):  # type: ignore[misc]  # the library ships no types
    """One that works off one call after the other, each given by whoever switches to it."""

    def run(self, call: Callable[[], Any]) -> None:
        """Make a call, hand out what came of it, and wait for the next."""
        while True:
            try:
                came = _Returned(call())
            except BaseException as error:  # noqa: BLE001 - it is raised where the call was asked for
                came = _Returned(error=error)
            del call
            call = _loop(self).switch(came)


class _Returned:
    __slots__ = ("error", "value")

    def __init__(self, value: Any = None, error: BaseException | None = None) -> None:
        self.value, self.error = value, error


_idle: list[_Greenlet] = []


async def run_in_greenlet(call: Callable[..., T], *arguments: Any) -> T:
    """Run a synchronous function that awaits by `await_in_greenlet`; gives what it returns or raises."""
    sleeper = _take()
    came = sleeper.switch(lambda: call(*arguments))
    while not isinstance(came, _Returned):
        try:
            answer = await came
        except BaseException:  # noqa: BLE001 - raised where it awaits, even that it is cancelled
            came = sleeper.throw(*sys.exc_info())
        else:
            came = sleeper.switch(answer)
    _idle.append(sleeper)
    if came.error is not None:
        raise came.error
    value: T = came.value
    return value


def await_in_greenlet(work: Awaitable[T]) -> T:
    """Let the loop await something; only in a function that runs by `run_in_greenlet`."""
    value: T = _loop(getcurrent()).switch(work)
    return value


def in_greenlet() -> bool:
    """Say whether the code that asks runs by `run_in_greenlet`."""
    return isinstance(getcurrent(), _Greenlet)


def _take() -> _Greenlet:
    loop = getcurrent()
    sleeper = _idle.pop() if _idle else _Greenlet(parent=loop)
    if sleeper.parent is not loop:  # it is of another thread
        sleeper = _Greenlet(parent=loop)
    sleeper.gr_context = loop.gr_context  # it sees the context variables of who asks
    return sleeper


def _loop(sleeper: greenlet) -> greenlet:
    assert sleeper.parent is not None  # noqa: S101 - it was given one
    return sleeper.parent
