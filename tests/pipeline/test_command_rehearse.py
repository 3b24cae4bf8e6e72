"""`tocsin rehearse`: a rehearsal leaves nothing behind and goes nowhere but to this machine."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import apprise
import pytest

from tests.commands import tocsin
from worker.rehearsal.crowd import Far
from worker.rehearsal.plain import plain_addresses

KEYS = {
    "subscribers",
    "channel",
    "workers",
    "accepted",
    "missing",
    "twice",
    "per_second",
    "t50_s",
    "t90_s",
    "t99_s",
    "t100_s",
    "connections_per_message",
    "cpu_us_per_message",
    "db_share",
}
COMPARED = {"naive_per_second", "limit_per_second", "ratio_naive", "ratio_limit"}


@pytest.fixture
def own_tmp(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files; its path is short, as a socket's has to be."""
    with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@pytest.mark.processes
@pytest.mark.parametrize("kind", ["jsons", "ntfys", "webpush", "mixed"])
def test_everybody_is_told_once(kind: str, own_tmp: Path) -> None:
    answer = tocsin("rehearse", "--subscribers", "300", "--channel", kind, "--workers", "1", "--json")
    assert answer.code == 0, answer.err
    result = answer.json
    assert result.keys() >= KEYS
    assert {name: result[name] for name in COMPARED} == dict.fromkeys(COMPARED)
    assert (result["accepted"], result["missing"], result["twice"]) == (300, 0, 0)
    assert list(own_tmp.iterdir()) == []


def test_plain_apprise_has_the_same_recipients_to_compare_with(tmp_path: Path) -> None:
    far = Far("127.0.0.1", https=8443, smtps=8465)
    addresses = list(plain_addresses(far, "mixed", range(100, 104), tmp_path))
    assert [address.partition(":")[0] for address in addresses] == ["vapid", "jsons", "ntfys", "mailtos"]
    assert all(apprise.Apprise.instantiate(address) for address in addresses)


@pytest.mark.processes
def test_who_is_gone_or_told_to_wait_is_accounted_for() -> None:
    faults = ("--faults", "gone:2,too_many:5,reset:1")
    answer = tocsin("rehearse", "--subscribers", "1000", *faults, "--json")
    result = answer.json
    assert (result["missing"], result["twice"]) == (0, 0)
    assert result["accepted"] == 1000 - 20


@pytest.mark.parametrize(
    ("option", "says"),
    [
        (("--host", "8.8.8.8"), "not this machine"),
        (("--channel", "pigeon"), "pigeon"),
        (("--faults", "fire:10"), "fire:10"),
        (("--faults", "hang:lots"), "hang:lots"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(option: tuple[str, str], says: str) -> None:
    answer = tocsin("rehearse", *option)
    assert answer.code == 2
    assert says in answer.err
