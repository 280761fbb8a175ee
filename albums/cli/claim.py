"""`albums claim`: this box is mine. From then on the owner's devices come in, and nobody else."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import print_json
from albums.errors import BadInput, Conflict, NotFound
from albums.settings import Settings

if TYPE_CHECKING:
    from albums.identity.tailscale import Daemon, User


def command(
    login: Annotated[
        str | None,
        typer.Argument(metavar="[LOGIN]", help="Without it: who is signed in on this box."),
    ] = None,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Make a user of your tailnet the owner of this box. Their devices come in by themselves."""
    from albums.cli.box import reach

    settings = settings_of(library)
    user = user_of_tailnet(settings, login)
    with reach(settings) as box:
        owner = box.ask("POST", "/api/v1/owner", json=as_new_owner(user))["owner"]
    if as_json:
        print_json(owner)
    else:
        tell(owner)


def tell(owner: dict[str, Any]) -> None:
    name = owner["display_name"]
    shown = f"{name} ({owner['login']})" if name else owner["login"]
    print(f"This box belongs to {shown}, since {owner['claimed_at'][:10]}.")


def as_new_owner(user: User) -> dict[str, Any]:
    return {"user_id": user.id, "login": user.login, "display_name": user.display_name}


def user_of_tailnet(settings: Settings, login: str | None) -> User:
    """The user with this login (or number), or the one who is signed in on this box.

    Raises TailscaleDown, NotFound, BadInput where somebody must be named, Conflict where two
    users have one login.
    """
    daemon = _daemon(settings)
    users = sorted(daemon.users.values(), key=lambda user: user.login)
    if login is None:
        return _signed_in(daemon, users)
    found = [u for u in users if login.casefold() == u.login.casefold() or login == str(u.id)]
    if not found:
        raise _unknown(login, users)
    if len(found) > 1:
        numbers = ", ".join(f"{user.id} ({user.display_name})" for user in found)
        raise Conflict(f"{len(found)} users are called {login}", hint=f"Give a number: {numbers}")
    return found[0]


def _daemon(settings: Settings) -> Daemon:
    from albums.cli.reach import ask_tailscale
    from albums.identity.tailscale import TailscaleDown

    daemon = ask_tailscale(settings)
    if daemon.state != "running":
        raise TailscaleDown(
            "The users of your tailnet are not known",
            why=daemon.why or f"Tailscale on this box: {daemon.state}",
            hint=daemon.hint,
            state=daemon.state,
        )
    return daemon


def _signed_in(daemon: Daemon, users: list[User]) -> User:
    if daemon.own and daemon.own.user:
        return daemon.own.user
    tags = daemon.own.tags if daemon.own else ()
    why = f"it has the tag {tags[0]} instead" if tags else "Tailscale does not say who"
    raise BadInput(
        "Say to whom this box belongs",
        why=f"No user is signed in on this one: {why}",
        hint=f"Name one of: {_logins(users)}",
    )


def _unknown(login: str, users: list[User]) -> NotFound:
    near = difflib.get_close_matches(login, [user.login for user in users], n=1)
    return NotFound(
        f"Nobody in your tailnet is called {login}",
        hint=f"Did you mean {near[0]}?" if near else f"There are: {_logins(users)}",
    )


def _logins(users: list[User]) -> str:
    return ", ".join(user.login for user in users) or "nobody; sign in on one of your devices first"
