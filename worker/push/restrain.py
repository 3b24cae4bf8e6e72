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
    *, stopped: str, live: bool, follows: Collection[str] | None, now: datetime, expires_at: datetime
) -> Send | Drop:
    """Decide for one recipient at the moment of sending.

    `stopped` says why the alert has been stopped, "" if it is not, `live` whether the channel still is;
    `follows` names the alert's topics its owner follows now, None where that does not matter: who was told
    what is wrong is told what is right. Once per story and channel is settled before, when the audience is
    laid out.
    """
    if stopped:
        return Drop(stopped)
    if not live:
        return Drop("the channel was retired before its turn came")
    if follows is not None and not follows:
        return Drop("its owner follows none of the topics any more")
    if now >= expires_at:
        return Drop("its turn came too late for it to be news")
    return Send()
