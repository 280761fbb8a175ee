"""One decoded frame of a film -> an upright RGB image, as a player shows it."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import numpy as np
from av.sidedata.sidedata import Type
from av.video.reformatter import ColorPrimaries, Colorspace, ColorTrc, Interpolation
from PIL import Image

from albums.media import tone
from albums.media.colour import to_rgb
from albums.media.film_file import decoder_of

if TYPE_CHECKING:
    from av.sidedata.sidedata import SideDataContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

    from albums.media.film_file import Film

_PACKETS = 100  # until the first frame; a stream that needs more has none
_STANDARD = 576  # lines; a film that does not say its colours is BT.601 up to here, BT.709 above
_ASPECTS = (Fraction(1, 20), Fraction(20))  # of a pixel; outside is a broken header
_TURNS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
_TRANSFERS: dict[int, tone.Transfer] = {ColorTrc.ARIB_STD_B67: "hlg", ColorTrc.SMPTE2084: "pq"}
_UNSPECIFIED = (2, 3)  # AVCOL_SPC_UNSPECIFIED, and one that is reserved
_COMBED = 1.5  # lines differ this much more from their neighbours than from the next but one


@dataclass(frozen=True)
class Shape:
    """How a coded picture becomes upright: its pixels are stretched, then it is mirrored left to
    right, then turned clockwise by `rotation` degrees. `upright`: (w, h) in pixels after that."""

    pixel_aspect: Fraction  # width / height
    mirrored: bool
    rotation: int  # 0, 90, 180, 270
    upright: tuple[int, int]


def first_frame(film: Film, stream: VideoStream) -> VideoFrame | None:
    """The first frame from where the film stands; None where none can be decoded."""
    decoder = decoder_of(stream)
    for number, packet in enumerate(film.container.demux(stream)):
        frames = decoder.decode(packet)
        if frames:
            return frames[0]
        if number > _PACKETS:
            break
    return None


def hdr_of(frame: VideoFrame) -> str:
    """What kind of high dynamic range: "", "hlg", "pq" or "dolby vision"."""
    beside = _beside(frame)
    if Type.DOVI_METADATA in beside or Type.DOVI_RPU_BUFFER in beside:
        return "dolby vision"
    return _TRANSFERS.get(frame.color_trc, "")


def shape_of(frame: VideoFrame, stream: VideoStream) -> Shape:
    """From the display matrix of the frame and the pixel aspect of its stream."""
    aspect = stream.sample_aspect_ratio or Fraction(1)
    if not _ASPECTS[0] < aspect < _ASPECTS[1]:
        aspect = Fraction(1)
    mirrored, rotation = _turn(_beside(frame).get(Type.DISPLAYMATRIX, b""))
    width, height = max(1, round(frame.width * aspect)), frame.height
    upright = (height, width) if rotation in (90, 270) else (width, height)
    return Shape(aspect, mirrored, rotation, upright)


def image_of(frame: VideoFrame, shape: Shape, longest: int) -> Image.Image:
    """The frame upright, opaque, in sRGB, its longest edge at most `longest` pixels."""
    scale = min(1.0, longest / max(shape.upright))
    width, height = shape.upright
    if shape.rotation in (90, 270):
        width, height = height, width
    size = max(1, round(width * scale)), max(1, round(height * scale))
    image = _interlaced(frame, size) if frame.interlaced_frame else _scaled(frame, size)
    if shape.mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return image.transpose(_TURNS[shape.rotation]) if shape.rotation else image


def _scaled(frame: VideoFrame, size: tuple[int, int]) -> Image.Image:
    transfer, primaries = _TRANSFERS.get(frame.color_trc, "sdr"), _primaries(frame)
    if transfer != "sdr" or primaries != "bt709":
        light = cast("NDArray[np.uint16]", _converted(frame, size, "rgb48le").to_ndarray())
        return Image.fromarray(tone.to_srgb(light, transfer, primaries))
    if any(part.is_alpha for part in frame.format.components) or frame.format.has_palette:
        layer = Image.fromarray(_converted(frame, size, "rgba").to_ndarray())
        return to_rgb(layer, None)[0]
    return Image.fromarray(_converted(frame, size, "rgb24").to_ndarray())


def _converted(frame: VideoFrame, size: tuple[int, int], format: str) -> VideoFrame:
    known = frame.colorspace not in _UNSPECIFIED
    guess = Colorspace.ITU709 if frame.height > _STANDARD else Colorspace.ITU601
    return frame.reformat(
        *size,
        format=format,
        src_colorspace=None if known else guess,
        interpolation=Interpolation.AREA if size[0] < frame.width else Interpolation.BICUBIC,
        threads=1,
    )


def _interlaced(frame: VideoFrame, size: tuple[int, int]) -> Image.Image:
    """Of two half pictures taken one after the other, the first, where that shows."""
    whole = _scaled(frame, (size[0], frame.height))
    pixels = np.asarray(whole)
    if _is_combed(pixels):
        whole = Image.fromarray(pixels[::2])
    return whole.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _is_combed(pixels: NDArray[np.uint8]) -> bool:
    """Whether each line looks less like its neighbour than like the next but one."""
    if len(pixels) < 8:
        return False
    green = pixels[..., 1].astype(np.int16)
    near = np.abs(green[1:] - green[:-1]).mean()
    far = np.abs(green[2:] - green[:-2]).mean()
    return bool(near > far * _COMBED)


def _primaries(frame: VideoFrame) -> tone.Primaries:
    if frame.color_primaries == ColorPrimaries.BT2020:
        return "bt2020"
    wide = (ColorPrimaries.SMPTE431, ColorPrimaries.SMPTE432)
    return "p3" if frame.color_primaries in wide else "bt709"


def _beside(frame: VideoFrame) -> dict[Type, bytes]:
    """What the frame carries; nothing where PyAV does not know the kind of one of it."""
    try:
        carried = cast("SideDataContainer", frame.side_data)
        return {item.type: bytes(item) for item in carried}
    except ValueError:
        return {}


def _turn(matrix: bytes) -> tuple[bool, int]:
    """Mirrored left to right, and then degrees clockwise: of FFmpeg's display matrix."""
    if len(matrix) < 36:
        return False, 0
    a, b, _, c, d = struct.unpack_from("=5i", matrix)
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    return mirrored, round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360
