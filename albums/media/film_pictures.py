"""A film's frames as every browser shows them: upright, progressive, square pixels, SDR, 4:2:0."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av.error
from av.filter import Graph

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.filter.context import FilterContext
    from av.video.frame import VideoFrame

    from albums.media.film_frame import Shape

_SDR = "out_primaries=bt709:out_transfer=bt709:out_color_matrix=bt709:out_range=tv"
# swscale's perceptual intent tone-maps; it does so in 16 bits, pixel by pixel, so after scaling.
_TONE = f"{_SDR}:intent=perceptual"
_TURNS = {90: ("clock",), 180: ("clock", "clock"), 270: ("cclock",)}
TICK = Fraction(1, 90_000)  # seconds; all frames here count in these
_LARGEST = 4096  # pixels of the longest edge: what decoders of H.264 in phones take


class Pictures:
    """Filters for the frames of one stream; made anew where frames change their shape."""

    def __init__(self, shape: Shape, height: int, *, hdr: bool, interlaced: bool) -> None:
        """`height`: of the shorter edge at most. `size`: what comes out, in pixels."""
        self.size = _fitting(shape.upright, height)
        self._shape = shape
        self._hdr = hdr
        self._interlaced = interlaced
        self._made_for: object = None
        self._graph: Graph | None = None

    def of(self, frame: VideoFrame | None) -> Iterator[VideoFrame]:
        """What is shown of this frame and those before; None: the rest."""
        looks = frame and (frame.width, frame.height, frame.format.name)
        if self._graph is not None and looks != self._made_for:
            self._graph.vpush(None)
            yield from _pulled(self._graph)
            self._graph = None
        if frame is not None:
            self._graph = self._graph or self._make(frame)
            self._made_for = looks
            self._graph.vpush(frame)
            yield from _pulled(self._graph)

    def _make(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        source = graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            time_base=TICK,
        )
        last: FilterContext = source
        for name, arguments in self._filters():
            following = graph.add(name, arguments)
            last.link_to(following)
            last = following
        sink = graph.add("buffersink")
        last.link_to(sink)
        graph.configure()
        return graph

    def _filters(self) -> Iterator[tuple[str, str]]:
        width, height = self.size
        if self._shape.rotation in (90, 270):
            width, height = height, width
        if self._interlaced:
            yield "bwdif", "mode=send_frame:deint=interlaced"
        yield "scale", f"w={width}:h={height}:flags=bicubic"
        if self._hdr:
            yield "scale", _TONE
        yield "format", "yuv420p"
        if self._shape.mirrored:
            yield "hflip", ""
        for turn in _TURNS.get(self._shape.rotation, ()):
            yield "transpose", f"dir={turn}"
        yield "setsar", "1"


def _fitting(upright: tuple[int, int], height: int) -> tuple[int, int]:
    """Even, for 4:2:0, and within the limits."""
    scale = min(1.0, height / min(upright), _LARGEST / max(upright))
    width, height = (max(2, round(edge * scale / 2) * 2) for edge in upright)
    return width, height


def _pulled(graph: Graph) -> Iterator[VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
