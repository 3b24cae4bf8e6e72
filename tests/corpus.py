"""The folder of test collections, which is not part of the project."""

import os
from pathlib import Path

import pytest

CORPUS = Path(os.environ.get("TOCSIN_CORPUS") or "no-corpus")

needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="set TOCSIN_CORPUS to the folder of test collections to run this"
)
