"""`albums restore SHA...`: take assets out of the trash, with all that belonged to them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import print_json
from albums.errors import Conflict, NotFound

if TYPE_CHECKING:
    from albums.cli.box import Box


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
        for sha in shas:  # all come back, or none
            _refuse_untrashed(box, sha)
        back = [box.ask("POST", f"/api/v1/assets/{sha}/restore")["sha"] for sha in shas]
    if as_json:
        print_json({"restored": back})
    else:
        what = f"{len(back)} assets are" if len(back) > 1 else f"{back[0][:10]} is"
        print(f"{what} back, with all that belonged to {'them' if len(back) > 1 else 'it'}.")


def _refuse_untrashed(box: Box, sha: str) -> None:
    with suppress(NotFound):  # asked to restore it, the box says what became of it
        asset = box.get(f"/api/v1/assets/{sha}")
        if asset["trashed_at"] is None:
            raise Conflict(f"{asset['name']} ({asset['sha'][:10]}) is not in the trash")
