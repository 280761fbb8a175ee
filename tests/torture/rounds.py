"""What the proofs with blows have in common: devices at work, and a look after each blow."""

from __future__ import annotations

import difflib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx

from tests.torture.acts import Hand, Refused, act
from tests.torture.box import Box
from tests.torture.look import look, look_at_pictures, settled
from tests.torture.witness import Broken, Witness

_HANDS = 4
_SETTLE_EVERY = 10  # rounds


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

    def rounds(self, times: int) -> Iterator[None]:
        """The caller strikes, and leaves a box that answers. Raises Broken at the first promise
        that does not hold."""
        self.box.start()
        for round_ in range(1, times + 1):
            yield
            self.fine = lambda refused: False
            look(self.box, self.witness)
            if round_ % _SETTLE_EVERY == 0 or round_ == times:
                self._settle()
                print(f"{round_} of {times}: {self.witness.counts()}", flush=True)
        self.box.end()
        self._restore()
        print(f"acts: {dict(self.done)}")

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

    def _settle(self) -> None:
        """Nothing is left to do, and files alone are the whole truth."""
        settled(self.box, self.witness)
        look(self.box, self.witness)
        look_at_pictures(self.box, self.witness)
        self.box.end()
        self._rebuild()
        self.box.start()
        look(self.box, self.witness)

    def _rebuild(self) -> None:
        """The canonical export is equal, byte for byte, before and after."""
        exports = [self.scratch / name for name in ("before.jsonl", "after.jsonl")]
        for export in exports:
            if export == exports[1]:
                self._run("rebuild")
            export.unlink(missing_ok=True)
            self._run("export", "--canonical", str(export))
        before, after = (export.read_text().splitlines() for export in exports)
        if before != after:
            raise Broken(["rebuild changed:", *difflib.unified_diff(before, after, n=0)])

    def _restore(self) -> None:
        """A backup goes on where others ended early, and can be restored."""
        target = str(self.scratch / "backup")
        self._run("backup", target)
        self._run("backup", "check", target)

    def _run(self, *command: str) -> None:
        if self.box.finish(*command):
            raise Broken([f"{' '.join(command)} ended with an error:\n{self.box.said()}"])
