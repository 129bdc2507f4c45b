"""The web process: granian, which serves the WSGI application and leaves no worker process behind."""

from collections.abc import Callable
from typing import Any

import click
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from tutela.site.supervisor import die_with_parent

KILL_AFTER = 5  # seconds a worker process has for the requests it is serving when the server stops


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--workers", type=int, required=True)
@click.option("--threads", type=int, required=True)
def serve(port: int, workers: int, threads: int) -> None:
    """Serve on the loopback address until told to stop; a proxy stands before it in production."""
    server = Server(
        "tutela.site.wsgi:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=workers,
        blocking_threads=threads,
        workers_kill_timeout=KILL_AFTER,
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=_load_in_worker, wrap_loader=False)


def _load_in_worker() -> Callable[..., Any]:
    die_with_parent()
    from tutela.site.wsgi import application  # loaded in the worker process only: its parent stays small

    return application


if __name__ == "__main__":
    serve()
