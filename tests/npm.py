"""Packages of npm that tests use, installed once for each lock file."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

BUILD = Path(__file__).parent.parent / "build"
INSTALL_LIMIT_S = 150


def installed(where: Path) -> Path:
    """Install what `where` names in its package.json and lock; gives the folder of the modules."""
    lock = (where / "package-lock.json").read_bytes()
    folder = BUILD / f"{where.name.replace('_', '-')}-{hashlib.sha256(lock).hexdigest()[:12]}"
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "npm.lock").open("w") as alone:  # tests run in several processes
        fcntl.flock(alone, fcntl.LOCK_EX)
        if not folder.exists():
            _install(where, folder)
    return folder / "node_modules"


def _install(where: Path, folder: Path) -> None:
    fresh = folder.with_suffix(f".{os.getpid()}")  # renamed once it is whole
    fresh.mkdir(parents=True)
    try:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(where / name, fresh)
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        subprocess.run(["npm", "ci", *quiet], cwd=fresh, check=True, timeout=INSTALL_LIMIT_S)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
