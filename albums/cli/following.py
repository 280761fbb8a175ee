"""How a command follows a long job in the box: begun, shown while it goes on, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from albums.cli.output import Meter, say
from albums.errors import AlbumsError, kinds

if TYPE_CHECKING:
    from albums.cli.box import Box

_LOOK_EVERY = 0.1  # seconds
_TAKE_OVERS = 5  # times that we go on where another process left off

Answer = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """A job, as the box is asked for it."""

    address: str  # to begin it
    wanted: dict[str, Any]
    show: Callable[[Answer, Meter], None]  # while it runs
    stopped: str  # what to say after Ctrl-C
    jobs: str = ""  # address below which the job is found by its id; empty: it is `address`
    hint: str = ""  # where it ended early
    going_on: dict[str, Any] = field(default_factory=dict)  # wanted anew of the next box

    def own(self, job: Answer) -> str:
        """The address of the job that began. A job without id is the only one of its kind."""
        jobs = self.jobs or self.address
        return f"{jobs}/{job['id']}" if "id" in job else jobs


def follow(box: Box, asked: Asked) -> Answer:
    """Begin the job and show how far it is; its last answer.

    When the box ends meanwhile, the next one goes on. Ctrl-C stops the job. Raises why it ended
    early.
    """
    from albums.cli.box import BoxEnded

    wanted = asked.wanted
    with Meter() as meter:
        for _ in range(_TAKE_OVERS):
            try:
                job = box.ask("POST", asked.address, json=wanted)
                return _until_it_ends(box, asked, job, meter)
            except BoxEnded:
                wanted = wanted | asked.going_on
    raise AlbumsError("The box ended again and again", hint="Run the command once more")


def _until_it_ends(box: Box, asked: Asked, job: Answer, meter: Meter) -> Answer:
    address = asked.own(job)
    try:
        while job["running"]:
            asked.show(job, meter)
            time.sleep(_LOOK_EVERY)
            job = box.ask("GET", address)
    except KeyboardInterrupt:
        with suppress(AlbumsError):  # a box that ended has stopped it, too
            box.ask("DELETE", address)
        say(asked.stopped)
        raise
    if job["error"]:
        kind = kinds().get(job.get("error_code", ""), AlbumsError)
        raise kind(job["error"], hint=asked.hint)
    return job
