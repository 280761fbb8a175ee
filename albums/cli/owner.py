"""`albums owner`: whose box this is, and handing it over."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from albums.cli.claim import as_new_owner, tell, user_of_tailnet
from albums.cli.options import Json, Library, settings_of
from albums.cli.output import print_json


def command(
    change: Annotated[
        str | None, typer.Option(metavar="LOGIN", help="Make this user the owner instead.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Show whose box this is, or hand it over."""
    from albums.cli.box import reach

    settings = settings_of(library)
    user = user_of_tailnet(settings, change) if change else None
    with reach(settings) as box:
        owner = box.get("/api/v1/owner")["owner"]
        if user and (yes or _agreed(owner, user.login)):
            new = as_new_owner(user) | {"change": True}
            owner = box.ask("POST", "/api/v1/owner", json=new)["owner"]
    if as_json:
        print_json({"owner": owner})
    elif owner:
        tell(owner)
    else:
        print("This box belongs to nobody yet, so no device comes in. Run: albums claim")


def _agreed(owner: dict[str, Any] | None, login: str) -> bool:
    """Ends the command where the person says no."""
    if owner is None or owner["login"] == login:
        return True
    question = f"The devices of {owner['login']} will be shut out, those of {login} let in. Do it?"
    return typer.confirm(question, abort=True, err=True)
