"""`albums audit`: what happened to this library, and whether the log is whole."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import new_table, print_json, print_table, say


def command(
    check: Annotated[bool, typer.Option("--check", help="Read the whole log again.")] = False,
    sha: Annotated[str | None, typer.Option(help="Only of this asset.")] = None,
    before: Annotated[int | None, typer.Option(help="Entries older than this number.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Show what came in when and from where, and every change."""
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        if check:
            answer = box.get("/api/v1/audit/check")
        else:
            answer = box.get("/api/v1/audit", sha=sha, before=before, limit=limit)
    if as_json:
        print_json(answer)
    elif check:
        _tell(answer)
    else:
        _list(answer["entries"])
    if check and not answer["whole"]:
        raise typer.Exit(1)


def _tell(answer: dict[str, Any]) -> None:
    for finding in answer["findings"]:
        say(f"entry {finding['id']}: {finding['what']}")
    print("The log is whole." if answer["whole"] else "The log is NOT whole.")


def _list(entries: list[dict[str, Any]]) -> None:
    table = new_table("", "when", "who", "what", "asset", "")
    for entry in entries:
        detail = ", ".join(f"{key}: {value}" for key, value in entry["detail"].items())
        sha = (entry["sha"] or "")[:10]
        table.add_row(
            str(entry["id"]), entry["at"][:19], entry["actor"], entry["action"], sha, detail
        )
    print_table(table)
