"""`albums receipts`: what devices were promised to be kept, and whether it still is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import megabytes, new_table, print_json, print_table, say

if TYPE_CHECKING:
    from albums.cli.box import Box

_PAGE = 1000
_BROKEN = 1  # exit status: something that was promised is not there


def command(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Only these; default: all.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Read each file from the disk again.")
    ] = False,
    origin: Annotated[
        str | None, typer.Option(help="Only those given to it: tailscale://galaxy-s24")
    ] = None,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Show the receipts that were given, newest first, and check them."""
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        receipts = _named(box, ids) if ids else _all(box, origin)
        if check:
            _check(box, list(receipts), as_json=as_json)
        else:
            _list(list(receipts), as_json=as_json)


def _named(box: Box, ids: list[str]) -> Iterator[dict[str, Any]]:
    for receipt_id in ids:
        yield box.get(f"/api/v1/receipts/{receipt_id}")


def _all(box: Box, origin: str | None) -> Iterator[dict[str, Any]]:
    before: int | None = None
    while True:
        page = box.get("/api/v1/receipts", origin=origin, before=before, limit=_PAGE)
        yield from page["receipts"]
        before = page["next"]
        if before is None:
            return


def _list(receipts: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json({"receipts": receipts})
        return
    if not receipts:
        print("No receipt has been given yet.")
        return
    table = new_table("id", "name", "size", "given to", "read back (UTC)", "asset")
    for receipt in receipts:
        table.add_row(
            receipt["id"],
            receipt["name"],
            megabytes(receipt["size"]),
            receipt["origin"],
            receipt["reread_at"][:16],
            receipt["sha"][:10],
        )
    print_table(table)


def _check(box: Box, receipts: list[dict[str, Any]], *, as_json: bool) -> None:
    """Each file is read once, however many receipts speak of it."""
    states: dict[str, str] = {}
    for receipt in receipts:
        if receipt["sha"] not in states:
            answer = box.ask("POST", f"/api/v1/receipts/{receipt['id']}/check")
            states[receipt["sha"]] = answer["state"]
    counts = {
        state: sum(states[receipt["sha"]] == state for receipt in receipts)
        for state in ("whole", "deleted", "damaged", "missing")
    }
    broken = [r for r in receipts if states[r["sha"]] in ("damaged", "missing")]
    if as_json:
        print_json(counts | {"broken": broken})
    else:
        _tell(counts, broken, states)
    if broken:
        raise typer.Exit(_BROKEN)


def _tell(counts: dict[str, int], broken: list[dict[str, Any]], states: dict[str, str]) -> None:
    for receipt in broken:
        say(f"{receipt['id']} {receipt['name']} ({receipt['sha'][:10]}): {states[receipt['sha']]}")
    words = {"whole": "whole", "deleted": "deleted by you since", "damaged": "DAMAGED",
             "missing": "MISSING"}  # fmt: skip
    told = ", ".join(f"{counts[state]} {word}" for state, word in words.items() if counts[state])
    print(f"Receipts: {told or 'none'}.")
