"""What a way of sending put on the wire, for one scheme after the other."""

import json
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from urllib3.exceptions import InsecureRequestWarning

from tests.channels.loopback import all_names_lead_to
from tests.channels.message import parts_for
from tests.channels.recorded import Recorded
from tests.channels.recorder import recorder
from tests.channels.stillness import stillness


@dataclass(frozen=True, slots=True)
class Sent:
    """One message: "accepted", "not accepted" or what was raised, and the requests it took."""

    scheme: str
    outcome: str
    requests: tuple[Recorded, ...]

    @classmethod
    def read(cls, line: str) -> "Sent":
        """Read what `write` wrote."""
        values = json.loads(line)
        requests = tuple(Recorded.read(each) for each in values["requests"])
        return cls(values["scheme"], values["outcome"], requests)

    def write(self) -> str:
        """Write it as a line of JSON, to hand it to another process."""
        requests = [each.write() for each in self.requests]
        return json.dumps({"scheme": self.scheme, "outcome": self.outcome, "requests": requests})


def sent_by(send: Callable[[dict[str, Any]], bool], schemes: Iterable[str]) -> Iterator[Sent]:
    """Send one message to each scheme and give what came at the far end."""
    with recorder() as far_end, all_names_lead_to(far_end):
        for scheme in schemes:
            parts = parts_for(scheme)
            with stillness(), warnings.catch_warnings():
                warnings.simplefilter("ignore", InsecureRequestWarning)
                # The nostr plugin drops its TLS sockets unclosed (Apprise 2.2.0).
                warnings.filterwarnings("ignore", "unclosed <ssl.SSLSocket", ResourceWarning)
                outcome = _outcome(send, parts)
            yield Sent(scheme, outcome, tuple(far_end.take()))


def _outcome(send: Callable[[dict[str, Any]], bool], parts: dict[str, Any]) -> str:
    try:
        return "accepted" if send(parts) else "not accepted"
    except Exception as error:  # noqa: BLE001 - a kind that breaks is to fail alone
        return repr(error)
