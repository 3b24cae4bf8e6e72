"""docker-compose.yml: valid by the specification, without secrets, and made of commands there are."""

import re

import pytest
import yaml
from compose_spec import PyCompose
from typer.testing import CliRunner

from tests.compose import DOCUMENT, OURS, SERVICES, TEXT, VARIABLE, read
from tests.processes import ROOT
from worker.celery_app import QUEUES
from worker.cli import app


def check(text: str) -> PyCompose:
    """Check a file against the Compose specification; merge keys are YAML's own, resolved before."""
    compose = PyCompose.from_yaml(yaml.safe_dump(read(text)))
    compose.validate()
    return compose


def test_the_file_is_valid_by_the_compose_specification() -> None:
    assert set(check(TEXT).service_names()) == set(SERVICES)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("healthcheck:", "helthcheck:"),
        ("restart: unless-stopped", "restart: sometimes"),
        ("interval: 5s", "interval: soon"),
        ("condition: service_healthy", "condition: healthy"),
    ],
)
def test_the_check_finds_faults(right: str, wrong: str) -> None:
    assert right in TEXT
    with pytest.raises(ValueError, match=r"\w"):
        check(TEXT.replace(right, wrong))


def test_every_named_volume_is_declared() -> None:
    mounted = [volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())]
    assert mounted
    assert set(mounted) == set(DOCUMENT["volumes"])


def test_no_secret_is_in_the_file() -> None:
    for name in ("POSTGRES_PASSWORD", "TOCSIN_SECRET_KEYS"):
        used = re.findall(rf"\$\{{{name}[^}}]*\}}", TEXT)
        assert used
        assert all(":?" in each for each in used), f"{name} has no default, and its absence stops the start"


def test_every_variable_is_in_the_example_of_the_environment() -> None:
    example = (ROOT / ".env.example").read_text()
    assert {name for name, _kind, _value in VARIABLE.findall(TEXT)} - {"TOCSIN_WEB_PORT"} <= set(
        re.findall(r"^(\w+)=", example, re.MULTILINE)
    )


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_command_is_one_that_tocsin_knows(name: str) -> None:
    command = OURS[name]["command"]
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0, result.output
    for option in (word for word in command if word.startswith("--")):
        assert option in result.output


def test_every_queue_has_a_worker_of_its_own() -> None:
    worked_off = [service["command"][2] for service in OURS.values() if service["command"][0] == "worker"]
    assert sorted(worked_off) == sorted(QUEUES)


def test_everything_that_goes_on_restarts_and_is_looked_after() -> None:
    for name, service in SERVICES.items():
        if name == "migrate":
            assert service["restart"] == "no"
        else:
            assert service["restart"] == "unless-stopped"
            assert "healthcheck" in service or name == "beat"


def test_nothing_starts_before_the_database_has_its_tables() -> None:
    for name, service in OURS.items():
        waits_for = service["depends_on"]
        if name == "migrate":
            assert waits_for == {"postgres": {"condition": "service_healthy"}}
        else:
            assert waits_for["migrate"] == {"condition": "service_completed_successfully"}
