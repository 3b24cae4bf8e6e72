"""`tocsin up`, `worker`, `beat`, `web`, `migrate` and `restored`: what runs, and on what."""

from typing import Annotated

import typer

from worker.commands.output import say

QUEUES = "watch,match,push,urgent"


def up(
    *,
    practice: Annotated[
        bool | None, typer.Option("--practice/--no-practice", help="Else as TOCSIN_PRACTICE says.")
    ] = None,
) -> None:
    """Run everything on this machine: broker, workers, beat and web app. Ctrl-C stops it."""
    from subscriptions.settings import settings
    from worker.up import up as run_up

    raise typer.Exit(run_up(practice=settings().practice if practice is None else practice))


def worker(
    *,
    queues: Annotated[str, typer.Option(help="Which queues it works off, with commas between.")] = QUEUES,
    concurrency: Annotated[int | None, typer.Option(min=1, help="Tasks at a time; else one a core.")] = None,
) -> None:
    """Run one worker, on a machine of its own or beside others."""
    from subscriptions.errors import Mistake
    from worker.celery_app import QUEUES as KNOWN

    wanted = [name.strip() for name in queues.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in KNOWN]:
        raise Mistake(f"There is no queue {unknown[0]!r}: choose from {', '.join(KNOWN)}.")
    from worker.roles import run_worker

    run_worker(wanted, concurrency)


def beat() -> None:
    """Run the clock that calls polls and sweeps; one is enough, two do no harm."""
    from worker.roles import run_beat

    run_beat()


def web(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on; else TOCSIN_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen on; else TOCSIN_PORT.")
    ] = None,
) -> None:
    """Run the web app: the desk, readers' pages, health and metrics."""
    from subscriptions.settings import settings
    from worker.roles import run_web

    run_web(settings().host if host is None else host, settings().port if port is None else port)


def migrate() -> None:
    """Bring the database to this version; nothing rings by it."""
    from subscriptions.database import engine
    from subscriptions.migrations import migrate as bring

    before, after = bring(engine())
    if before == after:
        say(f"The database is at revision {after} already.")
    else:
        said = f"it was at {before}" if before else "it had no tables"
        say(f"The database is at revision {after} now; before, {said}.")


def restored() -> None:
    """Keep what may have rung since a backup was made from ringing again; before anything else is started.

    Alerts under way are stopped, articles on their way filed, and each source begins with a new baseline:
    what it publishes from the next poll on rings again.
    """
    from subscriptions.restored import silence_restored
    from subscriptions.settings import settings
    from subscriptions.wording import counted
    from worker.commands.session import writing
    from worker.embedded import embedded_valkey

    if not settings().broker_url:
        embedded_valkey().check_alone()  # it would lose news, and what is under way would ring all the same
    with writing() as session:
        silenced = silence_restored(session)
    say(
        f"Stopped {counted(silenced.alerts, 'alert')} and filed {counted(silenced.articles, 'article')}; "
        f"new baselines: {counted(silenced.sources, 'source')}. Start Tocsin now."
    )
