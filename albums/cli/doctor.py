"""`albums doctor`: what is wrong here, and what to do."""

from __future__ import annotations

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import print_json

_MARKS = {"good": "ok", "doubtful": "look", "broken": "BROKEN"}


def command(library: Library = None, as_json: Json = False) -> None:
    """Say what is wrong with this installation, and what to do."""
    from albums.upkeep.doctor import examine

    checks = []
    for check in examine(settings_of(library)):
        checks.append(check)
        if not as_json:
            print(f"{_MARKS[check.state]:7} {check.name:10} {check.found}", flush=True)
            if check.hint:
                print(f"{'':18} {check.hint}")
    broken = [check.name for check in checks if check.state == "broken"]
    if as_json:
        print_json({"sound": not broken, "checks": [vars(check) for check in checks]})
    if broken:
        raise typer.Exit(1)
