"""Whether a recipient of an alert is told now. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Send:
    """Tell them."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Do not tell them, for this reason."""

    why: str


def restrain(
    *, stopped: bool, live: bool, follows: Collection[str], now: datetime, expires_at: datetime
) -> Send | Drop:
    """Decide for one recipient at the moment of sending.

    `stopped` says whether an admin has stopped the alert, `live` whether the channel still is;
    `follows` names the alert's topics its owner follows now. Once per story and channel is settled
    before, when the audience is laid out.
    """
    if stopped:
        return Drop("an admin stopped the alert")
    if not live:
        return Drop("the channel was retired before its turn came")
    if not follows:
        return Drop("its owner follows none of the topics any more")
    if now >= expires_at:
        return Drop("its turn came too late for it to be news")
    return Send()
