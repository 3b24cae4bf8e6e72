"""How a command ends: an exit code that scripts can use, and one sentence where something is wrong."""

import errno
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

NO = 1  # the answer is no: nothing matched, a document is no feed, the test message did not arrive
MISTAKE = 2  # something typed is wrong
BROKEN = 3  # the database, the disk or Tocsin itself is
FILE_MISTAKES = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)
PIPE_CLOSED = 128 + 13  # as a shell reports a program that ended by SIGPIPE


class Commands(TyperGroup):
    """The group of all commands: turns whatever goes wrong below it into a sentence and an exit code."""

    def invoke(self, ctx: Any) -> object:
        """Run the command; raises typer.Exit with the code that says how it ended."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _let_go_of(sys.stdout.fileno())
            raise typer.Exit(PIPE_CLOSED) from None
        except (typer.Exit, typer.Abort, TyperException):
            raise  # Typer's own: an end, or a wrong option in its words
        except Exception as error:  # noqa: BLE001 - the last place that can put it into words
            raise typer.Exit(tell(error)) from None
        else:
            return result


def tell(error: Exception) -> int:
    """Print what is wrong as one sentence on stderr; give the exit code."""
    code, sentence = what_happened(error)
    sys.stderr.write(sentence + "\n")
    if _debugging():
        traceback.print_exception(error, file=sys.stderr)
    return code


def what_happened(error: Exception) -> tuple[int, str]:
    """Sort an error: the exit code, and one sentence that names the thing and the way out."""
    from subscriptions.errors import Mistake

    if isinstance(error, Mistake):
        return MISTAKE, _with_pointer(error)
    if isinstance(error, UnicodeEncodeError):
        return MISTAKE, f"{error.object!r} is no text in UTF-8: type it again."
    if isinstance(error, OSError) and _keeps_from_data_folder(error):
        from subscriptions.settings import settings

        why = str(error.strerror).lower()
        folder = settings().data_dir.absolute()
        return MISTAKE, f"The data folder {folder} cannot be made ({why}): set TOCSIN_DATA_DIR to another."
    if isinstance(error, FILE_MISTAKES) and error.filename is not None:
        return MISTAKE, f"{error.filename}: {str(error.strerror).lower()}. Name another file."
    if isinstance(error, OSError):
        return BROKEN, _of_the_machine(error)
    if _of_the_database(error):
        from subscriptions.database import what_is_wrong

        return BROKEN, what_is_wrong(error)  # type: ignore[arg-type]  # _of_the_database says so
    return BROKEN, _of_ours(error)


def _with_pointer(error: Exception) -> str:
    pointer = getattr(error, "pointer", None)  # a wrong query shows the place
    return f"{error}\n{pointer()}" if callable(pointer) else str(error)


def _keeps_from_data_folder(error: OSError) -> bool:
    """Tell whether it is the data folder that is not there and cannot be made, or one it would lie in."""
    if not isinstance(error.filename, str) or isinstance(error, IsADirectoryError):
        return False
    from subscriptions.settings import settings

    folder, place = settings().data_dir.absolute(), Path(error.filename).absolute()
    return not folder.is_dir() and place in (folder, *folder.parents)


def _of_the_machine(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return f"There is no space left to write {error.filename or 'a file'}: free some and run it again."
    what = f"{error.filename}: " if error.filename else ""
    return f"The machine says: {what}{error.strerror or error}. Set that right and run it again."


def _of_the_database(error: Exception) -> bool:
    # Asked this way, a command that needs no database does not load one.
    if "sqlalchemy" not in sys.modules:
        return False
    from sqlalchemy.exc import DatabaseError, IntegrityError, ProgrammingError

    return isinstance(error, DatabaseError) and not isinstance(error, (IntegrityError, ProgrammingError))


def _of_ours(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    first_line = next(iter(str(error).splitlines()), "")
    return (
        f"This is a fault of Tocsin: {type(error).__name__}: {first_line} "
        f"({Path(last.filename).name}, line {last.lineno}). "
        "Run it again with TOCSIN_LOG_LEVEL=debug and report what it prints."
    )


def _debugging() -> bool:
    return os.environ.get("TOCSIN_LOG_LEVEL", "").lower() == "debug"


def _let_go_of(descriptor: int) -> None:
    # Python would try to write the rest at its end, and print a traceback.
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
