"""What a way of sending put on the wire, for one scheme after the other."""

import json
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from urllib3.exceptions import InsecureRequestWarning

from tests.channels.loopback import all_names_lead_to
from tests.channels.message import parts_for
from tests.channels.recorder import Recorded, recorder
from tests.channels.stillness import stillness


@dataclass(frozen=True, slots=True)
class Sent:
    """One message: whether it went right, and the requests it took."""

    scheme: str
    accepted: bool
    requests: tuple[Recorded, ...]

    @classmethod
    def read(cls, line: str) -> "Sent":
        """Read what `write` wrote."""
        values = json.loads(line)
        requests = tuple(Recorded.read(each) for each in values["requests"])
        return cls(values["scheme"], values["accepted"], requests)

    def write(self) -> str:
        """Write it as a line of JSON, to hand it to another process."""
        requests = [each.write() for each in self.requests]
        return json.dumps({"scheme": self.scheme, "accepted": self.accepted, "requests": requests})


def sent_by(send: Callable[[dict[str, Any]], bool], schemes: Iterable[str]) -> Iterator[Sent]:
    """Send one message to each scheme and give what came at the far end."""
    with recorder() as far_end, all_names_lead_to(far_end):
        for scheme in schemes:
            parts = parts_for(scheme)
            with stillness(), warnings.catch_warnings():
                warnings.simplefilter("ignore", InsecureRequestWarning)
                # The nostr plugin drops its TLS sockets unclosed (Apprise 2.2.0).
                warnings.filterwarnings("ignore", "unclosed <ssl.SSLSocket", ResourceWarning)
                accepted = send(parts)
            yield Sent(scheme, accepted, tuple(far_end.take()))
