"""The structures of kernel.h, field by field, and where arrays lie."""

from ctypes import Structure, c_int64, c_uint64, c_void_p
from typing import Any

import numpy as np

from subscriptions.queries.index.arrays import Array

PROSE = 3  # fields
_Fields = Any  # of the pairs that ctypes wants, some with an array's type


class CSpellings(Structure):
    """See kernel.h."""

    _fields_ = tuple((name, c_void_p) for name in ("starts", "counts", "names", "positions", "afters"))


class CVocabulary(Structure):
    """See kernel.h."""

    _fields_ = (
        ("found_by", CSpellings),
        ("written", CSpellings),
        ("widths", c_void_p),
        ("slots", c_void_p),
        ("slot_count", c_int64),
        ("secret", c_uint64 * 2),
    )


class CArticle(Structure):
    """See kernel.h."""

    _fields_ = (
        ("chunks", c_void_p),
        ("count", c_int64),
        ("begins", c_int64 * PROSE),
        ("ends", c_int64 * PROSE),
        ("found", c_void_p),
        ("metadata", c_void_p),
        ("metadata_count", c_int64),
    )


class CSorted(Structure):
    """See kernel.h."""

    _fields_ = (("names", c_void_p), ("count", c_int64), ("gap", c_uint64))


_PLAIN = {  # arrays of a segment that the kernel reads as they are, in the order of kernel.h
    "name_starts": np.int32,
    "name_demands": np.int32,
    "row_demands": np.int32,
    "row_marks": np.bool_,
    "row_mask": None,
    "posting_starts": np.int32,
    "posting_terms": np.int32,
    "posting_targets": np.int32,
    "rest_queries": np.int32,
    "rest_group_starts": np.int32,
    "group_starts": np.int32,
    "group_demands": np.int32,
    "group_excludes": np.bool_,
    "rest_check_starts": np.int32,
    "check_kinds": np.int8,
    "check_distances": np.int32,
    "check_starts": np.int32,
    "check_demands": np.int32,
}
SEGMENT_ARRAYS = {name: dtype for name, dtype in _PLAIN.items() if dtype is not None}


class CSegment(Structure):
    """See kernel.h."""

    _fields_ = (
        ("names", CSorted),
        ("rows", CSorted),
        *((name, c_void_p if dtype else c_uint64) for name, dtype in _PLAIN.items()),
        ("topic_starts", c_void_p),
        ("short_topics", c_void_p),
        ("long_topics", c_void_p),
        ("alive", c_void_p),
        ("fields", c_int64),
        ("field_numbers", c_int64 * (PROSE + 1)),
        ("field_salts", c_uint64 * (PROSE + 1)),
        ("row_fields", c_int64),
        ("row_field_numbers", c_int64 * (PROSE + 1)),
        ("row_field_salts", c_uint64 * (PROSE + 1)),
    )


class CMet(Structure):
    """See kernel.h."""

    _fields_ = (("spans", c_void_p), ("hits", c_void_p), ("length", c_int64), ("room", c_int64))


class CScratch(Structure):
    """See kernel.h."""

    _fields_ = (
        *((f"{name}_bits", c_void_p) for name in ("demand", "rest", "query")),
        *((name, c_void_p) for name in ("demands", "rests", "queries")),
        *((f"{name}_count", c_int64) for name in ("demand", "rest", "query")),
        ("undecided", c_void_p),
        ("undecided_count", c_int64),
        ("places", c_void_p),
        ("heads", c_void_p),
        *((f"place_{name}", c_int64) for name in ("room", "count", "slots")),
        ("topics", c_void_p),
        ("other_topics", c_void_p),
    )


class CSearch(Structure):
    """See kernel.h."""

    _fields_ = tuple((name, c_void_p) for name in ("segment", "vocabulary", "article", "met", "scratch"))


class Kept:
    """Keeps the arrays of a structure alive, and tells where they lie."""

    def __init__(self) -> None:
        self._arrays: dict[str, tuple[Array, Array, int]] = {}

    def at(self, name: str, array: Array, dtype: Any) -> int:
        """Return where an array's values lie, as C expects them; it takes the place of the last one."""
        kept = self._arrays.get(name)
        if kept is None or kept[0] is not array:
            laid_out = np.require(array, dtype, ["C", "A"])
            kept = self._arrays[name] = array, laid_out, int(laid_out.ctypes.data)
        return kept[2]
