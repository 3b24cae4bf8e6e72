"""Compiles the kernel. Used while Tocsin is installed, so it imports nothing but the standard library."""

import hashlib
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from shutil import which

FOLDER = Path(__file__).parent
LIBRARY = FOLDER / "kernel.so"
# No -march: what is built on one machine runs on others of its kind.
_FLAGS = ("-std=c99", "-O3", "-shared", "-fPIC", "-fvisibility=hidden")


class NotBuiltError(Exception):
    """There is no compiler, or it failed; says which."""


def source_name() -> str:
    """Name what the kernel is built from, and what knows how its structures lie."""
    digest = hashlib.sha256()
    for file in sorted([*FOLDER.glob("*.[ch]"), *FOLDER.glob("*.py")]):
        digest.update(f"{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def build(target: Path = LIBRARY, flags: Sequence[str] = ()) -> Path:
    """Compile the kernel into `target`, whole or not at all. Raises NotBuiltError."""
    compiler = which("cc")
    if compiler is None:
        raise NotBuiltError("there is no C compiler (cc)")
    sources = map(str, sorted(FOLDER.glob("*.c")))
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        built = Path(folder) / target.name
        name = f'-DKERNEL_SOURCE="{source_name()}"'
        done = subprocess.run(  # noqa: S603 - the machine's compiler, and files of our own
            [compiler, *_FLAGS, *flags, name, "-o", str(built), *sources],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NotBuiltError(f"{compiler} failed: {done.stderr.strip()}")
        built.replace(target)
    return target
