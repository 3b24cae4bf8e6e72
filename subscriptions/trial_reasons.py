"""Why a test alert did not arrive, in words for who sent it. Pure.

What the sender stored is English, and partly for admins. What its owner may be told is known here; of all
else it is said only that it was no fault of theirs.
"""

from subscriptions.errors import Saying, msgid
from subscriptions.heard.reasons import ANSWER

REASONS = {
    "the connection failed": msgid("its server could not be reached"),
    "its certificate is not trusted": msgid("the certificate of its server is not trusted"),
    "it leads to this machine or a private network": msgid(
        "it leads into a private network, and we reach servers on the internet only"
    ),
    "it refused the login": msgid("it refused the login: look whether name and password are right"),
    "it was sent, and no answer came": msgid("it was sent, but no answer came in time"),
    "it was sent, and what came": msgid("it was sent, but what was answered cannot be understood"),
    "the service took the message for unfit": msgid("something in its form does not fit its service"),
    "it was not reached, or": msgid("it was not reached, or did not take the message"),
    "it is not written like": msgid("its address is not written like a mail address"),
}
OURS = msgid("something went wrong at our end")


def why_it_did_not_arrive(stored: str) -> str:
    """Give the words for what a sender stored of a test alert, as a part of a sentence."""
    if ANSWER.fullmatch(stored):
        return Saying(msgid("it answered %(answer)s"), answer=stored)
    return next((said for begins, said in REASONS.items() if stored.startswith(begins)), OURS)
