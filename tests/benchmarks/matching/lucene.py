"""Lucene Monitor, made from Debian's packages: Lucene's jars, the monitor's source, and LuceneMonitor.java.

Debian's package `liblucene8-java` leaves the monitor out; the source package of the same has it.
"""

import subprocess
from pathlib import Path
from shutil import which

from tests.benchmarks.matching.data import Data
from tests.benchmarks.matching.debian_source import unpacked
from tests.benchmarks.matching.measured import ROUND_S, ROUNDS, WARM_UP_S, Measured, Timed, assert_same

_PRESEARCHERS = {1: "TermFilteredPresearcher", 2: "MultipassTermFilteredPresearcher(2)"}  # by passes
_BOTH_UP_TO = 100_000  # queries: with more, loading takes minutes
_PACKAGES = "default-jdk-headless liblucene8-java"
_JARS = Path("/usr/share/java")
_PARTS = ("core", "memory", "analyzers-common", "queries", "queryparser")
_MONITOR = "monitor/src/java/org/apache/lucene/monitor"
_MAIN = Path(__file__).with_name("LuceneMonitor.java")
_JAVA = (
    "java",
    "-Xmx8g",  # a million queries as objects
    "-XX:+UseParallelGC",  # spends least on garbage; the other collectors pay for short pauses
)


class MissingError(Exception):
    """Lucene Monitor cannot be had here; says the way out."""


class Lucene:
    """The compiled program, by its class path."""

    def __init__(self, classes: str) -> None:
        self._classes = classes
        self._passes = list(_PRESEARCHERS)

    def time_matching(self, data: Data, queries: int) -> tuple[Timed, str]:
        """Time the presearcher that is faster here; tell which it is."""
        timed = {passes: self._time(data, queries, passes) for passes in self._passes}
        assert_same(Measured(_PRESEARCHERS[passes], queries, timed[passes]) for passes in timed)
        fastest = min(timed, key=lambda passes: timed[passes].ms)
        if queries >= _BOTH_UP_TO:
            self._passes = [fastest]
        others = [f"{_PRESEARCHERS[each]} {timed[each].ms:.3f}" for each in timed if each != fastest]
        return timed[fastest], ", not ".join([_PRESEARCHERS[fastest], *others])

    def _time(self, data: Data, queries: int, passes: int) -> Timed:
        numbers = (queries, passes, WARM_UP_S, ROUND_S, ROUNDS)
        command = [*_JAVA, "-cp", self._classes, _MAIN.stem, str(data.folder), *map(str, numbers)]
        milliseconds = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        lines = (data.folder / "lucene.txt").read_text().splitlines()
        return Timed(float(milliseconds), [frozenset(map(int, line.split())) for line in lines])


def compiled(folder: Path) -> Lucene:
    """Compile everything in `folder`; what was fetched stays there for the next time. Raises MissingError."""
    jars = [jar for part in _PARTS for jar in _JARS.glob(f"lucene-{part}-8.*.jar")]
    if which("javac") is None or len(jars) != len(_PARTS):
        raise MissingError(f"apt-get install {_PACKAGES}")
    try:
        source = unpacked("lucene8", _MONITOR, folder)
    except (OSError, subprocess.CalledProcessError) as error:
        raise MissingError(f"the source of Debian's lucene8 could not be fetched: {error}") from error
    classes = ":".join(map(str, [folder, *jars]))
    files = map(str, [*source.glob("[A-Z]*.java"), _MAIN])
    command = ["javac", "-nowarn", "-proc:none", "-d", str(folder), "-cp", classes, *files]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return Lucene(classes)
