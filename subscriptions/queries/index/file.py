"""A segment as a file: its arrays one behind the other, mapped into memory when it is opened.

All processes that open it share the same pages. A checksum tells a damaged file.
"""

import json
import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
from xxhash import xxh3_64_hexdigest

from subscriptions.queries.index.segment import ARRAYS, Segment

_MAGIC = b"tocsin-segment-1"
_ALIGNED = 64  # bytes
_HEAD = len(_MAGIC) + 8  # then the length of what says where each array is


class DamagedError(Exception):
    """A file is not a segment, or not whole."""


def save(segment: Segment, path: Path) -> None:
    """Write a segment; the file is there whole or not at all."""
    body = bytearray()
    arrays = {}
    for name in ARRAYS:
        array: Any = np.ascontiguousarray(getattr(segment, name))
        body += bytes(-len(body) % _ALIGNED)
        arrays[name] = [array.dtype.str, len(array), len(body)]
        body += array.tobytes()
    about = {"arrays": arrays, "needs": sorted(segment.needs, key=str), "checksum": xxh3_64_hexdigest(body)}
    head = json.dumps(about).encode()
    head += b" " * (-(_HEAD + len(head)) % _ALIGNED)
    half_done = path.with_suffix(".part")
    with half_done.open("wb") as file:
        file.write(_MAGIC + len(head).to_bytes(8, "little") + head)
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    half_done.replace(path)


def load(path: Path) -> Segment:
    """Open a segment. Raises DamagedError when it is not what was written, OSError when it is not there."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < _HEAD:
            raise DamagedError(path.name)
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    length = int.from_bytes(mapped[len(_MAGIC) : _HEAD], "little")
    body = mapped[_HEAD + length :]
    try:
        about = json.loads(bytes(mapped[_HEAD : _HEAD + length]))
        if mapped[: len(_MAGIC)] != _MAGIC or xxh3_64_hexdigest(body) != about["checksum"]:
            raise DamagedError(path.name)
    except (ValueError, KeyError) as error:
        raise DamagedError(path.name) from error
    arrays: dict[str, Any] = {
        name: np.frombuffer(body, dtype, count, offset)
        for name, (dtype, count, offset) in about["arrays"].items()
    }
    return Segment(**arrays, needs=frozenset((kind, of) for kind, of in about["needs"]))
