"""Broken films harm neither the look at them nor the process that makes them playable."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from albums.errors import Undecodable
from albums.media import playable
from albums.media.film_job import Wanted
from albums.media.sandbox import Sandbox
from albums.media.transcoder import Limits, Transcoder
from tests.media.films import film
from tests.media.sounds import sounding

pytestmark = pytest.mark.slow
_LARGEST = 20_000_000
_CRASHES = ("crash", "timeout", "memory")


def films(folder: Path) -> list[Path]:
    return [
        film(folder / "a.mp4", "libx265", frames=6, sound=True),
        film(folder / "b.mkv", "libx264", frames=6, container="matroska"),
        film(folder / "c.mts", "mpeg2video", frames=6, container="mpegts", rate=25),
        sounding(folder / "d.avi", "libmp3lame", pictures="mpeg4", seconds=0.3),
        sounding(folder / "e.mov", "pcm_s16le", seconds=0.3),
        sounding(folder / "f.3gp", "libopencore_amrnb", pictures="h263", rate=8000, size=(176, 144),
                 seconds=0.3),
    ]  # fmt: skip


def broken(content: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, cut out or put in; the first ones say what it is, and mostly stay."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 25)):
        at = chance.randrange(16 if chance.random() < 0.9 else 0, len(changed))
        match chance.randrange(4):
            case 0:
                changed[at] = chance.randrange(256)
            case 1:
                changed[at : at + 4] = chance.choice([b"\xff" * 4, bytes(4), chance.randbytes(4)])
            case 2:
                del changed[at : at + chance.randrange(1, 40)]
            case 3:
                changed[at:at] = chance.randbytes(chance.randrange(1, 9))
        if len(changed) < 64:
            break
    return bytes(changed)


def test_two_thousand_broken_films_are_looked_at(tmp_path: Path) -> None:
    chance, path = random.Random(5), tmp_path / "film"
    originals = [(one.name, one.read_bytes()) for one in films(tmp_path)]
    ended, crashed = {"seen": 0, "refused": 0}, list[Undecodable]()
    with Sandbox(workers=1, seconds=60) as sandbox:
        for number in range(2000):
            name, content = originals[number % len(originals)]
            path.write_bytes(broken(content, chance))
            try:
                sandbox.call(playable.look, path, name, None)
                ended["seen"] += 1
            except Undecodable as error:
                crashed += [error] if error.facts.get("reason") in _CRASHES else []
                ended["refused"] += 1
    assert crashed == []
    assert min(ended.values()) > 50, "most of them are neither whole nor beyond all hope"


def test_of_broken_films_something_is_made_or_it_is_said_why_not(tmp_path: Path) -> None:
    chance, path, target = random.Random(7), tmp_path / "film", tmp_path / "target"
    originals = [(one.name, one.read_bytes()) for one in films(tmp_path)]
    transcoder, died = Transcoder(Limits(seconds=60, stall=30)), list[Undecodable]()
    for number in range(60):
        name, content = originals[number % len(originals)]
        path.write_bytes(broken(content, chance))
        wanted = Wanted(path, name, None, 1080, 2_000_000, 1)
        try:
            with target.open("w+b") as file:
                made = transcoder.make(wanted, file, _LARGEST)
        except Undecodable as error:
            died += [error] if error.facts.get("again") is True else []
            continue
        assert made.width > 0
        assert playable.look(target, "a.mp4", None).why == "", (number, name)
    assert died == []
