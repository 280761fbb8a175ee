"""A box that is killed again and again while it takes files: each file is somewhere, whole."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from albums.assembly import open_albums
from albums.settings import Settings

pytestmark = pytest.mark.slow
_BOX = """
import sys, time
from pathlib import Path
from albums.assembly import open_albums
from albums.settings import Settings
from albums.sources.inbox import Inbox
from tests.sources.conftest import QUICK
library = Path(sys.argv[1])
albums = open_albums(Settings(library=library, workers=1))
Inbox(library / "inbox", albums.receiver, QUICK).start()
print("started", flush=True)
time.sleep(60)
"""
_FILES = 250


def start(library: Path) -> subprocess.Popen[bytes]:
    box = subprocess.Popen(
        [sys.executable, "-c", _BOX, str(library)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert box.stdout
    assert box.stdout.readline() == b"started\n"
    return box


def kill(box: subprocess.Popen[bytes]) -> None:
    os.kill(box.pid, signal.SIGKILL)
    box.communicate()


def left(inbox: Path) -> list[Path]:
    return [path for path in inbox.rglob("*") if path.is_file()]


def test_killed_at_any_moment_it_loses_nothing_and_takes_each_file_once(tmp_path: Path) -> None:
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    library, inbox = tmp_path / "library", tmp_path / "library" / "inbox"
    inbox.mkdir(parents=True)
    wanted = {}
    for number in range(_FILES):
        content = b"photo %d " % number * 500
        (inbox / f"{number}.jpg").write_bytes(content)
        wanted[f"{number}.jpg"] = hashlib.sha256(content).hexdigest()
    for _ in range(3):
        before = len(left(inbox))
        box = start(library)
        while len(left(inbox)) == before:
            time.sleep(0.001)
        time.sleep(chance.random() * 0.15)
        kill(box)
    assert left(inbox), "it was quicker than the kills"
    box = start(library)
    end = time.monotonic() + 30
    while left(inbox):
        assert time.monotonic() < end, (seed, left(inbox))
        time.sleep(0.02)
    kill(box)

    albums = open_albums(Settings(library=library, workers=1))
    try:
        with albums.library.read() as db:
            assets = {row["name"]: row["sha"] for row in db.execute("select * from assets")}
            [arrivals] = db.execute("select count(*) from arrivals").fetchone()
        assert assets == wanted, seed
        assert arrivals == _FILES, seed
        originals = albums.vault.originals
        kept = [p for p in originals.root.rglob("*") if p.is_file() and "sidecar" not in p.name]
        found = {hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}
        assert found == set(wanted.values()), seed
        assert not list(originals.incoming.iterdir())
    finally:
        albums.close()
