"""`albums restore SHA...`: take assets out of the trash, with all that belonged to them."""

from __future__ import annotations

from typing import Annotated

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import print_json


def command(
    shas: Annotated[
        list[str],
        typer.Argument(metavar="SHA...", help="SHA-256, or how it begins (6 digits or more)."),
    ],
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Take assets out of the trash. What is gone for good: albums import --again."""
    from albums.cli.box import reach

    with reach(settings_of(library)) as box:
        back = [box.ask("POST", f"/api/v1/assets/{sha}/restore")["sha"] for sha in shas]
    if as_json:
        print_json({"restored": back})
    else:
        what = f"{len(back)} assets are" if len(back) > 1 else f"{back[0][:10]} is"
        print(f"{what} back, with all that belonged to {'them' if len(back) > 1 else 'it'}.")
