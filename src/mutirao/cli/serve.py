"""`mutirao serve`: the web application on this computer."""

from typing import Annotated

import typer

from mutirao.worker.serving import serve as serve_until_ended


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all of this computer's.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Server processes.")] = 2,
    worker: Annotated[bool, typer.Option(help="Also work on the runs that people ask for.")] = True,
) -> None:
    """Serve the web application: cities, plans and their questions in a browser, runs in the background.

    Everything it keeps is in the folder that MUTIRAO_DATA names (out/web if it names none).

    Examples:

      mutirao serve

      mutirao serve --port 8080 --no-worker
    """
    serve_until_ended(host, port, workers, worker)
