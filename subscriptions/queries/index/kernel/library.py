"""The kernel's library, opened."""

import ctypes
import sys
from ctypes import POINTER, c_char_p, c_int64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

from subscriptions.queries.index.kernel.build import LIBRARY, source_name
from subscriptions.queries.index.kernel.structures import CArticle, CSearch, CVocabulary

_Function = Any  # ctypes' functions are typed by their `argtypes` only


class MissingError(Exception):
    """There is no kernel to use; says why."""


class Kernel:
    """The functions of kernel.h, ready to be called. They are short, and keep the interpreter's lock."""

    def __init__(self, library: ctypes.PyDLL) -> None:
        self.read_article = _typed(
            library.read_article,
            c_int64,
            *(POINTER(CVocabulary), POINTER(CArticle), *3 * (c_char_p, c_int64)),
        )
        self.keep_chunks = _typed(library.keep_chunks, None, POINTER(CVocabulary), POINTER(CArticle), c_int64)
        self.move_chunks = _typed(library.move_chunks, None, POINTER(CVocabulary), c_void_p, c_int64)
        self.find_topics = _typed(library.find_topics, c_int64, POINTER(CSearch))


def _typed(function: _Function, result: Any, *arguments: Any) -> _Function:
    function.restype = result
    function.argtypes = arguments
    return function


@cache
def opened() -> Kernel:
    """Open what was built when Tocsin was installed. Raises MissingError, also where it is stale."""
    return opened_at(LIBRARY)


def opened_at(path: Path) -> Kernel:
    """Open a kernel, if it was built from the files that lie beside this one."""
    if sys.byteorder != "little":
        raise MissingError("they are for processors that put the lowest byte first")
    if not path.exists():
        raise MissingError("they were not built; install a C compiler, then Tocsin again")
    try:
        library = ctypes.PyDLL(str(path))
        built_from = _typed(library.kernel_source, c_char_p)().decode()
    except (OSError, AttributeError) as error:
        raise MissingError(f"they cannot be opened: {error}") from error
    if built_from != source_name():
        raise MissingError("they were built from another version; install Tocsin again")
    return Kernel(library)
