"""`albums rebuild`: the database anew, from the files that are the truth."""

from __future__ import annotations

from typing import Annotated

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import Meter, print_json, say

_SOME_LEFT_OUT = 3  # exit status
_COUNTED = {
    "collections": "collections",
    "audit": "entries of the audit log",
    "receipts": "receipts",
    "imports": "imports",
    "tombstones": "tombstones",
    "devices": "devices",
}


def command(
    pictures: Annotated[
        bool, typer.Option("--pictures", help="Throw away the derived pictures, too.")
    ] = False,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Make the database anew from originals and sidecars. The old one is kept beside it."""
    from albums.assembly import home_zone
    from albums.errors import NotFound
    from albums.library.lock import expect_whole, hold
    from albums.upkeep.rebuild import rebuild

    settings = settings_of(library)
    folder = settings.library
    if not (folder / "originals").is_dir():
        raise NotFound(f"There is no library in {folder}", hint="Name its folder with --library")
    hint = "A rebuild needs it alone: end it first, for example with systemctl stop albums"
    with hold(folder, hint), Meter() as meter:
        expect_whole(folder)
        done = rebuild(
            folder,
            home_zone(settings),
            lambda count, total: meter.show("Rebuilding", count, total, f"{count} assets"),
            pictures=pictures,
        )
    if as_json:
        print_json(done.as_json())
    else:
        print(f"{done.assets} assets are back.")
        counted = [f"{done.counts[key]} {what}" for key, what in _COUNTED.items()]
        print(f"So are {', '.join(counted)}.")
        if done.before:
            print(f"The database before is kept as {done.before}.")
        print("What was found in pictures is made again while `albums serve` runs.")
    for trouble in done.missing + done.anew + done.left_out:
        say(f"  {trouble.path}: {trouble.what}")
    if done.missing or done.left_out:
        raise typer.Exit(_SOME_LEFT_OUT)
