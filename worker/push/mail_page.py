"""The HTML of a mail: title as link, text, image, note and the way to leave. Pure.

One column and no script; it follows the reader's light or dark colours, language and direction of writing.
"""

import re
from html import escape
from string import Template

from subscriptions.texts import language_of
from worker.push.compose import Message
from worker.push.direction import direction

WEB_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\x7f\"'<>\\]+", re.IGNORECASE)
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")  # BCP 47, as far as mail programs read it

PAGE = Template("""\
<!doctype html>
<html$lang dir="$direction">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>$title</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; background: #ffffff; color: #1a1a1a; font: 17px/1.5 system-ui, sans-serif; }
main { max-width: 36em; margin: 0 auto; padding: 1.5em; }
h1 { margin: 0 0 .6em; font-size: 1.5em; line-height: 1.25; }
p { margin: 0 0 1em; }
a { color: #0b57d0; }
img { display: block; max-width: 100%; height: auto; }
footer { margin-top: 2em; font-size: .82em; color: #595959; }
@media (prefers-color-scheme: dark) {
body { background: #121212; color: #e8e8e8; }
a { color: #8ab4f8; }
footer { color: #b0b0b0; }
}
</style>
</head>
<body>
<main>
$story
$footer
</main>
</body>
</html>
""")


def page(message: Message) -> str:
    """Write a message as a page; `message.leave` is put in escaped, whatever it is."""
    return PAGE.substitute(
        lang=f' lang="{message.language}"' if is_language(message.language) else "",
        direction=direction(message.language, f"{message.title} {message.text}"),
        title=escape(message.title),
        story="\n".join(
            part for part in (_title(message), _text(message.text), _image(message.image)) if part
        ),
        footer=_footer(message),
    )


def is_language(tag: str) -> bool:
    """Say whether it is written like the name of a language."""
    return LANGUAGE.fullmatch(tag) is not None


def _title(message: Message) -> str:
    return f"<h1>{_link(message.link, message.title)}</h1>"


def _text(text: str) -> str:
    paragraphs = (part.strip() for part in text.split("\n\n"))
    return "\n".join(f"<p>{_lines(part)}</p>" for part in paragraphs if part)


def _lines(paragraph: str) -> str:
    # An address that has a line to itself is meant to be followed: the mail that asks to confirm has one.
    return "<br>\n".join(_link(line, line) for line in paragraph.split("\n"))


def _image(address: str) -> str:
    if not WEB_ADDRESS.fullmatch(address):
        return ""
    return f'<p><img src="{escape(address)}" alt=""></p>'  # the title says what it is about


def _footer(message: Message) -> str:
    if not message.note and not message.leave:
        return ""
    language = language_of(message.reader)
    note = f"<p>{escape(message.note)}</p>" if message.note else ""
    leave = escape(language.gettext("Leave or change what you follow"))
    leaving = f'<p><a href="{escape(message.leave)}">{leave}</a></p>' if message.leave else ""
    return f'<footer lang="{language.code}" dir="{language.direction}">\n{note}{leaving}\n</footer>'


def _link(address: str, text: str) -> str:
    if not WEB_ADDRESS.fullmatch(address):
        return escape(text)
    return f'<a href="{escape(address)}">{escape(text)}</a>'
