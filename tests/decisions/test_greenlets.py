"""Synchronous code that awaits on an event loop."""

import asyncio
from contextvars import ContextVar

import pytest

from worker.push.greenlets import await_in_greenlet, in_greenlet, run_in_greenlet

NAME: ContextVar[str] = ContextVar("name")


def _sleeps(seconds: float, value: str = "") -> str:
    assert in_greenlet()
    await_in_greenlet(asyncio.sleep(seconds))
    return value or NAME.get()


def test_many_calls_sleep_at_the_same_time() -> None:
    async def all_of_them() -> list[str]:
        began = asyncio.get_running_loop().time()
        came = await asyncio.gather(*(run_in_greenlet(_sleeps, 0.2, str(n)) for n in range(50)))
        assert asyncio.get_running_loop().time() - began < 50 * 0.2
        return came

    assert asyncio.run(all_of_them()) == [str(n) for n in range(50)]
    assert not in_greenlet()


def test_each_call_sees_the_context_of_who_asked_though_greenlets_are_used_again() -> None:
    async def named(name: str) -> str:
        NAME.set(name)
        return await run_in_greenlet(_sleeps, 0)

    async def all_of_them() -> list[str]:
        return [*await asyncio.gather(*map(named, "abc")), *await asyncio.gather(*map(named, "de"))]

    assert asyncio.run(all_of_them()) == list("abcde")


def test_an_error_comes_out_where_the_call_was_asked_for_and_the_greenlet_goes_on() -> None:
    def fails() -> None:
        raise KeyError("gone")

    async def both() -> str:
        with pytest.raises(KeyError, match="gone"):
            await run_in_greenlet(fails)
        return await run_in_greenlet(_sleeps, 0, "well")

    assert asyncio.run(both()) == "well"


def test_a_call_that_is_cancelled_hears_of_it_where_it_awaits() -> None:
    heard = []

    def waits() -> None:
        try:
            await_in_greenlet(asyncio.sleep(60))
        except asyncio.CancelledError:
            heard.append("cancelled")
            raise

    async def overdue() -> str:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await run_in_greenlet(waits)
        return await run_in_greenlet(_sleeps, 0, "well")

    assert asyncio.run(overdue()) == "well"
    assert heard == ["cancelled"]
