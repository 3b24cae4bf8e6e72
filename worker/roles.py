"""What one process of Tocsin can be: a worker, beat, or the web app. Each loads what it needs, no more."""

import resource

import structlog

from subscriptions.settings import settings

CONNECTIONS = 16_384

log = structlog.get_logger()


def run_worker(queues: list[str], concurrency: int | None = None) -> None:
    """Work off these queues until told to stop; `concurrency` tasks at a time, else one a core."""
    from subscriptions.database import engine
    from subscriptions.migrations import check_schema
    from subscriptions.nudge import get_ready_to_nudge
    from worker.celery_app import app

    check_schema(engine())
    get_ready_to_nudge()
    if {"push", "urgent"} & set(queues):
        from worker.push.ready import get_ready

        get_ready()
        _allow_connections()
    name = "-".join(queues)
    arguments = ["worker", f"--queues={','.join(queues)}", f"--hostname={name}@%h", "--without-mingle"]
    if concurrency is not None:
        arguments.append(f"--concurrency={concurrency}")
    app.worker_main([*arguments, "--without-gossip", f"--loglevel={settings().log_level}"])


def _allow_connections() -> None:
    """Let a process have as many connections as the system would allow it; often it starts with 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS if hard == resource.RLIM_INFINITY else min(CONNECTIONS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def run_beat() -> None:
    """Send polls and sweeps on their way, until told to stop."""
    from worker.celery_app import app

    app.conf.include = []  # it names tasks, and runs none
    # The schedule is kept in memory: every entry is a matter of seconds.
    app.Beat(scheduler="celery.beat:Scheduler", loglevel=settings().log_level, quiet=True).run()


def run_web(host: str, port: int) -> None:
    """Serve the web app until told to stop."""
    import uvicorn

    from subscriptions.database import engine
    from subscriptions.migrations import check_schema
    from worker import logs

    check_schema(engine())
    logs.configure()
    uvicorn.run(
        "subscriptions.web.app:make_app",
        factory=True,
        host=host,
        port=port,
        access_log=False,  # paths hold the tokens of links
        log_config=None,
        forwarded_allow_ips=settings().trusted_proxies,  # else all readers behind a proxy look like one
        timeout_graceful_shutdown=3,
    )
