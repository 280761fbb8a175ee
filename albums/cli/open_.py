"""`albums open`: a new one-time address for this machine's browser."""

from __future__ import annotations

from typing import Annotated

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import print_json, say
from albums.cli.serving import is_held
from albums.errors import Conflict


def command(
    library: Library = None,
    browser: Annotated[
        bool, typer.Option("--browser", help="Open it in the browser, too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print an address that lets this machine's browser in, once."""
    from albums.cli.box import reach

    settings = settings_of(library)
    if not is_held(settings.library):
        raise Conflict(
            f"Nobody serves {settings.library} now", hint="Start the box: albums serve --local"
        )
    with reach(settings) as box:
        link = box.ask("POST", "/api/v1/links")
    if as_json:
        print_json(link)
    else:
        print(link["address"])
    if browser:
        _open(link["address"])


def _open(address: str) -> None:
    import webbrowser

    if not webbrowser.open(address):
        say("There is no browser to open here; copy the address into one on this machine.")
