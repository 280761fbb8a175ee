"""A film's frames as every browser shows them: upright, progressive, square pixels, SDR, 4:2:0."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import av.error
from av.filter import Graph

from albums.media.film_frame import hdr_of, shape_of
from albums.media.film_tone import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.filter.context import FilterContext
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from albums.media.tone import Transfer

_TURNS = {90: ("clock",), 180: ("clock", "clock"), 270: ("cclock",)}
TICK = Fraction(1, 90_000)  # seconds; all frames here count in these
_LARGEST = 4096  # pixels of the longest edge: what decoders of H.264 in phones take
_STANDARD = 576  # lines; a film that does not say its colours is BT.601 up to here, BT.709 above
_CURVES: dict[int, Transfer] = {16: "pq", 18: "hlg"}
_COLOURS = "Its colours are those of Dolby Vision, and may be wrong."
_BT709, _BT601 = 1, 6  # in H.264's tables of primaries, transfers and matrices
# Matrices that stay, by their number; of others (RGB has none) the usual one is made.
_MATRICES = {1: "bt709", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020"}


class Pictures:
    """Filters for the frames of one stream; made anew where frames change their shape.

    `size`: of what comes out, in pixels; `colours`: its primaries, transfer and matrix.
    """

    def __init__(self, first: VideoFrame, stream: VideoStream, height: int) -> None:
        """`height`: of the shorter edge at most."""
        self._shape = shape_of(first, stream)
        self.size = _fitting(self._shape.upright, height)
        self._curve = _CURVES.get(first.color_trc)
        self._interlaced = bool(first.interlaced_frame)
        self.warning = _COLOURS if hdr_of(first) and not self._curve else ""
        self.colours = (_BT709,) * 3 if self._curve else _colours(first)
        self._made_for: object = None
        self._graph: Graph | None = None
        self._source: FilterContext

    def of(self, frame: VideoFrame | None) -> Iterator[VideoFrame]:
        """What is shown of this frame and those before; None: the rest."""
        looks = frame and (frame.width, frame.height, frame.format.name)
        if self._graph is not None and looks != self._made_for:
            self._source.push(None)
            yield from _pulled(self._graph)
            self._graph = None
        if frame is not None:
            self._graph = self._graph or self._make(frame)
            self._made_for = looks
            self._source.push(frame)
            yield from _pulled(self._graph)

    def _make(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=TICK
        )
        self._source = last = source
        light: FilterContext | None = None
        for name, arguments in self._filters():
            following = graph.add(name, arguments)
            last.link_to(following)
            last = following
            if self._curve and name == "haldclut":
                light = _beside(graph, following, table(self._curve))
        last.link_to(graph.add("buffersink"))
        graph.configure()
        if self._curve and light:
            light.push(table(self._curve))
            light.push(None)
        return graph

    def _filters(self) -> Iterator[tuple[str, str]]:
        width, height = self.size
        if self._shape.rotation in (90, 270):
            width, height = height, width
        if self._interlaced:
            yield "bwdif", "mode=send_frame:deint=interlaced"
        scaled = f"w={width}:h={height}:flags=bicubic:"
        if self._curve:
            yield "scale", f"{scaled}in_color_matrix=bt2020:out_range=full"
            yield "format", "gbrp10le"
            yield "haldclut", "interp=tetrahedral"
            scaled = ""
        yield "scale", f"{scaled}out_color_matrix={_MATRICES[self.colours[2]]}:out_range=tv"
        yield "format", "yuv420p"
        if self._shape.mirrored:
            yield "hflip", ""
        for turn in _TURNS.get(self._shape.rotation, ()):
            yield "transpose", f"dir={turn}"
        yield "setsar", "1"


def _beside(graph: Graph, filter: FilterContext, picture: VideoFrame) -> FilterContext:
    """The second input of a filter that takes two."""
    source = graph.add_buffer(
        width=picture.width, height=picture.height, format=picture.format, time_base=TICK
    )
    source.link_to(filter, 0, 1)
    return source


def _colours(frame: VideoFrame) -> tuple[int, int, int]:
    usual = _BT709 if frame.height > _STANDARD else _BT601
    matrix = int(frame.colorspace) if int(frame.colorspace) in _MATRICES else usual
    said = (int(frame.color_primaries), int(frame.color_trc))
    primaries, transfer = (number if number not in (0, 2) else matrix for number in said)
    return primaries, transfer, matrix


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
