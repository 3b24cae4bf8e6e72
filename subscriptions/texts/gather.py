"""Gathers the sentences readers are told from code and templates into the catalogues: `make texts`."""

import re
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from subscriptions.channel_forms.texts import texts
from subscriptions.texts.language import CATALOGUES, ENGLISH, LANGUAGES

ROOT = Path(__file__).parents[2]
FOLDERS = ("subscriptions", "worker")
HOW = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
CALLS = {"_": None, "gettext": None, "ngettext": (1, 2), "msgid": None, "translated": (2,)}
# Who translated when is in the history; what changes at every run would hide what did change.
NOISE = re.compile(
    rb'^"(Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator'
    rb"|Language-Team|Generated-By):.*\n",
    re.MULTILINE,
)
HEADER = "# What readers are told, in this language. `make texts` keeps it up with the code.\n#"


def gathered() -> Catalog:
    """Give every sentence that code and templates say to readers."""
    found = Catalog(charset="utf-8")
    for folder in FOLDERS:
        messages = extract_from_dir(
            ROOT / folder,
            HOW,
            OPTIONS,
            keywords=CALLS,
            comment_tags=("To translators:",),
            strip_comment_tags=True,
        )
        for file, line, sentence, comments, _context in messages:
            found.add(sentence, locations=[(f"{folder}/{file}", line)], auto_comments=comments)
    for text in texts():
        found.add(text, locations=[("subscriptions/channel_forms", 1)])
    return found


def read(code: str) -> Catalog:
    """Read a language's catalogue; a new language's is empty."""
    path = CATALOGUES / f"{code}.po"
    if not path.exists():
        return Catalog(locale=code, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=code)


def write(code: str, catalogue: Catalog) -> None:
    """Write a language's catalogue, in the order of the sentences' files."""
    catalogue.header_comment = HEADER
    written = BytesIO()
    # Without line numbers: a catalogue changes only where what is said does.
    write_po(written, catalogue, width=0, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    (CATALOGUES / f"{code}.po").write_bytes(NOISE.sub(b"", written.getvalue()))


def missing(catalogue: Catalog) -> list[str]:
    """List the English sentences a catalogue does not say, or not in every plural form."""
    return [
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue
        if message.id and not all(_forms(message.string))
    ]


def main() -> None:
    """Bring every catalogue up to date, and say what each lacks."""
    found = gathered()
    for code in sorted(LANGUAGES.keys() - {ENGLISH.code}):
        catalogue = read(code)
        catalogue.update(found, no_fuzzy_matching=True)
        write(code, catalogue)
        lacks = missing(catalogue)
        print(f"{code}: {len(catalogue)} sentences, {len(lacks)} to translate")  # noqa: T201 - it is a command


def _forms(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (string or "",) if isinstance(string, str | None) else tuple(string)


if __name__ == "__main__":
    main()
