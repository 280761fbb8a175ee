"""`albums geocode`: find the places of what has a position, again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from albums.cli.again import do_again, follow_steps
from albums.cli.options import Json, Library, settings_of
from albums.cli.output import print_json

if TYPE_CHECKING:
    from albums.cli.box import Box


def command(
    query: Annotated[
        str | None, typer.Option(help="Only of what this finds: year:2024; all without it.")
    ] = None,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Find city, region and country of all that has a position, offline, and say how many."""
    from albums.cli.box import reach

    located = f"has:gps {query or ''}".strip()
    with reach(settings_of(library), working=True) as box:
        before = _count(box, f"{located} has:place")
        do_again(box, ["place"], located)
        follow_steps(box, "Finding places", ["place"])
        positions, places = _count(box, located), _count(box, f"{located} has:place")
    if as_json:
        print_json({"positions": positions, "places": places, "before": before})
        return
    print(f"{places:,} of {positions:,} have a place; {before:,} had one before.")
    if positions > places:
        print(f"{positions - places:,} lie far from any country.")


def _count(box: Box, query: str) -> int:
    return int(box.get("/api/v1/search", q=query, limit=1)["total"])
