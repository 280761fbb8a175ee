"""`albums retry`: try again what failed."""

from __future__ import annotations

from typing import Annotated

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import print_json
from albums.errors import BadInput


def command(
    sha: Annotated[str | None, typer.Argument(help="Only of this asset.")] = None,
    step: Annotated[str | None, typer.Option(help="Only this step, of all assets.")] = None,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Try again what failed: of all assets, of one step, or of one asset, and its warnings too."""
    from albums.cli.box import reach

    if sha and step:
        raise BadInput("Name an asset or a step, not both")
    with reach(settings_of(library)) as box:
        if sha:
            answer = box.ask("POST", f"/api/v1/assets/{sha}/retry")
        else:
            given = {"step": step} if step else {}
            answer = box.ask("POST", "/api/v1/work/retry", params=given)
    if as_json:
        print_json(answer)
    else:
        print(f"{answer['pieces']} pieces of work will be tried again.")
