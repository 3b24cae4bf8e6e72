"""How fast the usual ways to send web pushes are: Apprise's `vapid://`, and pywebpush, a call each."""

import json
import multiprocessing
from pathlib import Path
from typing import Any

import apprise
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pywebpush import webpush

from worker.rehearsal.crowd import browser_keys
from worker.rehearsal.plain import plain_addresses
from worker.rehearsal.run import Scene

EACH = 300  # messages a process: they are slow, and their pace does not change with the number
TITLE = "Storm closes the harbour until Friday"
BODY = "All ferries are cancelled and the lighthouse road is closed. Nobody was hurt."
OWNER = "alerts@rehearsal.example"


def pywebpush_per_second(where: Scene, workers: int) -> float:
    """Measure pywebpush, one call a recipient."""
    return _pace(where, workers, _pywebpush)


def apprise_vapid_per_second(where: Scene, workers: int) -> float:
    """Measure Apprise's own plugin, one `Apprise().add(url).notify()` a recipient."""
    return _pace(where, workers, _vapid)


def _pace(where: Scene, workers: int, work: Any) -> float:
    key = where.folder / "vapid.pem"
    private = ec.generate_private_key(ec.SECP256R1())
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    before = where.report()["tries"]
    spawn = multiprocessing.get_context("spawn")
    firsts = [10_000_000 + before + EACH * each for each in range(workers)]
    processes = [spawn.Process(target=work, args=(where, key, first)) for first in firsts]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    times: list[float] = where.report()["times"][-EACH * workers :]
    return round((len(times) - 1) / (times[-1] - times[0]), 1)


def _subscription(where: Scene, number: int) -> dict[str, Any]:
    endpoint = f"https://{where.far.host}:{where.far.https}/webpush/{number}"
    return {"endpoint": endpoint, "keys": browser_keys()}


def _pywebpush(where: Scene, key: Path, first: int) -> None:
    for number in range(first, first + EACH):
        webpush(
            _subscription(where, number),
            data=json.dumps({"title": TITLE, "text": BODY}),
            vapid_private_key=str(key),
            vapid_claims={"sub": f"mailto:{OWNER}"},
        )


def _vapid(where: Scene, _key: Path, first: int) -> None:
    for address in plain_addresses(where.far, "webpush", range(first, first + EACH), where.folder):
        bell = apprise.Apprise()
        bell.add(address)
        bell.notify(title=TITLE, body=BODY)
