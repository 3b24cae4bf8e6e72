"""The source of one of Debian's packages, fetched by apt without a change to the machine, and by any user."""

import subprocess
import tarfile
from pathlib import Path

_INDEXES = ("Identifier: Packages", "Origin: Debian")


def unpacked(package: str, part: str, folder: Path) -> Path:
    """Return a folder with the files of `part`, a folder of a package's source, unpacked below `folder`.

    Raises OSError or CalledProcessError where apt is missing or finds nothing.
    """
    target = folder / package
    if not target.exists():
        _fetch(package, folder)
        _unpack(next(folder.glob(f"{package}_*.orig.tar.*")), part, target)
    return target


def _fetch(package: str, folder: Path) -> None:
    """The machine's apt may know no sources: it is given a list of its own, made of the packages it knows."""
    (folder / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (folder / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    line = "deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)"
    lines = _apt("indextargets", "--format", line, *_INDEXES, folder=folder)
    (folder / "sources.list").write_bytes(lines)
    own = [f"Dir::Etc::sourcelist={folder.absolute() / 'sources.list'}", "Dir::Etc::sourceparts=-"]
    own += [f"Dir::State::lists={folder.absolute() / 'lists'}", f"Dir::Cache={folder.absolute()}"]
    options = [word for option in own for word in ("-o", option)]
    _apt(*options, "update", folder=folder)
    _apt(*options, "source", "--download-only", "--tar-only", package, folder=folder)


def _apt(*words: str, folder: Path) -> bytes:
    done = subprocess.run(["apt-get", "-q", *words], check=True, cwd=folder, capture_output=True)
    return done.stdout


def _unpack(archive: Path, part: str, target: Path) -> None:
    half_done = target.with_suffix(".part")
    half_done.mkdir(exist_ok=True)
    with tarfile.open(archive) as files:
        for member in files:
            if f"/{part}/" in member.name and (content := files.extractfile(member)):
                (half_done / Path(member.name).name).write_bytes(content.read())
    half_done.rename(target)
