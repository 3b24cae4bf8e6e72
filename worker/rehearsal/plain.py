"""Addresses of recipients as plain Apprise takes them."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from worker.rehearsal.crowd import Far, address_at, browser_keys, kind_of

_OWNER = "alerts@rehearsal.example"


def plain_addresses(far: Far, channel: str, numbers: Sequence[int], folder: Path) -> Iterator[str]:
    """Write the addresses of the recipients with these numbers; `folder` takes the files they name."""
    browsers = [number for number in numbers if kind_of(channel, number) == "webpush"]
    subscriptions = folder / f"subscriptions-{numbers[0]}.json"
    subscriptions.write_text(json.dumps({_name(each): _subscription(far, each) for each in browsers}))
    key = _vapid_key(folder, numbers[0]) if browsers else None
    for number in numbers:
        kind = kind_of(channel, number)
        if kind == "webpush":
            yield f"vapid://{_OWNER}/{_name(number)}?subfile={subscriptions}&keyfile={key}"
        elif kind == "mailtos":
            yield f"mailtos://{far.host}:{far.smtps}?from={_OWNER}&mode=ssl&to={_name(number)}"
        else:
            yield address_at(far, kind, number)


def _name(number: int) -> str:
    return f"r{number}@rehearsal.example"


def _subscription(far: Far, number: int) -> dict[str, object]:
    return {"endpoint": f"https://{far.host}:{far.https}/webpush/{number}", "keys": browser_keys()}


def _vapid_key(folder: Path, number: int) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    file = folder / f"vapid-{number}.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file
