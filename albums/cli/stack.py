"""`albums stack` and `albums unstack`: what lists show as one asset."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import new_table, print_json, print_table
from albums.errors import BadInput

_SHA = "SHA-256, or how it begins (6 digits or more)."


def command(
    shas: Annotated[list[str], typer.Argument(metavar="SHA...", help=_SHA)],
    top: Annotated[bool, typer.Option("--top", help="Show the stack by this asset.")] = False,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Make one stack of several assets; with one, show the stack that it lies in."""
    from albums.cli.box import reach

    if top and len(shas) > 1:
        raise BadInput("Only one asset can be on top", hint="albums stack --top SHA")
    with reach(settings_of(library)) as box:
        if top:
            _tell(box.ask("PUT", f"/api/v1/stacks/{shas[0]}/top"), as_json=as_json)
        elif len(shas) == 1:
            _tell(box.get(f"/api/v1/stacks/{shas[0]}"), as_json=as_json)
        else:
            _tell(box.ask("POST", "/api/v1/stacks", json={"assets": shas}), as_json=as_json)


def apart(
    sha: Annotated[str, typer.Argument(metavar="SHA", help=_SHA)],
    whole: Annotated[
        bool, typer.Option("--whole", help="Take the whole stack apart, not just this one out.")
    ] = False,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Take an asset out of its stack; it stays out, and in the library."""
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        params = {"whole": str(whole).lower()}
        _tell(box.ask("DELETE", f"/api/v1/stacks/{sha}", params=params), as_json=as_json)


def _tell(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    if found["stack"] is None:
        print(f"{found['sha'][:10]} is in no stack.")
        return
    table = new_table("asset", "name", "role", "")
    for member in found["stack"]["members"]:
        shown = "shown" if member["top"] else "hidden" if member["hidden"] else ""
        table.add_row(member["sha"][:10], member["name"], member["role"], shown)
    print_table(table)
