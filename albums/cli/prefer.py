"""`albums prefer`: what you like, for the whole library."""

from __future__ import annotations

from typing import Annotated

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import new_table, print_json, print_table
from albums.errors import BadInput

_LOOK = "screenshots, receipts, documents or memes; may be repeated."


def command(
    without: Annotated[
        list[str] | None, typer.Option(metavar="LOOK", help=f"Off the timeline: {_LOOK}")
    ] = None,
    with_: Annotated[
        list[str] | None, typer.Option("--with", metavar="LOOK", help=f"On it again: {_LOOK}")
    ] = None,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Keep screenshots and the like out of the timeline; without options, show what is kept out.

    They stay in the library, and every search finds them.
    """
    from albums.cli.box import reach

    off, on = _names(without), _names(with_)
    if off & on:
        raise BadInput(f"{', '.join(sorted(off & on))}: on the timeline, or off it?")
    with reach(settings_of(library)) as box:
        if off | on:
            before = set(box.get("/api/v1/preferences")["kept_out_of_timeline"])
            wanted = sorted((before | off) - on)
            box.ask("PUT", "/api/v1/preferences", json={"kept_out_of_timeline": wanted})
        looks = box.get("/api/v1/looks")["looks"]
    if as_json:
        print_json({"looks": looks})
        return
    table = new_table("look", "assets", "timeline")
    for look in looks:
        shown = "kept out" if look["kept_out"] else "shown"
        table.add_row(f"{look['look']}s", f"{look['assets']:,}", shown)
    print_table(table)


def _names(given: list[str] | None) -> set[str]:
    """As people write them: "screenshots", "Memes". Raises BadInput."""
    from albums.library.looks import LOOKS

    names = {name.lower().removesuffix("s") for name in given or ()}
    if unknown := names - set(LOOKS):
        raise BadInput(f"There is no look called {unknown.pop()}", hint=f"Write {_LOOK}")
    return names
