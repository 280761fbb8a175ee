"""CPU seconds that a minute of 1080p film takes for facts, poster with frames, and embedding; and
what films of hours take, with and without an index."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PIL import Image, ImageSequence

from albums.assembly import open_albums
from albums.ingest.steps.embed import together
from albums.media import exif, picture
from albums.settings import load_settings
from scripts.benchmarks.table import Row, quickest

if TYPE_CHECKING:
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

    from albums.ml.model import ImageTextEmbedder

RATE, SCENE, SCENES = 30, 5, 2  # frames a second, seconds, and how many different ones
SIZE = (1920, 1080)
_QUIET = {
    "libx264": {"preset": "ultrafast", "x264-params": "log-level=none"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
}
CODECS = (("H.264", "libx264", 10_000_000), ("HEVC", "libx265", 8_000_000))  # bits a second
MINUTE = 6  # times all scenes
LONG: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("MP4", "mp4", {}),
    ("MKV", "mkv", {}),
    ("MKV without an index", "live.mkv", {"live": "1"}),
    ("MTS", "mts", {}),
    ("MP4 in fragments", "fragments.mp4", {"movflags": "frag_keyframe+empty_moov"}),
)
HOURS = 1437  # times all scenes: a little less than four hours, no two moments of it in step


def run(scratch: Path, embedders: Mapping[str, tuple[Path, str]]) -> list[Row]:
    """`embedders`: label -> models folder and id, as settings know them."""
    folder = scratch / "films"
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    for label, codec, bits in CODECS:
        minute = repeated(folder, codec, bits, MINUTE, "mp4")
        rows += _minute(f"1 min of 1080p {label}, {bits // 10**6} Mbit/s", minute, embedders)
    for label, suffix, muxing in LONG:
        film = repeated(folder, "libx264", 600_000, HOURS, suffix, muxing)
        rows.append(_hours(label, film))
    return rows


def _minute(label: str, film: Path, embedders: Mapping[str, tuple[Path, str]]) -> list[Row]:
    moving = picture.render(film).frames
    read = _cpu(lambda: exif.read(film))
    pictures = _cpu(lambda: picture.render(film))
    rows = [
        Row(f"{label}: facts", f"{read:.2f} CPU-s"),
        Row(f"{label}: poster and {len(_frames(moving))} frames", f"{pictures:.2f} CPU-s"),
    ]
    for name, (models, embedder) in embedders.items():
        with _opened(models, embedder) as eyes:
            together(eyes.see(_frames(moving)))
            seen = _cpu(lambda eyes=eyes: together(eyes.see(_frames(moving))))  # type: ignore[misc]
        rows += [
            Row(f"{label}: vector of its frames, {name}", f"{seen:.2f} CPU-s"),
            Row(f"{label}: all three, {name}", f"{read + pictures + seen:.2f} CPU-s"),
        ]
    return rows


def _hours(label: str, film: Path) -> Row:
    found: Any = exif.read(film)
    moving = picture.render(film).frames
    read = _cpu(lambda: exif.read(film))
    pictures = _cpu(lambda: picture.render(film))
    hours = found["film"]["duration"] / 3600
    return Row(
        f"{hours:.1f} h of 1080p, {label}, {film.stat().st_size / 1e9:.1f} GB",
        f"{read + pictures:.2f} CPU-s",
        f"facts {read:.2f}, poster and {len(_frames(moving))} frames {pictures:.2f}",
    )


def _cpu(work: Callable[[], object]) -> float:
    """Least CPU seconds of three rounds, all threads together: neighbours do not count."""

    def once() -> float:
        begin = time.process_time()
        work()
        return time.process_time() - begin

    return quickest(once)


@contextmanager
def _opened(models: Path, embedder: str) -> Iterator[ImageTextEmbedder]:
    with tempfile.TemporaryDirectory() as library:
        settings = load_settings(
            Path(library), {}, models=models, embedder=embedder, captioner="basic"
        )
        albums = open_albums(settings)
        try:
            yield albums.shelf.embedder()
        finally:
            albums.close()


def _frames(moving: bytes) -> list[Image.Image]:
    with Image.open(io.BytesIO(moving)) as image:
        return [frame.convert("RGB") for frame in ImageSequence.Iterator(image)]


def repeated(
    folder: Path,
    codec: str,
    bits: int,
    times: int,
    suffix: str,
    muxing: Mapping[str, str] | None = None,
) -> Path:
    """All scenes, encoded once, so many times one after the other. Kept for the next run."""
    import av

    target = folder / f"{codec}-{bits}-{times}.{suffix}"
    if target.exists():
        return target
    formats = {"mkv": "matroska", "mts": "mpegts", "mp4": "mp4"}
    with av.open(str(_scenes(folder, codec, bits))) as source:
        stream = source.streams.video[0]
        packets = [packet for packet in source.demux(stream) if packet.size]
        span = round(SCENE * SCENES / cast("float", stream.time_base))
        copies = [(bytes(p), p.pts, p.dts, p.is_keyframe) for p in packets]
        with av.open(
            str(target), "w", format=formats[suffix.split(".")[-1]], options=dict(muxing or {})
        ) as out:
            written = out.add_stream_from_template(stream)
            for number in range(times):
                for content, pts, dts, key in copies:
                    packet = av.Packet(content)
                    packet.pts = (pts or 0) + number * span
                    packet.dts = (dts or 0) + number * span
                    packet.stream, packet.is_keyframe = written, key
                    if stream.time_base:
                        packet.time_base = stream.time_base
                    out.mux(packet)
    return target


def _scenes(folder: Path, codec: str, bits: int) -> Path:
    """A camera that pans over landscapes of noise, with a keyframe a second as phones write it."""
    import av

    target = folder / f"{codec}-{bits}.mp4"
    if target.exists():
        return target
    with av.open(str(target), "w") as out:
        stream = cast("VideoStream", out.add_stream(codec, RATE, _QUIET[codec]))
        stream.width, stream.height = SIZE
        stream.pix_fmt, stream.bit_rate = "yuv420p", bits
        stream.codec_context.gop_size = RATE
        for scene in range(SCENES):
            landscape = _landscape(scene)
            for number in range(SCENE * RATE):
                top, left = number // 2, number * 2 % 280
                part = np.ascontiguousarray(landscape[top : top + SIZE[1], left : left + SIZE[0]])
                out.mux(stream.encode(av.VideoFrame.from_ndarray(part, format="rgb24")))
        out.mux(stream.encode(None))
    return target


def _landscape(seed: int) -> NDArray[np.uint8]:
    """Larger than the film: soft colours, and a texture as fine as its pixels."""
    rng = np.random.default_rng(seed)
    soft = np.clip(rng.normal(128, 60, (17, 30, 3)), 0, 255).astype(np.uint8)
    large = Image.fromarray(soft).resize((2200, 1240), Image.Resampling.BICUBIC)
    texture = rng.normal(0, 10, (1240, 2200, 1))
    return np.asarray(np.clip(np.asarray(large) + texture, 0, 255), dtype=np.uint8)
