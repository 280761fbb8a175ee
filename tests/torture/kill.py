"""kill -9 at any moment, while devices are at work, and while the box begins, or is rebuilt."""

from __future__ import annotations

import time

from tests.torture.box import kill
from tests.torture.rounds import Torture


def kill_often(torture: Torture, times: int) -> None:
    """Raises Broken at the first promise that does not hold."""
    for _ in torture.rounds(times):
        torture.work(torture.rng.uniform(0.02, 1.2), torture.box.kill)
        if torture.rng.random() < 0.2:  # killed again while it finishes what was half done
            _cut_off(torture, "serve", "--local", "--port", "0")
        if torture.rng.random() < 0.1:
            _cut_off(torture, "rebuild")
        torture.box.start()


def _cut_off(torture: Torture, *command: str) -> None:
    """Begin a command over the library, and kill it somewhere on its way."""
    process = torture.box.run(*command)
    time.sleep(torture.rng.uniform(0, 1.5))
    kill(process)
    torture.done[f"{command[0]} cut off"] += 1
