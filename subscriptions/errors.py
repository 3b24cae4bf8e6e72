"""What a person did wrong, in words for that person."""


class Mistake(Exception):  # noqa: N818 - it is the user's mistake, not an error of ours
    """A wrong input: its text is one sentence that names the thing and the way out.

    Commands print it and exit with 2; pages show it at the field; no traceback in either.
    """
