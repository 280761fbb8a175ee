"""What many commands take, declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from albums.settings import Settings, load_settings

Library = Annotated[
    Path | None,
    typer.Option(
        "--library",
        metavar="DIR",
        help="Folder of the library (default: ALBUMS_LIBRARY, else ./data).",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Wait = Annotated[bool, typer.Option("--wait", help="Return when everything is understood.")]


def settings_of(library: Path | None, **overrides: Any) -> Settings:
    """The settings of this library, with what the command line says. Raises BadInput."""
    return load_settings(library, **overrides)
