"""The plug is pulled while devices are at work; the library lies on a real ext4."""

from __future__ import annotations

from tests.torture.disk import Disk
from tests.torture.rounds import Torture


def cut_power_often(torture: Torture, disk: Disk, times: int) -> None:
    """Raises Broken at the first promise that does not hold."""
    disk.prove()
    for _ in torture.rounds(times):
        torture.work(torture.rng.uniform(0.02, 1.5), lambda: _pull_the_plug(torture, disk))
        disk.unmount()
        disk.mount()
        torture.box.start()


def _pull_the_plug(torture: Torture, disk: Disk) -> None:
    # A box whose disk is gone may say so; only what it acknowledges counts.
    torture.fine = lambda refused: True
    disk.cut_power()
    torture.box.kill()
