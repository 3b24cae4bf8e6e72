"""docker-compose.yml as Compose reads it: variables filled in, merge keys resolved."""

import re
from typing import Any

import yaml

from tests.processes import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
# ${NAME:-default} and ${NAME:?message}; $$ is a dollar sign for the container's own shell.
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::([-?])([^}]*))?\}")


def read(text: str) -> dict[str, Any]:
    """Read the file: YAML first, then variables in its values, as Compose does."""
    document: dict[str, Any] = _filled_in(yaml.safe_load(text))
    return document


def _filled_in(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled_in(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled_in(each) for each in value]
    if isinstance(value, str):
        return VARIABLE.sub(lambda found: found[3] if found[2] == "-" else "made-up", value)
    return value


DOCUMENT = read(TEXT)
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
