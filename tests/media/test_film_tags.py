from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from av.video.reformatter import ColorTrc
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from albums.media import exif
from tests.media.films import film, noise


def test_how_a_film_is_coded(tmp_path: Path) -> None:
    path = film(
        tmp_path / "x.mov",
        "libx265",
        frames=60,
        rate=Fraction(30000, 1001),
        pixels="yuv420p10le",
        hdr=ColorTrc.ARIB_STD_B67,
        turn=(-90, False, False),
        aspect=Fraction(4, 3),
        sound=True,
    )
    tags = exif.read(path, "IMG_0001.MOV")
    assert tags["upright_size"] == [64, 128]
    assert tags["warnings"] == []
    said: Any = tags["film"]
    assert said["bit_rate"] > 0
    assert said | {"bit_rate": None} == {
        "duration": pytest.approx(2.0, abs=0.01),
        "frame_rate": 29.97,
        "video_codec": "hevc",
        "profile": "Main 10",
        "pixel_format": "yuv420p10le",
        "bit_depth": 10,
        "audio_codec": "aac",
        "rotation": 90,
        "mirrored": False,
        "hdr": "hlg",
        "interlaced": False,
        "bit_rate": None,
        "width": 96,
        "height": 64,
        "pixel_aspect": "4/3",
        "container": "mov",
    }


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "found"),
    [
        ("x.mp4", "libsvtav1", "yuv420p", "av1"),
        ("x.webm", "libvpx-vp9", "yuv420p", "vp9"),
        ("x.mov", "prores_ks", "yuv422p10le", "prores"),
        ("x.avi", "mpeg4", "yuv420p", "mpeg4"),
    ],
)
def test_a_codec_is_called_by_its_own_name(
    tmp_path: Path, name: str, codec: str, pixels: str, found: str
) -> None:
    said: Any = exif.read(film(tmp_path / name, codec, pixels=pixels))["film"]
    assert said["video_codec"] == found
    assert said["audio_codec"] is None


def test_tags_of_the_container_are_kept_as_written(tmp_path: Path) -> None:
    path = film(
        tmp_path / "x.mov",
        muxing={"movflags": "use_metadata_tags"},
        tags={
            "com.apple.quicktime.creationdate": "2024-07-01T12:00:00+0200",
            "com.apple.quicktime.make": "Apple",
            "creation_time": "2024-07-01T10:00:00Z",
        },
    )
    tags: Any = exif.read(path)
    assert tags["container"]["com.apple.quicktime.creationdate"] == "2024-07-01T12:00:00+0200"
    assert tags["container"]["com.apple.quicktime.make"] == "Apple"
    assert tags["quicktime_epoch"] == "2024-07-01T10:00:00+00:00"


def test_where_it_was_taken_is_kept_as_written(tmp_path: Path) -> None:
    path = film(tmp_path / "x.mp4", tags={"location": "+38.7000-009.1333/"})
    tags: Any = exif.read(path)
    assert tags["container"]["location"] == "+38.7000-009.1333/"


@pytest.mark.parametrize("name", ["x.mkv", "x.webm"])
def test_the_length_of_a_live_recording_is_measured(tmp_path: Path, name: str) -> None:
    codec = "libx264" if name == "x.mkv" else "libvpx"
    path = film(tmp_path / name, codec, frames=100, paint=noise, muxing={"live": "1"})
    said: Any = exif.read(path)["film"]
    assert said["duration"] == pytest.approx(10.0, abs=0.2)


def test_what_cannot_be_opened_is_a_warning(tmp_path: Path) -> None:
    path = film(tmp_path / "x.mp4")
    path.write_bytes(path.read_bytes()[:300])
    tags: Any = exif.read(path)
    assert tags["film"] == {}
    assert "could not be opened" in tags["warnings"][0]
    assert str(tmp_path) not in tags["warnings"][0]


def test_damaged_films_have_tags_or_warnings(tmp_path: Path) -> None:
    whole = film(tmp_path / "seed.mp4", frames=5, muxing={"movflags": "faststart"}).read_bytes()
    path = tmp_path / "x.mp4"

    @settings(
        max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(st.tuples(st.integers(8, len(whole) - 1), st.integers(0, 255)), max_size=8))
    def attempt(changes: list[tuple[int, int]]) -> None:
        content = bytearray(whole)
        for at, value in changes:
            content[at] = value
        path.write_bytes(content)
        tags: Any = exif.read(path, "x.mp4")
        assert isinstance(tags["warnings"], list)
        assert tags["film"] or tags["warnings"]

    attempt()
