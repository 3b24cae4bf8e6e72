"""A complete address, with made-up secrets, for every kind of channel there can be."""

from pathlib import Path

_LINES = (Path(__file__).parent / "addresses.txt").read_text(encoding="utf-8").splitlines()


def _schemes_and_rest(line: str) -> tuple[list[str], str]:
    *schemes, rest = line.split()
    return schemes, rest


# The file has a line for each plugin: its schemes, then what follows "://" in the address.
ADDRESSES = {
    scheme: f"{scheme}://{rest}" for schemes, rest in map(_schemes_and_rest, _LINES) for scheme in schemes
}
