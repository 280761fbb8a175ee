"""`albums devices`: which devices came in, and what each may do."""

from __future__ import annotations

import difflib
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import new_table, print_json, print_table
from albums.errors import Conflict, NotFound

if TYPE_CHECKING:
    from pathlib import Path

    from albums.cli.box import Box

group = typer.Typer(help="Your devices: list, rename, block, allow, limit, forget.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="As `albums devices` shows it.")]
_RIGHTS = {"owner": "full access", "upload": "upload only", "blocked": "BLOCKED"}


@group.callback(invoke_without_command=True)
def list_devices(ctx: typer.Context, library: Library = None, as_json: Json = False) -> None:
    """Your devices: list, rename, block, allow, limit, forget."""
    from albums.cli.box import reach

    if ctx.invoked_subcommand:
        given = {"library": library, "as_json": as_json}
        ctx.default_map = {ctx.invoked_subcommand: {k: v for k, v in given.items() if v}}
        return
    with reach(settings_of(library)) as box:
        devices = box.get("/api/v1/devices")["devices"]
    if as_json:
        print_json(devices)
    elif devices:
        _list(devices)
    else:
        print("No device has come in yet. Open the box by its Tailscale name on your phone.")


def _list(devices: list[dict[str, Any]]) -> None:
    table = new_table("name", "rights", "last seen", "first seen", "model", "system", "user")
    for device in devices:
        table.add_row(
            device["name"],
            _RIGHTS[device["rights"]] if device["owners"] else "stays outside: not the owner's",
            _local(device["last_seen"]),
            _local(device["first_seen"]),
            device["model"],
            device["os"],
            device["login"],
        )
    print_table(table)


def _local(iso: str) -> str:
    return f"{datetime.fromisoformat(iso).astimezone():%Y-%m-%d %H:%M}"


@group.command()
def rename(
    name: Name,
    new: Annotated[str, typer.Argument(metavar="NEW", help="1 to 64 characters.")],
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Call a device something else. Your name wins over the one in Tailscale."""
    device = _edit(library, name, {"name": new})
    _say(device, f"{name} is called {device['name']} now.", as_json)


@group.command()
def block(name: Name, library: Library = None, as_json: Json = False) -> None:
    """Keep a device out, from the next moment on."""
    device = _edit(library, name, {"rights": "blocked"})
    _say(device, f"{device['name']} is blocked.", as_json)


@group.command()
def allow(name: Name, library: Library = None, as_json: Json = False) -> None:
    """Let a device see and change everything (again)."""
    device = _edit(library, name, {"rights": "owner"})
    _say(device, f"{device['name']} may do everything.", as_json)


@group.command("upload-only")
def upload_only(name: Name, library: Library = None, as_json: Json = False) -> None:
    """Let a device bring photos, but see none."""
    device = _edit(library, name, {"rights": "upload"})
    _say(device, f"{device['name']} may bring photos and see none.", as_json)


@group.command()
def forget(name: Name, library: Library = None, as_json: Json = False) -> None:
    """Take a device off the list. When it comes again, it is new."""
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        device = box.ask("DELETE", f"/api/v1/devices/{_find(box, name)['id']}")
    _say(device, f"{device['name']} is forgotten.", as_json)


def _edit(library: Path | None, name: str, changes: dict[str, str]) -> Any:
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        return box.ask("PATCH", f"/api/v1/devices/{_find(box, name)['id']}", json=changes)


def _find(box: Box, name: str) -> dict[str, Any]:
    """By its name here, its id, or its name in the tailnet. Raises NotFound, Conflict."""
    devices: list[dict[str, Any]] = box.get("/api/v1/devices")["devices"]
    for key in ("name", "id", "tailnet_name"):
        found = [d for d in devices if d[key].casefold() == name.casefold()]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(device["name"] for device in found)
            raise Conflict(f"{len(found)} devices are called {name}", hint=f"Name one: {names}")
    known = [device["name"] for device in devices]
    near = difflib.get_close_matches(name, known, n=1)
    there_are = f"There are: {', '.join(known)}" if known else "No device has come in yet"
    raise NotFound(
        f"There is no device called {name}", hint=f"Did you mean {near[0]}?" if near else there_are
    )


def _say(device: Any, sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(device)
    else:
        print(sentence)
