"""The steps of the index that tests compare: in numpy, and compiled where there is a compiler."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from subscriptions.queries.index.kernel.build import NotBuiltError, build
from subscriptions.queries.index.kernel.library import opened_at
from subscriptions.queries.index.steps import Compiled, Plain, Steps

STRICT = ("-pedantic", "-Wall", "-Wextra", "-Werror")


@cache
def compiled_steps() -> Compiled | None:
    """The steps of a kernel built from the source as it is now; None without a compiler."""
    with TemporaryDirectory() as folder:
        try:
            return Compiled(opened_at(build(Path(folder) / "kernel.so", STRICT)))
        except NotBuiltError as error:
            if "no C compiler" not in str(error):
                raise
            return None


def all_steps() -> list[Steps]:
    """Those in numpy, and the compiled ones if there are any."""
    compiled = compiled_steps()
    return [Plain(), compiled] if compiled else [Plain()]
