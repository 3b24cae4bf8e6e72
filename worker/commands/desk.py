"""`tocsin desk`: the way into the admins' pages."""

import typer

from worker.commands.output import say

app = typer.Typer(no_args_is_help=True, help="The admins' pages.")


@app.callback()
def desk() -> None:
    """Make `link` a command of its own, not the whole group."""


@app.command()
def link() -> None:
    """Print a link that signs an admin in, once."""
    from subscriptions.settings import settings
    from subscriptions.web.sign_in import make_link
    from worker.commands.session import writing
    from worker.up import site_under_way

    with writing() as session:
        address = make_link(session, site_under_way(settings()))
    say(address)
