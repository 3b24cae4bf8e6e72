"""The error tree of sending, sorted by what the caller does about it; nobody matches on text."""


class SendError(Exception):
    """One attempt did not go right. `answer` is what the far end said, without secrets."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


class TryLater(SendError):  # noqa: N818 - named by what to do
    """Try again: after `after_s` seconds where the far end said so, else when the back-off says."""

    def __init__(self, answer: str, after_s: float | None = None) -> None:
        super().__init__(answer)
        self.after_s = after_s


class AddressGone(SendError):  # noqa: N818 - named by what to do
    """Retire the channel: the address is no more."""


class Refused(SendError):  # noqa: N818 - named by what to do
    """Give this delivery up: the far end would say no again."""


class Unknown(SendError):  # noqa: N818 - named by what to do
    """Count it as unknown: it was sent, and no answer came."""
