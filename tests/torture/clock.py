"""The box's clock goes back and its zone changes between one start and the next."""

from __future__ import annotations

from tests.torture.look import look, settled
from tests.torture.rounds import Torture

_HOURS = (0, 1, 72, 400 * 24, 20 * 365 * 24)  # that the clock is late
_ZONES = ("UTC", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu")


def turn_back_often(torture: Torture, times: int) -> None:
    """Raises Broken at the first promise that does not hold."""
    for _ in torture.rounds(times):
        torture.box.end()
        torture.witness.begun.clear()  # by its clock a week may pass: then they expire
        torture.box.program = _late(torture.rng.choice(_HOURS))
        torture.box.environment["TZ"] = torture.rng.choice(_ZONES)
        torture.box.start()
        look(torture.box, torture.witness)
        torture.work(torture.rng.uniform(0.2, 1.2))
        settled(torture.box, torture.witness)


def _late(hours: int) -> list[str]:
    """The program, by a clock that is late. What only measures time goes on as it is."""
    return [
        "-c",
        "import datetime, time_machine\n"
        f"now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours={hours})\n"
        "time_machine.travel(now, tick=True).start()\n"
        "from albums.cli import main; main()",
    ]
