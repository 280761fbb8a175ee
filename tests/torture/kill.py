"""kill -9 at any moment, while devices are at work, and while the box begins, or is rebuilt."""

from __future__ import annotations

import difflib
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx

from tests.torture.acts import Hand, Refused, act
from tests.torture.box import Box, kill
from tests.torture.look import look, look_at_pictures, settled
from tests.torture.witness import Broken, Witness

_HANDS = 4


@dataclass
class Torture:
    """A box, what it promised, and chance."""

    box: Box
    scratch: Path
    rng: Random
    witness: Witness = field(default_factory=Witness)
    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    # Which refusals are right just now.
    fine: Callable[[Refused], bool] = lambda refused: False

    def work(self, seconds: float, blow: Callable[[], None] | None = None) -> None:
        """Let devices work, then strike; without a `blow` they finish what they are at."""
        stop = threading.Event()
        hands = [
            threading.Thread(target=self._hand, args=(self.rng.randrange(2**32), stop))
            for _ in range(_HANDS)
        ]
        for hand in hands:
            hand.start()
        time.sleep(seconds)
        if blow:
            blow()
        stop.set()
        for hand in hands:
            hand.join(120)
            assert not hand.is_alive(), "a device waits for ever"
        if self.wrong:
            raise Broken(self.wrong)

    def _hand(self, seed: int, stop: threading.Event) -> None:
        with self.box.client() as client:
            inbox = self.box.library / "inbox"
            hand = Hand(Random(seed), client, self.witness, inbox, self.scratch)
            while not stop.is_set():
                try:
                    self.done[act(hand)] += 1
                except (httpx.TransportError, OSError):
                    return  # it was killed
                except Refused as refused:
                    if self.fine(refused):
                        self.done[f"{refused.status}"] += 1
                    else:
                        self.wrong.append(str(refused))
                except Exception as error:
                    self.wrong.append(f"{type(error).__name__}: {error}")
                    return

    def cut_off(self, *command: str) -> None:
        """Begin a command over the library, and kill it somewhere on its way."""
        process = self.box.run(*command)
        time.sleep(self.rng.uniform(0, 1.5))
        kill(process)
        self.done[f"{command[0]} cut off"] += 1


def rebuild_makes_the_same(torture: Torture) -> None:
    """The canonical export is equal, byte for byte, before and after. The box must not run."""
    exports = [torture.scratch / name for name in ("before.jsonl", "after.jsonl")]
    for export in exports:
        if export == exports[1] and torture.box.finish("rebuild"):
            raise Broken([f"rebuild ended with an error:\n{torture.box.said()}"])
        export.unlink(missing_ok=True)
        if torture.box.finish("export", "--canonical", str(export)):
            raise Broken([f"export ended with an error:\n{torture.box.said()}"])
    before, after = (export.read_text().splitlines() for export in exports)
    if before != after:
        raise Broken(["rebuild changed:", *difflib.unified_diff(before, after, n=0)])


def backup_is_whole(torture: Torture) -> None:
    """A backup goes on where killed ones ended, and can be restored. The box must not run."""
    target = str(torture.scratch / "backup")
    for command in (("backup", target), ("backup", "check", target)):
        if torture.box.finish(*command):
            raise Broken([f"{' '.join(command)} ended with an error:\n{torture.box.said()}"])


def kill_often(torture: Torture, times: int) -> None:
    """Raises Broken at the first promise that does not hold."""
    torture.box.start()
    for round_ in range(1, times + 1):
        torture.work(torture.rng.uniform(0.02, 1.2), torture.box.kill)
        if torture.rng.random() < 0.2:  # killed again while it finishes what was half done
            torture.cut_off("serve", "--local", "--port", "0")
        if torture.rng.random() < 0.1:
            torture.cut_off("rebuild")
        torture.box.start()
        look(torture.box, torture.witness)
        if round_ % 10 == 0 or round_ == times:
            settled(torture.box, torture.witness)
            look(torture.box, torture.witness)
            look_at_pictures(torture.box, torture.witness)
            torture.box.end()
            rebuild_makes_the_same(torture)
            torture.box.start()
            look(torture.box, torture.witness)
            print(f"{round_} of {times}: {torture.witness.counts()}", flush=True)
    torture.box.end()
    backup_is_whole(torture)
    print(f"acts: {dict(torture.done)}")
