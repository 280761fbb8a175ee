"""`albums serve`: the box itself, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from albums.cli.options import Library, settings_of
from albums.cli.output import say
from albums.cli.serving import Serving, is_held, listen_tcp

_PATIENCE = 10  # seconds


def command(
    library: Library = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 picks a free one.")] = None,
) -> None:
    """Serve the library on this machine and do its work, until Ctrl-C."""
    from albums import logs

    settings = settings_of(library, host=host, port=port)
    logs.set_up(settings.log_level)
    ending = _ending()
    door = listen_tcp(settings.host, settings.port)
    address, chosen = door.getsockname()[:2]
    _wait_for_others(settings.library, ending)
    serving = Serving(settings, working=True, doors=[door])
    try:
        shown = f"[{address}]" if ":" in address else address
        print(f"Albums serves {settings.library} at http://{shown}:{chosen}", flush=True)
        ending.wait()
        say("Finishing what is in hand; Ctrl-C again ends at once, and loses nothing either.")
    finally:
        serving.close()


def _wait_for_others(library: Path, ending: threading.Event) -> None:
    """A short command may hold the library just now; a second box never ends by itself."""
    for _ in range(_PATIENCE * 10):
        if not is_held(library) or ending.wait(0.1):
            return


def _ending() -> threading.Event:
    """Set by the first Ctrl-C or SIGTERM; the second one ends the process at once."""
    ending = threading.Event()

    def end(number: int, frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        ending.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    return ending
