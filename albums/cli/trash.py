"""`albums trash`: throw assets away, see what is in the trash, and let go of it for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import megabytes, new_table, print_json, print_table
from albums.errors import BadInput

if TYPE_CHECKING:
    from albums.cli.box import Box

_EMPTY = "/api/v1/trash/empty"
_PAGE = 1000


def command(
    shas: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SHA]...", help="SHA-256, or how it begins (6 digits or more)."),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Show what is in the trash.")] = False,
    empty: Annotated[bool, typer.Option("--empty", help="Delete all of it for good.")] = False,
    purge: Annotated[
        bool, typer.Option("--purge", help="Delete these for good; they are in the trash.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before deleting.")] = False,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Throw assets away; without any, show the trash. `albums restore` takes them back."""
    from albums.cli.box import reach

    _refuse_mixture(shas or [], list_=list_, empty=empty, purge=purge)
    with reach(settings_of(library)) as box:
        if empty:
            _empty(box, yes=yes, as_json=as_json)
        elif purge:
            _purge(box, shas or [], yes=yes, as_json=as_json)
        elif shas:
            _throw_away(box, shas, as_json=as_json)
        else:
            _list(box, as_json=as_json)


def _refuse_mixture(shas: list[str], *, list_: bool, empty: bool, purge: bool) -> None:
    if list_ + empty + purge > 1 or (shas and (list_ or empty)):
        raise BadInput("These do not go together", hint="See albums trash --help")
    if purge and not shas:
        raise BadInput("Which ones?", hint="Name them, or use --empty for all of the trash")


def _throw_away(box: Box, shas: list[str], *, as_json: bool) -> None:
    days = box.get("/api/v1/trash", limit=1)["days"]
    found = [box.get(f"/api/v1/assets/{sha}")["sha"] for sha in shas]  # all, or none is thrown away
    changed = [box.ask("DELETE", f"/api/v1/assets/{sha}")["sha"] for sha in found]
    if as_json:
        print_json({"trashed": changed})
        return
    stays = f"for {days} days" if days else "until you empty it"
    what = f"{len(changed)} assets are" if len(changed) > 1 else f"{changed[0][:10]} is"
    print(f"{what} in the trash {stays}; albums restore takes them back.")


def _list(box: Box, *, as_json: bool) -> None:
    trash = _whole(box)
    if as_json:
        print_json(trash)
        return
    if not trash["assets"]:
        print("The trash is empty.")
        return
    table = new_table("asset", "name", "size", "thrown away (UTC)", "by", "goes for good")
    for asset in trash["assets"]:
        left = asset["days_left"]
        goes = "when you empty it" if left is None else f"in {left} days" if left else "soon"
        table.add_row(
            asset["sha"][:10],
            asset["name"],
            megabytes(asset["size"]),
            asset["trashed_at"][:16],
            asset["trashed_by"],
            goes,
        )
    print_table(table)


def _whole(box: Box) -> dict[str, Any]:
    """Every page of the trash as one."""
    trash: dict[str, Any] = box.get("/api/v1/trash", limit=_PAGE)
    after = trash.pop("next")
    while after:
        page = box.get("/api/v1/trash", limit=_PAGE, after=after)
        trash["assets"] += page["assets"]
        after = page["next"]
    return trash


def _empty(box: Box, *, yes: bool, as_json: bool) -> None:
    trash = box.get("/api/v1/trash", limit=1)
    newest = trash["assets"][0]["trashed_at"] if trash["assets"] else None
    if newest and not yes:
        _ask(f"Delete {trash['total']} assets ({megabytes(trash['bytes'])}) for good?")
    gone = _confirmed(box, _EMPTY, until=newest) if newest else {"assets": 0, "bytes": 0}
    _tell(gone, as_json=as_json)


def _purge(box: Box, shas: list[str], *, yes: bool, as_json: bool) -> None:
    assets = [box.get(f"/api/v1/assets/{sha}") for sha in shas]
    if not yes:
        _ask(f"Delete {', '.join(asset['name'] for asset in assets)} for good?")
    gone = [_confirmed(box, f"/api/v1/assets/{asset['sha']}/purge") for asset in assets]
    total = {key: sum(part[key] for part in gone) for key in ("assets", "bytes")}
    _tell(total, as_json=as_json)


def _confirmed(box: Box, path: str, **params: str) -> dict[str, int]:
    """The act itself, with the second word that the box asks for."""
    word = box.ask("POST", "/api/v1/confirmations", json={"act": f"POST {path}"})
    headers = {"albums-confirm": word["nonce"]}
    gone: dict[str, int] = box.ask("POST", path, headers=headers, params=params)
    return gone


def _ask(question: str) -> None:
    if not typer.confirm(f"{question} This cannot be undone.", err=True):
        raise typer.Exit(1)


def _tell(gone: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        print_json(gone)
    else:
        print(f"{gone['assets']} gone for good, {megabytes(gone['bytes'])} free.")
