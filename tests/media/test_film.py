from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace, ColorTrc
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageSequence

from albums.errors import Undecodable
from albums.media import film_file
from albums.media.film import decode
from albums.media.formats import identify_file
from albums.media.picture import Rendered, render
from tests.media.films import SIZE, film, grey, noise, numbered
from tests.media.pictures import CORNERS, seen_corners

CONTAINERS = {
    "h264.mp4": {},
    "h264.mov": {},
    "hevc.mp4": {"codec": "libx265"},
    "av1.mp4": {"codec": "libsvtav1"},
    "vp9.webm": {"codec": "libvpx-vp9"},
    "h264.mkv": {},
    "mpeg4.avi": {"codec": "mpeg4"},
    "motion jpeg.avi": {"codec": "mjpeg", "pixels": "yuvj420p"},
    "h263.3gp": {"codec": "h263", "size": (176, 144)},
    "h264.mts": {"container": "mpegts"},
    "mpeg2.mpg": {"codec": "mpeg2video", "rate": 25},
    "wmv2.wmv": {"codec": "wmv2"},
    "flash.flv": {"codec": "flv"},
    "prores.mov": {"codec": "prores_ks", "pixels": "yuv422p10le"},
    "animation.mov": {"codec": "qtrle", "pixels": "rgb24"},
    "broadcast.mxf": {"codec": "mpeg2video", "rate": 25},
    "real.rm": {"codec": "rv10", "size": (176, 144), "rate": 25},
    "odd.mp4": {"size": (95, 63), "pixels": "yuv444p"},
}


def poster(rendered: Rendered, size: int = 1600) -> Image.Image:
    return Image.open(io.BytesIO(rendered.pictures[size])).convert("RGB")


def moments(rendered: Rendered) -> list[Image.Image]:
    moving = Image.open(io.BytesIO(rendered.frames))
    return [frame.convert("RGB") for frame in ImageSequence.Iterator(moving)]


def levels(images: list[Image.Image]) -> list[float]:
    return [float(np.asarray(image).mean()) for image in images]


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_film_has_a_poster_and_frames(tmp_path: Path, name: str) -> None:
    rendered = render(film(tmp_path / name, **CONTAINERS[name]))  # type: ignore[arg-type]
    assert seen_corners(poster(rendered)) == [0, 1, 2, 3]
    assert seen_corners(moments(rendered)[0]) == [0, 1, 2, 3]
    assert not rendered.truncated


def test_the_tape_of_a_camcorder_has_a_poster(tmp_path: Path) -> None:
    """DV as it comes over the wire: frame after frame, without a container."""
    boxed = film(tmp_path / "x.mov", "dvvideo", size=(720, 576), rate=25)
    path = tmp_path / "x.dv"
    with av.open(str(boxed)) as source:
        path.write_bytes(b"".join(bytes(packet) for packet in source.demux(video=0)))
    rendered = render(path)
    assert seen_corners(poster(rendered)) == [0, 1, 2, 3]
    assert (rendered.width, rendered.height) == (768, 576)


# Counter-clockwise degrees, mirrored, upside down; then the corners as they must be seen.
@pytest.mark.parametrize(
    ("turn", "seen"),
    [
        ((-90, False, False), [2, 0, 3, 1]),
        ((90, False, False), [1, 3, 0, 2]),
        ((180, False, False), [3, 2, 1, 0]),
        ((0, True, False), [1, 0, 3, 2]),
        ((0, False, True), [2, 3, 0, 1]),
        ((-90, True, False), [0, 2, 1, 3]),
    ],
)
def test_a_turned_or_mirrored_film_is_upright(
    tmp_path: Path, turn: tuple[float, bool, bool], seen: list[int]
) -> None:
    rendered = render(film(tmp_path / "x.mp4", turn=turn))
    assert seen_corners(poster(rendered)) == seen
    assert seen_corners(moments(rendered)[0]) == seen
    assert (rendered.width, rendered.height) == (SIZE if not turn[0] % 180 else SIZE[::-1])


def test_pixels_that_are_not_square_are_stretched(tmp_path: Path) -> None:
    rendered = render(film(tmp_path / "x.mp4", aspect=Fraction(4, 3)))
    assert (rendered.width, rendered.height) == (128, 64)
    assert poster(rendered).size == (128, 64)


@pytest.mark.parametrize(
    ("size", "matrix", "tagged"),
    [
        ((96, 64), Colorspace.ITU601, False),
        ((96, 64), Colorspace.ITU709, True),
        ((96, 640), Colorspace.ITU709, False),
        ((96, 640), Colorspace.ITU601, True),
    ],
)
def test_colours_are_right_also_where_the_film_does_not_say_its_own(
    tmp_path: Path, size: tuple[int, int], matrix: int, tagged: bool
) -> None:
    """Standard definition is BT.601, and high definition BT.709."""
    path = film(tmp_path / "x.mp4", frames=1, size=size, matrix=int(matrix), tagged=tagged)
    image = poster(render(path))
    places = ((size[0] * x // 4, size[1] * y // 4) for y in (1, 3) for x in (1, 3))
    for place, colour in zip(places, CORNERS, strict=True):
        assert np.abs(np.array(image.getpixel(place)) - colour).max() < 12


def test_what_is_transparent_shows_white(tmp_path: Path) -> None:
    path = tmp_path / "x.webm"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libvpx-vp9", 10)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuva420p"
        layer = np.zeros((64, 96, 4), np.uint8)
        layer[..., 0], layer[:32, :, 3] = 200, 255
        frame = av.VideoFrame.from_ndarray(layer, format="rgba").reformat(format="yuva420p")
        out.mux([*stream.encode(frame), *stream.encode(None)])
    image = poster(render(path))
    assert np.abs(np.array(image.getpixel((48, 10))) - (200, 0, 0)).max() < 8
    assert image.getpixel((48, 54)) == (255, 255, 255)


def interlaced(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A white bar that has moved on by the time of the second field."""
    width, height = size
    picture = np.full((height, width, 3), 30, np.uint8)
    picture[0::2, 20:40] = picture[1::2, 50:70] = 220
    return picture


def test_an_interlaced_film_shows_one_moment(tmp_path: Path) -> None:
    path = film(tmp_path / "x.mts", container="mpegts", interlaced=True, paint=interlaced)
    pixels = np.asarray(poster(render(path)).convert("L")).astype(int)
    assert pixels[:, 22:38].mean() > 200  # the bar of the first field, whole
    assert pixels[:, 52:68].mean() < 60
    film(tmp_path / "y.mts", container="mpegts", interlaced=True, paint=noise, gop=1)
    assert render(tmp_path / "y.mts").height == SIZE[1]


@pytest.mark.parametrize(
    ("hdr", "code"),  # codes of 8 bits for a tenth of HDR's reference white
    [(ColorTrc.SMPTE2084, 91), (ColorTrc.ARIB_STD_B67, 87)],
)
def test_light_of_hdr_is_as_bright_as_in_standard_range(
    tmp_path: Path, hdr: ColorTrc, code: int
) -> None:
    path = film(
        tmp_path / "x.mp4",
        "libx265",
        pixels="yuv420p10le",
        hdr=hdr,
        paint=grey(code),
    )
    level = np.asarray(poster(render(path))).mean()
    assert level == pytest.approx(89, abs=6)  # sRGB of a tenth of white


def test_the_poster_is_neither_black_nor_blurred(tmp_path: Path) -> None:
    sharp = Image.fromarray(noise(1, (12, 8))).resize(SIZE, Image.Resampling.NEAREST)
    blurred = sharp.filter(ImageFilter.GaussianBlur(6))

    def paint(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        shown = {0: Image.new("RGB", size), 1: blurred, 2: sharp}.get(number // 10 % 5)
        return np.asarray(shown or Image.new("RGB", size, "white"))

    image = poster(render(film(tmp_path / "x.mp4", frames=50, paint=paint, gop=10)))
    assert np.abs(np.asarray(image).astype(int) - np.asarray(sharp)).mean() < 12


def test_frames_are_spread_over_the_film_in_order(tmp_path: Path) -> None:
    rendered = render(film(tmp_path / "x.mp4", frames=60, paint=numbered, gop=5))
    seen = levels(moments(rendered))
    assert len(seen) == 10
    assert seen == sorted(seen)
    assert seen[-1] - seen[0] > 120  # of 177 from its first frame to its last


def test_a_short_film_with_one_keyframe_has_frames_in_between(tmp_path: Path) -> None:
    seen = levels(moments(render(film(tmp_path / "x.mp4", frames=30, paint=numbered, gop=300))))
    assert len(seen) == 6
    assert len({round(level) for level in seen}) == 6


def test_a_film_of_one_frame_has_a_poster_and_does_not_move(tmp_path: Path) -> None:
    rendered = render(film(tmp_path / "x.mp4", frames=1))
    assert seen_corners(poster(rendered)) == [0, 1, 2, 3]
    assert rendered.frames == b""


def test_a_film_of_variable_rate_is_spread_by_time(tmp_path: Path) -> None:
    """Its first forty frames take four seconds, its last ten a minute and a half."""

    def paint(number: int, size: tuple[int, int]) -> NDArray[np.uint8]:
        return grey(20)(number, size) if number < 40 else noise(number, size)

    def times(number: int) -> int:
        return number if number < 40 else (number - 39) * 100

    path = film(tmp_path / "x.mp4", frames=50, paint=paint, gop=1, times=times)
    assert sum(level > 100 for level in levels(moments(render(path)))) == 9


def test_a_film_that_changes_its_size_shows_the_frames_of_one(tmp_path: Path) -> None:
    parts = [
        film(tmp_path / f"{size[0]}.ts", container="mpegts", frames=40, paint=noise, size=size)
        for size in ((96, 64), (64, 96))
    ]
    path = tmp_path / "x.mts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    frames = moments(render(path))
    assert len({frame.size for frame in frames}) == 1
    assert len(frames) > 1


def without_index(path: Path) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"idx1")])
    return path


def a_third(path: Path) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 3])
    return path


UNFINISHED: dict[str, Callable[[Path], Path]] = {
    "live.mkv": lambda at: film(at, frames=300, paint=noise, muxing={"live": "1"}),
    "live.webm": lambda at: film(
        at, "libvpx", frames=60, paint=noise, container="webm", muxing={"live": "1"}
    ),
    "no index.avi": lambda at: without_index(film(at, "mpeg4", frames=300, paint=noise, gop=5)),
    "cut.mkv": lambda at: a_third(film(at, frames=300, paint=noise)),
    "cut.mts": lambda at: a_third(film(at, frames=300, paint=noise, container="mpegts")),
    "cut.mp4": lambda at: a_third(
        film(at, frames=300, paint=noise, muxing={"movflags": "faststart"})
    ),
    "fragments.mp4": lambda at: film(
        at, frames=300, paint=noise, muxing={"movflags": "frag_keyframe+empty_moov"}
    ),
}


@pytest.mark.parametrize("name", UNFINISHED)
def test_a_film_without_index_or_end_has_frames_from_all_that_is_there(
    tmp_path: Path, name: str
) -> None:
    rendered = render(UNFINISHED[name](tmp_path / name))
    assert len(moments(rendered)) >= 5
    assert rendered.truncated == (name in ("cut.mp4", "cut.mkv"))  # their headers say how long


def test_a_long_film_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = film(tmp_path / "x.mp4", frames=600, paint=noise, size=(320, 240), gop=30)
    read = []
    plain = film_file.Granted.read

    def counted(self: film_file.Granted, size: int) -> bytes:
        content = plain(self, size)
        read.append(len(content))
        return content

    monkeypatch.setattr(film_file.Granted, "read", counted)
    assert len(moments(render(path))) == 10
    assert sum(read) < path.stat().st_size / 4


def test_a_film_that_cannot_be_read_in_time_ends_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = film(tmp_path / "x.mkv", frames=20, paint=noise)
    monkeypatch.setattr("albums.media.film._SECONDS", 0.0)
    with pytest.raises(Undecodable):
        render(path)


def only_sound(path: Path) -> Path:
    film(path, frames=1, sound=True)
    with av.open(str(path)) as source, av.open(f"{path}.mp4", "w") as out:
        heard = out.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = heard
                out.mux(packet)
    return Path(f"{path}.mp4")


def no_frames(path: Path) -> Path:
    """As a recording that was stopped at once: a header, and no picture."""
    content = film(path, muxing={"movflags": "frag_keyframe+empty_moov"}).read_bytes()
    path.write_bytes(content[: content.index(b"moof") - 4])
    return path


def without_moov(path: Path) -> Path:
    content = film(path).read_bytes()
    path.write_bytes(content[: content.index(b"moov") - 4])
    return path


def broken_moov(path: Path) -> Path:
    content = bytearray(film(path).read_bytes())
    at = content.index(b"stsd")
    content[at : at + 60] = bytes(60)
    path.write_bytes(content)
    return path


NO_PICTURE: dict[str, tuple[Callable[[Path], Path], str, str]] = {
    "only sound": (only_sound, "no-picture", "only sound"),
    "no frames": (no_frames, "broken", "no frame"),
    "no moov": (without_moov, "broken", "cut off"),
    "broken moov": (broken_moov, "broken", ""),
}


@pytest.mark.parametrize("name", NO_PICTURE)
def test_what_has_no_picture_says_why(tmp_path: Path, name: str) -> None:
    make, reason, why = NO_PICTURE[name]
    path = make(tmp_path / "x.mp4")
    with pytest.raises(Undecodable) as caught:
        render(path)
    assert caught.value.facts["reason"] in (reason, "no-decoder" if name == "broken moov" else "")
    assert why in caught.value.why
    assert str(tmp_path) not in str(caught.value)


def test_a_film_larger_than_the_limit_is_not_decoded(tmp_path: Path) -> None:
    path = film(tmp_path / "x.mp4", frames=1)
    with pytest.raises(Undecodable) as caught:
        render(path, pixels=96 * 64 - 1)
    assert caught.value.facts["reason"] == "too-many-pixels"


def test_a_film_cannot_make_other_files_be_opened(tmp_path: Path) -> None:
    """A playlist under a film's name is a playlist to FFmpeg, if one lets it guess."""
    secret = film(tmp_path / "secret.mts", container="mpegts")
    format = identify_file(secret)
    path = tmp_path / "x.mts"
    path.write_text("ffconcat version 1.0\nfile secret.mts\n")
    with av.open(str(path)) as guessed:
        assert guessed.streams.video
    with pytest.raises(Undecodable):
        decode(path, format, 100, 10**9)
