"""`albums dedupe`: copies of one picture, and which is kept; the very same ones merged at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import Meter, megabytes, new_table, print_json, print_table

if TYPE_CHECKING:
    from albums.cli.box import Box

_PATH = "/api/v1/duplicates"


def command(
    exact: Annotated[
        bool, typer.Option("--exact", help="Show only what has the very same picture.")
    ] = False,
    near: Annotated[
        bool,
        typer.Option("--near", help="Merge what is nearly the same, too: each group is asked."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the groups.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    undo: Annotated[str | None, typer.Option(metavar="ID", help="Take a merge back.")] = None,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Merge copies of the very same picture; of others only say what would be kept.

    The best file is kept and takes over what was said of the others, which go to the trash.
    """
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        if undo:
            _undo(box, undo, as_json=as_json)
            return
        groups = list(_groups(box, exact=exact))
        told = box.ask("POST", f"{_PATH}/merge-exact", json={"dry_run": True})
        if not as_json:
            _show(groups, told)
        done = _nothing()
        if not dry_run:
            if told["assets"] and (yes or _asked(f"Merge {told['assets']} exact copies?")):
                _add(done, _merge_exact(box, told["groups"]))
            if near and not exact:
                _merge_near(box, done, yes=yes)
        if as_json:
            print_json({"groups": groups, "exact": told, "merged": done})
        elif not dry_run:
            _tell(done)


def _groups(box: Box, *, exact: bool) -> Iterator[dict[str, Any]]:
    after: dict[str, str] = {}
    while True:
        page = box.get(_PATH, limit=100, exact=exact, **after)
        yield from page["groups"]
        if not page["next"]:
            return
        after = {"after": page["next"]}


def _merge_exact(box: Box, groups: int) -> list[dict[str, Any]]:
    merged, left = [], groups
    with Meter() as meter:
        while left:
            meter.show("merging", groups - left, groups, f"{left} left")
            merged.append(box.ask("POST", f"{_PATH}/merge-exact", json={}))
            left = merged[-1]["left"]
    return merged


def _merge_near(box: Box, done: dict[str, Any], *, yes: bool) -> None:
    """What the exact ones have left."""
    groups = list(_groups(box, exact=False))
    with Meter() as meter:
        for number, group in enumerate(groups):
            keep, *others = group["assets"]
            names = ", ".join(copy["name"] for copy in others)
            if yes:
                meter.show("merging", number, len(groups), keep["name"])
            elif not _asked(f"Keep {keep['name']}, and put {names} into the trash?"):
                continue
            asked = {"keep": keep["sha"], "others": [copy["sha"] for copy in others]}
            _add(done, [box.ask("POST", f"{_PATH}/merge", json=asked)])


def _asked(question: str) -> bool:
    return typer.confirm(question, err=True)


def _nothing() -> dict[str, Any]:
    return {"groups": 0, "assets": 0, "bytes": 0, "ids": []}


def _add(done: dict[str, Any], merged: list[dict[str, Any]]) -> None:
    for part in merged:
        for name in ("groups", "assets", "bytes"):
            done[name] += part[name]
        done["ids"] += [part["id"]] if part["id"] else []


def _show(groups: list[dict[str, Any]], told: dict[str, Any]) -> None:
    if not groups:
        print("No copies were found.")
        return
    table = new_table("", "asset", "name", "pixels", "size", "")
    for group in groups:
        for place, copy in enumerate(group["assets"]):
            size = f"{copy['width']} x {copy['height']}" if copy["width"] else ""
            same = copy["same"] and copy["same"] == group["assets"][0]["same"]
            table.add_row(
                "" if place else "keep", copy["sha"][:10], copy["name"], size,
                megabytes(copy["size"]), ("exact" if same else "near") if place else "",
            )  # fmt: skip
    print_table(table)
    print(f"{len(groups)} pictures have copies; {told['assets']} of those are exact.")


def _tell(done: dict[str, Any]) -> None:
    if not done["assets"]:
        print("Nothing was merged.")
        return
    freed = megabytes(done["bytes"])
    print(
        f"{done['assets']} copies are in the trash ({freed}); {done['groups']} pictures are kept."
    )
    for id in done["ids"]:
        print(f"To take it back: albums dedupe --undo {id}")


def _undo(box: Box, id: str, *, as_json: bool) -> None:
    undone = box.ask("POST", f"/api/v1/acts/{id}/undo")
    if as_json:
        print_json(undone)
        return
    one = undone["assets"] == 1
    print(f"{undone['assets']} {'is as it was' if one else 'are as they were'}.")
    if undone["left"]:
        print(f"{undone['left']} are left as they are: something was said of them since.")
