"""The doctor looks at the settings, the data folder and the clock."""

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from subscriptions import clock
from subscriptions.errors import Mistake
from subscriptions.keys import secret_keys
from subscriptions.queries.index.steps import Plain, Steps, fastest_steps
from subscriptions.settings import Settings, settings
from worker.doctor.finding import Finding, fault, ok, warning
from worker.push.mail_server import mail_server
from worker.push.service_limits import service_limit

NO_SETTINGS = {"TOCSIN_CORPUS"}  # the tests' own
LITTLE_SPACE = 1_000_000_000  # bytes
HARDLY_ANY_SPACE = 100_000_000
WRITTEN = datetime(2026, 3, 1, tzinfo=UTC)  # no machine that runs this lives before


def machine() -> Iterator[Finding]:
    """Look at what needs neither database nor broker."""
    yield from unknown_settings(given_settings())
    yield from _limits()
    yield _folder(settings().data_dir)
    yield _mail()
    yield from _exposed()
    yield _clock(clock.now())
    yield matching(fastest_steps())
    yield from _keys()


def given_settings() -> set[str]:
    """Name the TOCSIN_ variables of the environment and of the file `.env`."""
    lines = Path(".env").read_text(errors="replace").splitlines() if Path(".env").is_file() else []
    in_file = {line.removeprefix("export ").split("=", 1)[0].strip() for line in lines if "=" in line}
    return {name.upper() for name in {*os.environ, *in_file} if name.upper().startswith("TOCSIN_")}


def unknown_settings(given: Collection[str]) -> Iterator[Finding]:
    """Find variables that are no settings, with the nearest one that is."""
    known = {f"TOCSIN_{name.upper()}" for name in Settings.model_fields} | NO_SETTINGS
    unknown = sorted(set(given) - known)
    for name in unknown:
        near = get_close_matches(name, known, n=1)
        way_out = f"did you mean {near[0]}?" if near else "remove it; docs/settings.md lists them all."
        yield warning("settings", f"{name} is no setting: {way_out}")
    if not unknown:
        yield ok("settings", f"{len(set(given) - NO_SETTINGS)} set, the others as they come")


def _limits() -> Iterator[Finding]:
    try:
        service_limit("")
    except Mistake as mistake:  # else said only when somebody is to be told
        yield fault("settings", str(mistake))


def _keys() -> Iterator[Finding]:
    secret_keys()  # a wrong one is a Mistake in its own words
    many_machines = bool(settings().database_url or settings().broker_url)
    if many_machines and not settings().secret_keys.get_secret_value():
        yield warning(
            "keys",
            "TOCSIN_SECRET_KEYS is not set: set it, the same on each machine, or each makes its own.",
        )


def _folder(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"tocsin")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return fault(
            "data folder",
            f"{folder} cannot be written ({error.strerror}): give the right, or set TOCSIN_DATA_DIR.",
        )
    says = f"{folder.absolute()}, {free / 1e9:.1f} GB free"
    if free < HARDLY_ANY_SPACE:
        return fault("data folder", f"{says}: free some space now.")
    return (
        warning("data folder", f"{says}: free some space.")
        if free < LITTLE_SPACE
        else ok("data folder", says)
    )


def _mail() -> Finding:
    if not settings().mail_url.get_secret_value():
        return warning("mail", "Nobody can subscribe by e-mail: set TOCSIN_MAIL_URL to your SMTP server.")
    try:
        server = mail_server()
    except Mistake as mistake:
        return fault("mail", str(mistake))
    return ok("mail", f"by {server.host}; `tocsin channels test` tries it")


def matching(steps: Steps) -> Finding:
    """Say by what topics are matched, and where it is the slower, how to get the other."""
    if isinstance(steps, Plain):
        return ok(
            "matching", f"topics are matched in numpy, several times slower; compiled steps: {steps.why}"
        )
    return ok("matching", "topics are matched by compiled steps")


def _exposed() -> Iterator[Finding]:
    if settings().mail_url.get_secret_value() and not settings().public_url:
        says = "TOCSIN_PUBLIC_URL is not set: links in mails lead to 127.0.0.1, where no reader gets."
        yield warning("mail", says)
    if settings().private_addresses:
        says = "TOCSIN_PRIVATE_ADDRESSES lets every channel lead into your own network: unset it in public."
        yield warning("settings", says)


def _clock(now: datetime) -> Finding:
    if now < WRITTEN:
        return fault("clock", f"It says {now:%Y-%m-%d %H:%M} UTC, which is past: set it, best by NTP.")
    return ok("clock", f"{now:%Y-%m-%d %H:%M} UTC")
