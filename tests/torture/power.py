"""The plug is pulled while devices are at work; the library lies on a real ext4."""

from __future__ import annotations

from tests.torture.disk import Disk
from tests.torture.kill import Torture
from tests.torture.look import look, look_at_pictures, settled


def cut_power_often(torture: Torture, disk: Disk, times: int) -> None:
    """Raises Broken at the first promise that does not hold."""
    disk.prove()
    torture.box.start()
    for round_ in range(1, times + 1):
        torture.work(torture.rng.uniform(0.02, 1.5), lambda: _pull_the_plug(torture, disk))
        disk.unmount()
        disk.mount()
        torture.fine = lambda refused: False
        torture.box.start()
        look(torture.box, torture.witness)
        if round_ % 10 == 0 or round_ == times:
            settled(torture.box, torture.witness)
            look(torture.box, torture.witness)
            look_at_pictures(torture.box, torture.witness)
            print(f"{round_} of {times}: {torture.witness.counts()}", flush=True)
    torture.box.end()
    print(f"acts: {dict(torture.done)}")


def _pull_the_plug(torture: Torture, disk: Disk) -> None:
    # A box whose disk is gone may say so; only what it acknowledges counts.
    torture.fine = lambda refused: True
    disk.cut_power()
    torture.box.kill()
