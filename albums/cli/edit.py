"""`albums edit SHA`: what the person knows better."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import print_json
from albums.errors import BadInput


def command(
    sha: Annotated[str, typer.Argument(help="SHA-256, or how it begins (6 digits or more).")],
    title: Annotated[str | None, typer.Option(help="Empty takes your word back.")] = None,
    description: Annotated[str | None, typer.Option(help="Empty takes your word back.")] = None,
    captured_at: Annotated[str | None, typer.Option(help="ISO 8601: 2024-07-01T18:30")] = None,
    favourite: Annotated[bool | None, typer.Option("--favourite/--no-favourite")] = None,
    rating: Annotated[int | None, typer.Option(min=0, max=5)] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Add a tag; may be repeated.")] = None,
    untag: Annotated[list[str] | None, typer.Option(help="Remove a tag.")] = None,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Correct or add what is known. Your word wins over every model and file."""
    from albums.cli.box import reach

    said: dict[str, Any] = {
        "title": title,
        "description": description,
        "captured_at": captured_at,
        "favourite": favourite,
        "rating": rating,
        "add_tags": tag,
        "remove_tags": untag,
    }
    changes = {name: value for name, value in said.items() if value is not None}
    if not changes:
        raise BadInput("Nothing to change", hint="See albums edit --help")
    changes |= {name: None for name, value in changes.items() if value == ""}
    with reach(settings_of(library)) as box:
        asset = box.ask("PATCH", f"/api/v1/assets/{sha}", json=changes)
    if as_json:
        print_json(asset)
    else:
        print(f"{asset['name']} ({asset['sha'][:10]}) is changed.")
