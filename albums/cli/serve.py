"""`albums serve`: the box itself, until it is told to stop."""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path
from typing import Annotated

import typer

from albums.cli import notify
from albums.cli.options import Library, settings_of
from albums.cli.output import say
from albums.cli.serving import Serving, is_held
from albums.settings import Settings

_PATIENCE = 10  # seconds


def command(
    library: Library = None,
    local: Annotated[
        bool, typer.Option("--local", help="For a first look: this machine's browser only.")
    ] = False,
    host: Annotated[str | None, typer.Option(help="Loopback address for --local.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 picks a free one.")] = None,
) -> None:
    """Serve the library to the owner's devices and do its work, until Ctrl-C."""
    from albums import logs

    settings = settings_of(library, host=host, port=port)
    logs.set_up(settings.log_level)
    ending = _Ending()
    if local:
        _serve_here(settings, ending)
    else:
        _serve_tailnet(settings, ending)


def _serve_here(settings: Settings, ending: _Ending) -> None:
    """One-time address and all, on loopback; no device can reach it."""
    from albums.identity.doors import listen_loopback
    from albums.identity.local import entrance

    door = listen_loopback(settings.host, settings.port)
    address, port = door.getsockname()[:2]
    shown = f"[{address}]" if ":" in address else address
    _wait_for_others(settings.library, ending)
    serving = Serving(settings, working=True, local=door)
    try:
        link = entrance(f"http://{shown}:{port}", serving.app.state.sessions.link())
        print(f"Albums serves {settings.library} to this machine's browser only. Open", flush=True)
        print(f"  {link}", flush=True)
        say("The address works once; `albums open` gives a new one.")
        _until(ending, serving)
    finally:
        serving.close()


def _serve_tailnet(settings: Settings, ending: _Ending) -> None:
    from albums.cli.reach import how_to_reach

    _wait_for_others(settings.library, ending)
    serving = Serving(settings, working=True, tailnet=True)
    try:
        print(f"Albums serves {settings.library}.", flush=True)
        for sentence in how_to_reach(settings, serving.albums.devices.owner):
            print(sentence, flush=True)
        _until(ending, serving)
    finally:
        serving.close()


def _until(ending: _Ending, serving: Serving) -> None:
    notify.ready(f"Serves {serving.albums.settings.library}")
    with notify.watch(serving.answers):
        ending.wait()
    notify.stopping()
    say("Finishing what is in hand; Ctrl-C again ends at once, and loses nothing either.")


def _wait_for_others(library: Path, ending: _Ending) -> None:
    """A short command may hold the library just now; a second box never ends by itself."""
    for _ in range(_PATIENCE * 10):
        if not is_held(library) or ending.wait(0.1):
            return


class _Ending:
    """Asked for by the first Ctrl-C or SIGTERM; the second one ends the process at once.

    Not a threading.Event: its lock is held for a moment by who begins to wait for it, and a signal
    that comes just then would wait for that lock for ever.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def wait(self, seconds: float | None = None) -> bool:
        """False when so many seconds pass first."""
        return bool(select.select([self._read], [], [], seconds)[0])

    def _ask(self, number: int, frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        os.write(self._write, b".")
