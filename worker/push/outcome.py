"""What became of one attempt to tell one channel. Pure."""

from datetime import datetime
from typing import Literal, NamedTuple

BEGAN = "the worker died while it told this recipient, who may have been told"
Kind = Literal["accepted", "later", "held", "gone", "refused", "unknown", "dropped"]


class Outcome(NamedTuple):
    """An outcome with its reason; `due_at` only for `later` and `held`."""

    channel_id: int
    kind: Kind
    answer: str = ""  # the far end's, without secrets
    why: str = ""  # ours, for people
    due_at: datetime | None = None
    asked_s: float = 0.0  # the far end's Retry-After
    digest: bool = False  # held for a digest
    tried: bool = True  # False: nothing was sent, it does not count as an attempt

    @property
    def has_begun(self) -> bool:
        """Say whether it is only what is to be known of the attempt if the worker dies of it."""
        return self.why == BEGAN


def begun(channel_id: int) -> Outcome:
    """Give what is noted down before an attempt that may kill the worker."""
    return Outcome(channel_id, "unknown", why=BEGAN)
