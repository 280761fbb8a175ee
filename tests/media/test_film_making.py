"""Of every film that browsers do not play, one is made that they do."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorTrc
from numpy.typing import NDArray

from albums.errors import Undecodable
from albums.media.film_job import Made, Wanted
from albums.media.film_making import make
from albums.media.playable import Look, look
from tests.media.films import corners, film, numbered
from tests.media.sounds import sounding


@dataclass(frozen=True)
class Played:
    """What a player finds."""

    made: Made
    pictures: str
    sound: str | None
    frames: list[NDArray[np.uint8]]
    times: list[float]
    loudness: float


def wanted(path: Path, *, height: int = 1080, part: list[int] | None = None) -> Wanted:
    return Wanted(path, path.name, part, height, 2_000_000, 2)


def played(path: Path, tmp_path: Path, **how: object) -> Played:
    target = tmp_path / "target"
    with target.open("w+b") as file:
        made = make(wanted(path, **how), file.fileno(), lambda at: None)  # type: ignore[arg-type]
    return _opened(target, made)


def _opened(target: Path, made: Made) -> Played:
    assert target.read_bytes()[36:40] == b"moov", "it has to be loaded whole before it starts"
    assert look(target, "a.mp4", None).why == ""
    with av.open(str(target)) as film:
        shown, heard = film.streams.video[0], next(iter(film.streams.audio), None)
        frames = [
            (f.time or 0.0, np.asarray(f.to_ndarray(format="rgb24"), np.uint8))
            for f in film.decode(shown)
        ]
        film.seek(0)
        waves = [f.to_ndarray() for f in film.decode(heard)] if heard else []
        return Played(
            made,
            shown.codec_context.name,
            heard.codec_context.name if heard else None,
            [picture for _, picture in frames],
            [time for time, _ in frames],
            float(max((np.abs(wave).max() for wave in waves), default=0.0)),
        )


def looked(path: Path) -> Look:
    return look(path, path.name, None)


@pytest.mark.parametrize(
    ("codec", "name", "why"),
    [
        ("libx264", "a.mp4", ""),
        ("libx264", "a.mov", ""),
        ("libvpx-vp9", "a.webm", ""),
        ("libsvtav1", "a.mp4", ""),
        ("libx265", "a.mp4", "its pictures (hevc)"),
        ("mpeg4", "a.mp4", "its pictures (mpeg4)"),
        ("libx264", "a.mkv", "its container (mkv)"),
        ("mpeg4", "a.avi", "its container (avi)"),
        ("mpeg2video", "a.mts", "its container (mts)"),
        ("mpeg1video", "a.mpg", "its container (mpg)"),
        ("wmv2", "a.wmv", "its container (wmv)"),
        ("flv1", "a.flv", "its container (flv)"),
    ],
)
def test_what_every_browser_plays_stays_and_the_rest_is_made(
    codec: str, name: str, why: str, tmp_path: Path
) -> None:
    forced = {".mts": "mpegts", ".wmv": "asf"}.get(Path(name).suffix)
    rate = 25 if codec.startswith("mpeg") else 10
    path = film(tmp_path / name, codec, container=forced, rate=rate, size=(96, 64))
    assert looked(path).why == why
    if why:
        found = played(path, tmp_path)
        assert (found.pictures, found.made.warning) == ("h264", "")
        assert len(found.frames) == 20
        corner = found.frames[0][5, 5]
        assert corner[0] > 180 > 80 > corner[1], "it was painted red there"


def test_colours_of_more_than_eight_bits_are_no_browsers(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", pixels="yuv420p10le")
    assert looked(path).why == "its pictures (h264, yuv420p10le)"
    assert not looked(path).copied
    assert played(path, tmp_path).pictures == "h264"


@pytest.mark.parametrize(
    ("codec", "container", "rate", "layout"),
    [
        ("pcm_s16le", "mov", 44_100, "stereo"),
        ("ac3", "mov", 48_000, "5.1"),
        ("libopencore_amrnb", "mov", 8000, "mono"),
        ("mp2", "mov", 32_000, "stereo"),
    ],
)
def test_strange_sound_is_heard_and_the_pictures_stay_as_they_are(
    codec: str, container: str, rate: int, layout: str, tmp_path: Path
) -> None:
    path = sounding(tmp_path / "a.mov", codec, container=container, rate=rate, layout=layout)
    assert looked(path).why.startswith("its sound (")
    found = played(path, tmp_path)
    assert (found.made.copied, found.sound) == (True, "aac")
    assert 0.1 < found.loudness < 0.6
    assert len(found.frames) == 25


def test_a_phone_film_of_before_plays(tmp_path: Path) -> None:
    path = sounding(
        tmp_path / "a.3gp", "libopencore_amrnb", pictures="h263", rate=8000, size=(176, 144)
    )
    found = played(path, tmp_path)
    assert (found.pictures, found.sound, found.made.copied) == ("h264", "aac", False)


def test_sound_that_browsers_play_is_not_made_anew(tmp_path: Path) -> None:
    path = sounding(tmp_path / "a.mkv", "aac")
    with av.open(str(path)) as film:
        before = [bytes(p) for p in film.demux(audio=0) if p.size]
    target = tmp_path / "target"
    with target.open("w+b") as file:
        assert make(wanted(path), file.fileno(), lambda at: None).copied
    with av.open(str(target)) as film:
        assert [bytes(p) for p in film.demux(audio=0) if p.size] == before


def test_a_film_without_sound_has_none(tmp_path: Path) -> None:
    found = played(film(tmp_path / "a.mp4", "libx265"), tmp_path)
    assert found.sound is None
    assert found.made.duration == pytest.approx(1.9)


@pytest.mark.parametrize(
    ("turn", "corner"),
    [
        ((0, False, False), 0),
        ((90, False, False), 1),
        ((180, False, False), 3),
        ((270, False, False), 2),
        ((0, True, False), 1),
    ],
)
def test_a_turned_film_is_upright(
    turn: tuple[float, bool, bool], corner: int, tmp_path: Path
) -> None:
    """By which corner, as it was painted, comes to lie at the upper left."""
    path = film(tmp_path / "a.mp4", "libx265", turn=turn)
    found = played(path, tmp_path)
    size = (64, 96) if turn[0] in (90, 270) else (96, 64)
    assert (found.made.width, found.made.height) == size == found.frames[0].shape[1::-1]
    painted = corners(0, (96, 64))[[4, 4, -4, -4], [4, -4, 4, -4]].astype(int)
    apart = np.abs(painted - found.frames[0][4, 4]).sum(axis=1)
    assert apart.argmin() == corner


def test_a_turned_film_whose_pictures_stay_is_turned_all_the_same(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", "libx264", turn=(90, False, False), container="matroska")
    target = tmp_path / "target"
    with target.open("w+b") as file:
        made = make(wanted(path), file.fileno(), lambda at: None)
    assert (made.copied, made.width, made.height) == (True, 64, 96)
    seen = look(target, "a.mp4", None)
    assert (seen.width, seen.height) == (64, 96)


def test_pixels_that_are_not_square_become_so(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", "libx265", aspect=Fraction(4, 3))
    assert played(path, tmp_path).frames[0].shape == (64, 128, 3)


def test_a_large_film_is_made_smaller_along_its_shorter_edge(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", "libx265", size=(96, 324), frames=3)
    made = played(path, tmp_path, height=48).made
    assert (made.width, made.height) == (48, 162)


def test_frames_at_odd_times_stay_at_their_times(tmp_path: Path) -> None:
    path = film(
        tmp_path / "a.mkv",
        "libx265",
        rate=100,
        frames=8,
        times=lambda n: n * n,
        container="matroska",
    )
    kept = [0, 2, 3, 4, 5, 6, 7]  # the second comes 10 ms after the first: more than 60 a second
    assert played(path, tmp_path).times == pytest.approx([n * n / 100 for n in kept], abs=0.002)


def test_a_leap_of_the_clock_is_not_waited_for(tmp_path: Path) -> None:
    path = film(
        tmp_path / "a.mkv",
        "libx265",
        rate=10,
        times=lambda n: n + (36_000_000 if n > 9 else 0),
        container="matroska",
    )
    assert played(path, tmp_path).made.duration == pytest.approx(1.9, abs=0.2)


@pytest.mark.parametrize("hdr", [ColorTrc.ARIB_STD_B67, ColorTrc.SMPTE2084])
def test_hdr_looks_right_on_any_screen(hdr: ColorTrc, tmp_path: Path) -> None:
    path = film(
        tmp_path / "a.mp4", "libx265", pixels="yuv420p10le", hdr=hdr, paint=_greys, frames=3
    )
    assert looked(path).hdr == ("hlg" if hdr == ColorTrc.ARIB_STD_B67 else "pq")
    target = tmp_path / "target"
    with target.open("w+b") as file:
        make(wanted(path), file.fileno(), lambda at: None)
    with av.open(str(target)) as out:
        codec = out.streams.video[0].codec_context
        assert (codec.color_primaries, codec.color_trc, codec.colorspace) == (1, 1, 1)
        shown = next(out.decode(video=0)).to_ndarray(format="rgb24")[32, 6::12, 1].astype(int)
    assert (np.diff(shown) >= -2).all(), "what is brighter stays so"
    assert shown[0] < 25
    assert shown[-1] > 225
    white = shown[5 if hdr == ColorTrc.ARIB_STD_B67 else 4]  # about 203 cd/m²
    assert 150 < white < 225, "white paper is neither grey nor burnt out"


def _greys(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Eight steps from black to white."""
    steps = np.linspace(0, 255, 8).round().astype(np.uint8).repeat(size[0] // 8)
    return np.broadcast_to(steps[None, :, None], (size[1], size[0], 3)).copy()


def test_half_pictures_become_whole_ones(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mts", "mpeg2video", container="mpegts", rate=25, interlaced=True)
    found = played(path, tmp_path)
    assert not found.made.copied
    assert len(found.frames) >= 19


def test_a_film_with_a_hole_plays_around_it(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", "libx265", frames=60, paint=numbered, container="matroska")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 300] = bytes(300)
    path.write_bytes(content)
    found = played(path, tmp_path)
    assert len(found.frames) > 20


def test_a_film_that_was_cut_off_plays_up_to_there(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mkv", "libx265", frames=60, paint=numbered, container="matroska")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 5 < len(played(path, tmp_path).frames) < 60


@pytest.mark.parametrize("keep", [0, 10, 600])
def test_a_film_of_which_nothing_is_left_is_said_to_be_broken(keep: int, tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", "libx265")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(Undecodable), (tmp_path / "target").open("w+b") as target:
        make(wanted(path), target.fileno(), lambda at: None)


def test_a_film_inside_a_photo_is_made_playable_where_it_lies(tmp_path: Path) -> None:
    inside = film(tmp_path / "a.mp4", "libx265").read_bytes()
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8 a photo" + inside + b"and a trailer")
    part = [10, len(inside)]
    assert look(photo, "photo.jpg", part).why == "its pictures (hevc)"
    assert len(played(photo, tmp_path, part=part).frames) == 20


def test_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("albums.media.film_making._TOLD", 0.0)
    path = film(tmp_path / "a.mp4", "libx265")
    told = list[float]()
    with (tmp_path / "target").open("w+b") as target:
        make(wanted(path), target.fileno(), told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.9)
