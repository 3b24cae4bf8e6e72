"""The index of topics: which of a million stored queries an article answers."""

from subscriptions.queries.index.assemble import Assembler
from subscriptions.queries.index.file import DamagedError
from subscriptions.queries.index.frequencies import Frequencies, frequencies, together
from subscriptions.queries.index.index import Index
from subscriptions.queries.index.shelf import Contents, Shelf

__all__ = [
    "Assembler",
    "Contents",
    "DamagedError",
    "Frequencies",
    "Index",
    "Shelf",
    "frequencies",
    "together",
]
