"""`albums correct-time`: wrong times of many assets, seen beforehand and taken back as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import new_table, print_json, print_table
from albums.errors import BadInput

if TYPE_CHECKING:
    from albums.cli.box import Box

_PATH = "/api/v1/corrections"


def command(
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="[QUERY]...", help="All that it finds: camera:canon year:2024."),
    ] = None,
    sha: Annotated[
        list[str] | None, typer.Option(help="Instead of a query: this one; may be repeated.")
    ] = None,
    shift: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="Move by +1:00, -0:05:30, +2d 3:00.")
    ] = None,
    keep_clock: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="The clock was right, and was in this zone: Asia/Tokyo."),
    ] = None,
    keep_moment: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="The moment is right; show it in this zone: +09:00."),
    ] = None,
    set_to: Annotated[
        str | None, typer.Option("--set", metavar="TIME", help="Set it: 2024-07-01T18:30.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before changing.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Show what was corrected before.")] = False,
    undo: Annotated[
        str | None, typer.Option(metavar="ID", help="Take back a whole correction.")
    ] = None,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Correct when assets were taken. It wins over every file, and can be undone."""
    from albums.cli.box import reach

    act = _act(shift, keep_clock, keep_moment, set_to)
    if (act is None) == (not list_ and undo is None):
        raise BadInput(
            "Say what to do" if act is None else "These do not go together",
            hint="One of --shift, --keep-clock, --keep-moment, --set, --list and --undo",
        )
    with reach(settings_of(library)) as box:
        if list_:
            _list(box, as_json=as_json)
        elif undo:
            _undo(box, undo, as_json=as_json)
        elif act:
            which = _which(box, query or [], sha or [])
            _correct(box, which | act, dry_run=dry_run, yes=yes, as_json=as_json)


def _act(
    shift: str | None, keep_clock: str | None, keep_moment: str | None, set_to: str | None
) -> dict[str, Any] | None:
    said = [
        {"act": "shift", "by": shift} if shift else None,
        {"act": "keep-clock", "zone": keep_clock} if keep_clock else None,
        {"act": "keep-moment", "zone": keep_moment} if keep_moment else None,
        {"act": "set", "to": set_to} if set_to else None,
    ]
    acts = [act for act in said if act]
    if len(acts) > 1:
        raise BadInput("These do not go together", hint="One correction at a time")
    return acts[0] if acts else None


def _which(box: Box, query: list[str], shas: list[str]) -> dict[str, Any]:
    if not shas:
        return {"query": " ".join(query)}
    if query:
        raise BadInput("A query and --sha do not go together")
    return {"shas": [box.get(f"/api/v1/assets/{sha}")["sha"] for sha in shas]}


def _correct(box: Box, asked: dict[str, Any], *, dry_run: bool, yes: bool, as_json: bool) -> None:
    told = box.ask("POST", _PATH, json=asked | {"dry_run": True})
    if dry_run or not told["changed"]:
        _tell(told, as_json=as_json)
        return
    if not yes:
        _show(told)
        if not typer.confirm(f"Correct {told['changed']} assets?", err=True):
            raise typer.Exit(1)
    _tell(box.ask("POST", _PATH, json=asked | {"expected": told["changed"]}), as_json=as_json)


def _tell(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(told)
    elif told["id"]:
        print(f"{told['changed']} assets: {told['how']}.")
        print(f"To take it back: albums correct-time --undo {told['id']}")
    else:
        _show(told)


def _show(told: dict[str, Any]) -> None:
    table = new_table("asset", "name", "before", "after")
    for sample in told["samples"]:
        table.add_row(
            sample["sha"][:10], sample["name"], sample["before"] or "no date", sample["after"]
        )
    print_table(table)
    print(f"{told['changed']} of {told['assets']} assets would change: {told['how']}.")
    if told["same"]:
        print(f"{told['same']} have that time already.")
    if told["undated"]:
        print(f"{told['undated']} are left alone: of them no time is known, or only the day.")
    if told["assumed"]:
        print(f"{told['assumed']} have no zone: they are taken to be in the library's.")


def _list(box: Box, *, as_json: bool) -> None:
    found = box.get(_PATH)
    if as_json:
        print_json(found)
        return
    table = new_table("id", "when (UTC)", "what", "of", "assets", "undone")
    for row in found["corrections"]:
        undone = (row["undone_at"] or "")[:16] + (f", but for {row['left']}" if row["left"] else "")
        of = row["query"] or "named ones"
        table.add_row(row["id"], row["at"][:16], row["how"], of, str(row["assets"]), undone)
    print_table(table)


def _undo(box: Box, id: str, *, as_json: bool) -> None:
    undone = box.ask("POST", f"{_PATH}/{id}/undo")
    if as_json:
        print_json(undone)
        return
    print(f"{undone['assets']} assets have the time again that they had before.")
    if undone["left"]:
        print(f"{undone['left']} are left as they are: something was said of them since.")
