"""`albums serve`: the box itself, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from albums.cli.options import Library, settings_of
from albums.cli.output import say


def command(
    library: Library = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 picks a free one.")] = None,
) -> None:
    """Serve the library on this machine and do its work, until Ctrl-C."""
    from albums import logs
    from albums.cli.serving import Serving, listen_tcp

    settings = settings_of(library, host=host, port=port)
    logs.set_up(settings.log_level)
    ending = _ending()
    door = listen_tcp(settings.host, settings.port)
    address, chosen = door.getsockname()[:2]
    serving = Serving(settings, working=True, doors=[door])
    try:
        shown = f"[{address}]" if ":" in address else address
        print(f"Albums serves {settings.library} at http://{shown}:{chosen}", flush=True)
        ending.wait()
        say("Finishing what is in hand; Ctrl-C again ends at once, and loses nothing either.")
    finally:
        serving.close()


def _ending() -> threading.Event:
    """Set by the first Ctrl-C or SIGTERM; the second one ends the process at once."""
    ending = threading.Event()

    def end(number: int, frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        ending.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    return ending
