"""The folder in which a machine keeps its segments, and the page that says which of them count.

The database is the truth: a shelf may be lost or damaged at any time, and is filled anew then. What the page
names is whole, because the page is replaced last. Who fills a shelf holds its lock.
"""

import fcntl
import json
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

from xxhash import xxh3_64

from subscriptions.queries.index.file import DamagedError, load, save
from subscriptions.queries.index.segment import Segment

_PAGE = "index.json"
_FORMAT = 2


@dataclass(frozen=True)
class Contents:
    """Segments, the later counting more, and what of the database they hold.

    `origin` names the database, `revision` the last change of a topic that is in, `names` the files;
    `left_out` are the topics that were not to be in, for whoever has to ask for them.
    """

    origin: str
    revision: int
    names: tuple[str, ...] = ()
    segments: tuple[Segment, ...] = ()
    left_out: tuple[int, ...] = ()


class Shelf:
    """A folder of segments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def stamp(self) -> object:
        """Return what is different once the shelf was filled anew; None for an empty one."""
        try:
            found = (self.folder / _PAGE).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    def read(self) -> Contents | None:
        """Open what is there; None for an empty shelf, and for one of another version of the language.

        Raises DamagedError where a file is not what was written.
        """
        page = self._page()
        if page is None or page["code"] != _code():
            return None
        try:
            segments = self.segments(page["segments"])
        except FileNotFoundError:
            if self._page() == page:
                raise DamagedError("a segment that is named") from None
            return self.read()  # somebody has filled it anew meanwhile
        names, left_out = tuple(page["segments"]), tuple(page["left out"])
        return Contents(page["origin"], page["revision"], names, segments, left_out)

    def _page(self) -> Any:
        try:
            page = json.loads((self.folder / _PAGE).read_text())
            if {"code", "origin", "revision", "segments", "left out"} <= page.keys():
                return page
        except FileNotFoundError:
            return None
        except (ValueError, AttributeError):
            pass
        raise DamagedError(_PAGE)

    def add(self, segment: Segment) -> str:
        """Store a segment that no page names yet; return the name of its file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{uuid4().hex}.segment"
        save(segment, self.folder / name)
        return name

    def segments(self, names: Sequence[str]) -> tuple[Segment, ...]:
        """Open segments. Raises DamagedError, and FileNotFoundError where one is not there."""
        return tuple(load(self.folder / name) for name in names)

    def publish(self, origin: str, revision: int, names: Sequence[str], left_out: Sequence[int] = ()) -> None:
        """Let these segments count, and no others; files that no page names any more go."""
        page = {"code": _code(), "origin": origin, "revision": revision}
        page |= {"segments": list(names), "left out": list(left_out)}
        half_done = self.folder / f"{_PAGE}.part"
        half_done.write_text(json.dumps(page))
        half_done.replace(self.folder / _PAGE)
        for file in self.folder.glob("*.segment"):
            if file.name not in names:
                file.unlink()  # who has it open keeps it
        for left in self.folder.glob("*.part"):
            left.unlink()  # by somebody who died

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Wait until nobody else is filling the shelf, and keep others from it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


@cache
def _code() -> str:
    """Name the version of the language, of whatever has a say in how a text is analysed."""
    digest = xxh3_64(f"{_FORMAT} {unicodedata.unidata_version} {version('pystemmer')}".encode())
    for file in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
