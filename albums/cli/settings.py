"""`albums settings`: every setting with its help, as an albums.toml."""

from __future__ import annotations

from typing import Annotated

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import print_json
from albums.settings import CONFIG_NAME, documented


def command(
    current: Annotated[
        bool, typer.Option("--current", help="What is in force for this library.")
    ] = False,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Print a documented albums.toml, or what is in force now."""
    if not (current or as_json):
        print(f"# {CONFIG_NAME} belongs into the library's folder; ALBUMS_<NAME> overrides it.\n")
        print(documented())
        return
    values = {name: value for name, value in vars(settings_of(library)).items()}
    plain = {n: v if isinstance(v, int) else str(v) for n, v in values.items()}
    if as_json:
        print_json(plain)
    else:
        print("\n".join(f"{name} = {value!r}" for name, value in plain.items()))
