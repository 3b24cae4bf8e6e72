"""`tocsin up`: one command on one machine, started, killed and started again."""

import json
import os
import re
import signal
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.postgres import free_port
from tests.processes import Process, Processes, processes

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240)]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Processes]:
    """One machine with a data folder."""
    with processes({"TOCSIN_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200"}, tmp_path) as run:
        yield run


def up(machine: Processes, *arguments: str, port: int | None = None) -> tuple[Process, str]:
    """Start everything and wait until it says where to look; give the address too."""
    process = machine.start("up", *arguments, TOCSIN_PORT=str(port or free_port()))
    machine.wait_until(lambda: "Open" in process.said(), "it says where to look")
    found = re.search(r"Open\s+(http://\S+)/", process.said())
    assert found is not None
    return process, found[1]


def page(address: str) -> str:
    """Open a page without signing in."""
    with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own address
        text: str = answer.read().decode()
    return text


def family(process: Process) -> set[int]:
    """The process ids of a process, its children and theirs."""
    found = {process.pid}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == process.pid or int(fields[1]) in found:
            found.add(int(path.parent.name))
    for parent in list(found):
        try:
            listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        except OSError:
            continue
        found |= {int(number) for number in listed}
    return found


def alive(pids: set[int]) -> set[int]:
    """Which of these processes still run; a zombie does not."""
    living = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            living.add(pid)
    return living


def test_a_newcomer_sees_an_alert_ring_within_a_minute_with_no_network(machine: Processes) -> None:
    process, address = up(machine)
    machine.wait_until(lambda: "RING" in process.said(), "an alert rings in the terminal", limit_s=60)
    said = process.said()
    assert "11 topics and 21 public feeds" in said
    assert "/desk/sign-in?token=" in said
    assert "1 told: seen +" in said
    shown = page(address)
    assert "Harbour of Halm closes" in shown
    assert "The bell rang." in shown
    assert "last sent" in shown
    assert page(f"{address}/topics/israel")
    assert json.loads(page(f"{address}/readyz"))["ready"]
    machine.wait_until(lambda: "of 21 sources answer" in process.said(), "it says how the sources are")


def test_ctrl_c_stops_everything_and_the_next_start_has_all_data(machine: Processes) -> None:
    process, _address = up(machine)
    machine.wait_until(lambda: "RING" in process.said(), "an alert rings")
    everybody = family(process)
    assert len(everybody) > 7
    process.ask_to_stop(signal.SIGINT)
    assert process.exit_code() == 0
    assert "all data is kept" in process.said()
    assert alive(everybody) == set()
    again, address = up(machine)
    assert "public feeds" not in again.said(), "the starter rows are not made twice"
    assert "Harbour of Halm closes" in page(address)
    machine.wait_until(lambda: "RING" in again.said(), "it rings after a restart too")


def test_kill_9_of_the_parent_leaves_nothing_behind(machine: Processes) -> None:
    process, _address = up(machine)
    everybody = family(process)
    assert len(everybody) > 7
    process.ask_to_stop(signal.SIGKILL)
    machine.wait_until(lambda: not alive(everybody), "all children have ended", limit_s=20)
    again, _address = up(machine)
    machine.wait_until(lambda: "RING" in again.said(), "it starts and rings again")


def test_a_child_that_dies_is_started_again(machine: Processes) -> None:
    process, address = up(machine)
    web = next(pid for pid in process.children() if "web" in Path(f"/proc/{pid}/cmdline").read_text())
    os.kill(web, signal.SIGKILL)
    machine.wait_until(lambda: "web ended" in process.said(), "it says that the web app ended")

    def answers() -> bool:
        try:
            return page(f"{address}/healthz") == "ok\n"
        except OSError:
            return False

    machine.wait_until(answers, "the web app answers again")


def test_a_port_that_somebody_chose_and_is_taken_is_said_in_one_sentence(machine: Processes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = machine.start("up", TOCSIN_PORT=str(port))
        assert process.exit_code() == 2
    assert f"Port {port} is taken: stop what listens there, or set TOCSIN_PORT to another." in process.said()
    assert "Traceback" not in process.said()


def test_where_the_port_is_taken_every_link_leads_to_the_one_that_was_chosen(
    machine: Processes, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 8000)) if _is_free(8000) else nullcontext():
        process = machine.start("up", "--no-practice")
        machine.wait_until(lambda: "Stop  " in process.said(), "it says where to look")
        said = process.said()
        found = re.search(r"Port 8000 is taken, using (\d+)", said)
        assert found is not None
        site = f"http://127.0.0.1:{found[1]}"
        assert f"{site}/desk/sign-in?token=" in said
        link = machine.start("desk", "link")
        assert link.exit_code() == 0
        assert link.said().strip().startswith(f"{site}/desk/sign-in?token=")
    assert page(f"{site}/healthz") == "ok\n"


@pytest.mark.parametrize(
    ("setting", "value"), [("TOCSIN_HOST", "192.0.2.1"), ("TOCSIN_BROKER_URL", "amqp://127.0.0.1")]
)
def test_a_setting_with_which_nothing_can_start_is_named(
    machine: Processes, setting: str, value: str
) -> None:
    process = machine.start("up", **{setting: value})
    assert process.exit_code() == 2
    assert setting in process.said()
    assert "Traceback" not in process.said()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_second_one_on_the_same_data_says_so_and_leaves_the_first_alone(machine: Processes) -> None:
    first, address = up(machine)
    second = machine.start("up", TOCSIN_PORT=str(free_port()))
    assert second.exit_code() == 2
    assert "Tocsin runs already with the data folder" in second.said()
    assert page(f"{address}/healthz") == "ok\n"
    machine.wait_until(lambda: "RING" in first.said(), "the first one's practice newsroom goes on")


def test_with_practice_off_nothing_of_it_is_there(machine: Processes) -> None:
    _process, address = up(machine, "--no-practice")
    shown = page(f"{address}/")
    assert "Practice newsroom" not in shown
    assert "Never miss breaking news on" in shown
