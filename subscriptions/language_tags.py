"""Which tags name a language, as people type them: "he", "pt-BR"."""

import re
from difflib import get_close_matches

from subscriptions.errors import Mistake
from subscriptions.queries.language import known_codes, language_code, language_named, language_names

TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")  # BCP 47 without its rarities
TWO_LETTERS = 2  # ISO 639-1 has two hundred; those of three letters are thousands, and not listed here


def check_language(tag: str) -> None:
    """Raise Mistake, with the tag that may have been meant, for what names no language."""
    code = language_code(tag).partition("-")[0]
    if TAG.fullmatch(tag) and (len(code) > TWO_LETTERS or code in known_codes()):
        return
    near = get_close_matches(tag.casefold(), language_names(), n=3, cutoff=0.7)
    meant = list(dict.fromkeys(language_named(name) for name in near))
    hint = f"did you mean {' or '.join(meant)}?" if meant else "write a tag such as `he` or `pt-BR`."
    raise Mistake(f"There is no language {tag!r}: {hint}")
