"""`albums work`: do what is to be done, or pause it in the box that runs."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from albums.cli.options import Json, Library, Wait, settings_of
from albums.cli.output import Meter, clock, print_json, say
from albums.cli.status import as_table
from albums.errors import BadInput

_LOOK_EVERY = 0.2  # seconds
_CLOSED = ("done", "skipped", "failed")


def command(
    wait: Wait = False,
    pause: Annotated[bool, typer.Option("--pause", help="Let the running box rest.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Let it go on.")] = False,
    library: Library = None,
    as_json: Json = False,
) -> None:
    """Show the work of the pipeline; with --wait, do all of it first."""
    from albums.cli.box import reach

    if wait + pause + resume > 1:
        raise BadInput("Choose one of --wait, --pause and --resume")
    with reach(settings_of(library), working=wait) as box:
        if pause or resume:
            answer = box.ask("POST", f"/api/v1/work/{'pause' if pause else 'resume'}")
        elif wait:
            answer = wait_until_understood(box)
        else:
            answer = box.get("/api/v1/status")["work"]
    if as_json:
        print_json(answer)
    elif pause or resume:
        print("The work rests." if answer["paused"] else "The work goes on.")
    else:
        as_table(answer)


def wait_until_understood(box: Any) -> list[dict[str, Any]]:
    """Returns the state of every step once nothing is left to do now.

    Who waits wants it done: work that rests goes on.
    """
    with Meter() as meter:
        try:
            return _wait(box, meter)
        except KeyboardInterrupt:
            say("Stopping after what is in hand. The rest is done the next time.")
            raise


def _wait(box: Any, meter: Meter) -> list[dict[str, Any]]:
    while True:
        status = box.get("/api/v1/status")
        work: list[dict[str, Any]] = status["work"]
        if status["idle"]:
            return work
        if status["paused"]:
            box.ask("POST", "/api/v1/work/resume")
        _show(work, meter)
        time.sleep(_LOOK_EVERY)


def _show(work: list[dict[str, Any]], meter: Meter) -> None:
    closed = {w["step"]: sum(w["states"].get(state, 0) for state in _CLOSED) for w in work}
    total = sum(sum(w["states"].values()) for w in work)
    left = {w["step"]: sum(w["states"].values()) - closed[w["step"]] for w in work}
    note = ", ".join(f"{step} {count}" for step, count in left.items() if count)
    known = [w["seconds_left"] for w in work if w["seconds_left"]]
    if known and all(w["seconds_left"] is not None for w in work):
        note += f" · {clock(max(known))} left"
    meter.show("Understanding", sum(closed.values()), total, note)
