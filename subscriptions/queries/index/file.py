"""A segment as a file: its arrays one behind the other, mapped into memory when it is opened.

All processes that open it share the same pages. A checksum tells a damaged file.
"""

import json
import mmap
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
from xxhash import xxh3_64, xxh3_64_intdigest

from subscriptions.queries.index.segment import ARRAYS, Segment

_MAGIC = b"tocsin-segment-1"
_ALIGNED = 64  # bytes
_HEAD = len(_MAGIC) + 16  # then the length of what says where each array is, and the checksum of all behind


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
    about = json.dumps({"arrays": arrays, "needs": sorted(segment.needs, key=str)}).encode()
    about += b" " * (-(_HEAD + len(about)) % _ALIGNED)
    checksum = xxh3_64(about, seed=len(about))
    checksum.update(body)
    half_done = path.with_suffix(".part")
    with half_done.open("wb") as file:
        file.write(_MAGIC + struct.pack("<QQ", len(about), checksum.intdigest()))
        file.write(about)
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
    head, rest = bytes(mapped[:_HEAD]), mapped[_HEAD:]
    length, checksum = struct.unpack("<QQ", head[len(_MAGIC) :])
    if not head.startswith(_MAGIC) or xxh3_64_intdigest(rest, seed=length) != checksum:
        raise DamagedError(path.name)
    about = json.loads(bytes(rest[:length]))
    arrays: dict[str, Any] = {
        name: np.frombuffer(rest, dtype, count, length + offset)
        for name, (dtype, count, offset) in about["arrays"].items()
    }
    return Segment(**arrays, needs=frozenset((kind, of) for kind, of in about["needs"]))
