"""The compiled steps of the index: a library of C, built when Tocsin is installed where there is a compiler.

It works on the arrays that numpy holds, and finds what the steps in numpy find, several times faster. Where
it is missing, or was not built from the files that lie beside it, the steps in numpy are used.
"""

from subscriptions.queries.index.kernel.library import Kernel, MissingError, opened
from subscriptions.queries.index.kernel.reader import CompiledReader
from subscriptions.queries.index.kernel.search import CompiledSearch

__all__ = ["CompiledReader", "CompiledSearch", "Kernel", "MissingError", "opened"]
