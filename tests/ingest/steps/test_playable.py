"""Films that no browser plays get a version that they do; it may be lost at any time."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import av
import pytest

from albums.errors import Conflict, DiskFull
from albums.ingest.step import Done, Failed, Skipped, Tools
from albums.ingest.steps.moving import MovingStep
from albums.ingest.steps.playable import PlayableStep
from albums.library.assets import assets_by_id
from albums.library.playable import Playable, playable_of
from albums.media.film_job import Made, Wanted
from albums.media.transcoder import Transcoder
from albums.vault.playables import Playables
from tests.ingest.steps.conftest import Do, Keep
from tests.media import motion_photos as made
from tests.media.films import film


@pytest.fixture(scope="module")
def hevc(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("films") / "a.mp4", "libx265").read_bytes()


@pytest.fixture(scope="module")
def h264(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return film(tmp_path_factory.mktemp("films") / "a.mp4", "libx264").read_bytes()


def playable(tools: Tools, asset: int) -> tuple[Playable | None, Path]:
    with tools.library.read() as db:
        [found] = assets_by_id(db, [asset])
        return playable_of(db, asset), tools.vault.playables.path(found.sha)


def test_what_no_browser_plays_is_made_and_the_original_stays(
    tools: Tools, keep: Keep, do: Do, hevc: bytes
) -> None:
    asset = keep(hevc, "IMG_1.mov")
    _, [outcome] = do(MovingStep(), asset), do(PlayableStep(), asset)
    assert isinstance(outcome, Done)
    known, path = playable(tools, asset)
    assert known == Playable("its pictures (hevc)", 96, 64, path.stat().st_size)
    with av.open(str(path)) as film:
        assert film.streams.video[0].codec_context.name == "h264"
    with tools.library.read() as db:
        [found] = assets_by_id(db, [asset])
    assert tools.vault.originals.path(found.sha, found.extension).read_bytes() == hevc


def test_what_every_browser_plays_is_left_as_it_is(
    tools: Tools, keep: Keep, do: Do, h264: bytes
) -> None:
    asset = keep(h264, "a.mp4")
    do(MovingStep(), asset)
    do(PlayableStep(), asset)
    known, path = playable(tools, asset)
    assert known == Playable("")
    assert not path.exists()


def test_the_film_inside_a_photo_is_made_playable_too(
    tools: Tools, keep: Keep, do: Do, hevc: bytes
) -> None:
    asset = keep(made.samsung(hevc))
    do(MovingStep(), asset)
    do(PlayableStep(), asset)
    known, path = playable(tools, asset)
    assert known is not None
    assert known.why == "its pictures (hevc)"
    assert path.is_file()


def test_a_photo_that_does_not_move_is_nothing_to_play(keep: Keep, do: Do) -> None:
    asset = keep(made.still())
    _, [outcome] = do(MovingStep(), asset), do(PlayableStep(), asset)
    assert isinstance(outcome, Skipped)


@pytest.mark.parametrize("content", [made.clip(), made.clip()[:40]])
def test_a_film_without_pictures_is_said_to_be_that(keep: Keep, do: Do, content: bytes) -> None:
    asset = keep(content, "a.mp4")
    _, [outcome] = do(MovingStep(), asset), do(PlayableStep(), asset)
    assert isinstance(outcome, Failed)
    assert not outcome.again


def test_a_disk_without_room_is_waited_for(
    tools: Tools, keep: Keep, do: Do, hevc: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(self: Playables, size: int) -> None:
        raise DiskFull("There is no room")

    asset = keep(hevc, "a.mov")
    do(MovingStep(), asset)
    monkeypatch.setattr(Playables, "expect_room", none)
    with pytest.raises(DiskFull):
        do(PlayableStep(), asset)
    assert playable(tools, asset)[0] is None


def test_a_disk_that_becomes_full_is_said_and_nothing_is_left_of_the_film(
    tools: Tools, keep: Keep, do: Do, hevc: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Transcoder, wanted: Wanted, target: BinaryIO, largest: int) -> Made:
        target.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    asset = keep(hevc, "a.mov")
    do(MovingStep(), asset)
    monkeypatch.setattr(Transcoder, "make", full)
    with pytest.raises(DiskFull, match="no room"):
        do(PlayableStep(), asset)
    folder = tools.vault.pictures.root
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_box_that_stops_says_nothing_of_the_film(
    tools: Tools, keep: Keep, do: Do, hevc: bytes
) -> None:
    asset = keep(hevc, "a.mov")
    do(MovingStep(), asset)
    tools.transcoder.stop()
    with pytest.raises(Conflict):
        do(PlayableStep(), asset)
    assert not playable(tools, asset)[1].exists()


def test_nothing_is_made_where_the_owner_does_not_want_it(
    tools: Tools, keep: Keep, hevc: bytes, do: Do
) -> None:
    asset = keep(hevc, "a.mov")
    do(MovingStep(), asset)
    unwilling = replace(tools, settings=replace(tools.settings, playable_height=0))
    with tools.library.write() as db:
        PlayableStep().prepare(db)
    with tools.library.read() as db:
        [outcome] = PlayableStep().run(assets_by_id(db, [asset]), unwilling)
    assert isinstance(outcome, Skipped)
    assert "hevc" in outcome.why


def test_another_height_makes_all_of_them_anew(tools: Tools) -> None:
    other = replace(tools, settings=replace(tools.settings, playable_height=720))
    assert PlayableStep().version(tools) != PlayableStep().version(other)
