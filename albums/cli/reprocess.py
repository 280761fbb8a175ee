"""`albums reprocess`: have steps of the pipeline done again."""

from __future__ import annotations

from typing import Annotated

import typer

from albums.cli.again import do_again, follow_steps
from albums.cli.options import Json, Library, settings_of
from albums.cli.output import print_json
from albums.errors import BadInput

NoWait = Annotated[bool, typer.Option("--no-wait", help="Return at once; a box that runs does it.")]


def command(
    steps: Annotated[
        list[str] | None, typer.Argument(metavar="[STEP]...", help="pictures, place, embed, ...")
    ] = None,
    query: Annotated[
        str | None, typer.Option(help="Only of what this finds: year:2024; all without it.")
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Only where it failed or ended with a warning.")
    ] = False,
    no_wait: NoWait = False,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Do steps again, of all assets or of what a query finds; `albums status` names the steps."""
    from albums.cli.box import reach

    if not steps and not failed:
        raise BadInput("Say which steps, or --failed for all that failed")
    with reach(settings_of(library), working=not no_wait) as box:
        pieces = do_again(box, steps or [], query, failed=failed)
        if pieces and not no_wait:
            every = [each["step"] for each in box.get("/api/v1/status")["work"]]
            follow_steps(box, "Doing again", steps or every)
        work = box.get("/api/v1/status")["work"]
    states = {each["step"]: each["states"] for each in work if each["step"] in (steps or [])}
    if as_json:
        print_json({"pieces": pieces, "states": states})
        return
    print(f"{pieces:,} pieces of work {'are to be' if no_wait else 'were'} done again.")
    for step, counts in states.items():
        if counts.get("failed"):
            print(f"{step}: {counts['failed']:,} failed. albums reprocess {step} --failed")
