"""`albums setup`: what the machine around Albums needs. Says it first; does it only after a yes."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from albums.cli.options import Json, Library, settings_of
from albums.cli.output import print_json, say
from albums.settings import Settings

if TYPE_CHECKING:
    from albums.identity.peers import Daemon
    from albums.identity.plan import Command, Plan
    from albums.identity.served import Served

_STARTING = 10.0  # seconds that tailscaled may take to connect

group = typer.Typer(help="Set up what is around Albums on this machine.", no_args_is_help=True)


@group.callback()
def setup() -> None:
    """Set up what is around Albums on this machine."""


@group.command()
def tailscale(
    yes: Annotated[bool, typer.Option("--yes", help="Run the commands without asking.")] = False,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Make this box reachable for your devices, over HTTPS and for nobody else."""
    from albums.identity.doors import serve_socket

    settings = settings_of(library)
    socket = serve_socket(settings.library, settings.serve_socket)
    ran: list[str] = []
    while True:
        daemon, plan = _look(settings, socket)
        if not as_json:
            _tell(plan, socket)
        if plan.command is None or not _agreed(plan.command, yes=yes, as_json=as_json):
            break
        if (line := shlex.join(_as_root(plan.command))) in ran:
            say(f"{line} had no effect; see: tailscale status, tailscale serve status")
            break
        ran.append(line)
        _run(plan.command)
    if as_json:
        _print(daemon, plan, ran)
    if not plan.url:
        raise typer.Exit(1)


def _look(settings: Settings, socket: Path) -> tuple[Daemon, Plan]:
    from albums.identity.plan import plan

    daemon, served = asyncio.run(_ask(settings))
    return daemon, plan(daemon, served, socket)


async def _ask(settings: Settings) -> tuple[Daemon, Served]:
    from albums.identity.served import Served
    from albums.identity.tailscale import LocalApi

    given = settings.tailscale_socket
    api = LocalApi(Path(given).expanduser() if given else None)
    try:
        daemon = await api.status()
        deadline = time.monotonic() + _STARTING
        while daemon.state == "starting" and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
            daemon = await api.status()
        running = daemon.state == "running"
        return daemon, await api.served() if running else Served({}, frozenset())
    finally:
        await api.aclose()


def _tell(plan: Plan, socket: Path) -> None:
    for sentence in plan.said:
        print(sentence)
    if plan.command:
        print(f"\n  {shlex.join(_as_root(plan.command))}\n")
    if plan.url and not _listens(socket):
        print("The box does not run now: albums serve")


def _print(daemon: Daemon, plan: Plan, ran: list[str]) -> None:
    command = shlex.join(_as_root(plan.command)) if plan.command else None
    content = {"state": daemon.state, "said": plan.said, "next": command, "ran": ran}
    print_json(content | {"url": plan.url or None})


def _agreed(command: Command, *, yes: bool, as_json: bool) -> bool:
    """Whether to run it. Nobody is asked who cannot answer."""
    if not shutil.which(command[0]):
        say(f"{command[0]} is not on this machine's PATH: run the command where Tailscale runs")
        return False
    if yes:
        return True
    if as_json or not _can_be_asked():
        return False
    return typer.confirm("Run it now?")


def _can_be_asked() -> bool:
    return sys.stdin.isatty()


def _as_root(command: Command) -> Command:
    return command if os.geteuid() == 0 else ("sudo", *command)


def _run(command: Command) -> None:
    """What it says goes to standard error. Ends the program where it fails."""
    ended = subprocess.run(_as_root(command), stdout=2, check=False)
    if ended.returncode:
        say(f"{command[0]} ended with {ended.returncode}; what it said is above")
        raise typer.Exit(1)


def _listens(socket: Path) -> bool:
    try:
        return stat.S_ISSOCK(socket.stat().st_mode)
    except OSError:
        return False
