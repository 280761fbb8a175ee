"""Reads text in pictures: PP-OCR's nets, as the package rapidocr ships them or `pull` brings them.

Only the package's weights are used. Its code is never imported: it would fetch what it misses from
the network and write it beside itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from albums.errors import ModelMissing
from albums.ml import engines
from albums.ml.manifest import SCRIPT
from albums.ml.model import ReadLine
from albums.ml.ocr_lines import AROUND, TIGHT, Recogniser, cut_out, lies_on_its_side
from albums.ml.ocr_order import in_reading_order
from albums.ml.ocr_regions import find_regions
from albums.ml.ocr_turns import are_upside_down, turned_back, turns_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from albums.ml.manifest import Known
    from albums.ml.ocr_regions import Region

    Pixels = NDArray[np.uint8]

PACKAGE = "rapidocr"
DETECTOR, RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
TURNER = "ch_ppocr_mobile_v2.0_cls_mobile.onnx"  # tells a line from the same upside down
FORM = 2  # raise it when lines come out otherwise: pictures are then read again
_LOOKED_AT = 1600  # longest edge that lines are looked for at
_GLANCE = 640  # and that tells whether there are any
# Mean likelihood of a line's characters from which it is believed; of one or two, which the folds
# of a curtain look like too, it must be more.
_SURE, _SURE_OF_SHORT = 0.6, 0.8
_DOUBTFUL = 0.95  # below it a line is read a second time: a tenth of those on receipts


@dataclass(frozen=True)
class Nets:
    """Where the nets of a reader lie. Of several recognisers each knows another script: a line is
    what the surest of them says."""

    detector: Path
    recognisers: tuple[Path, ...]
    turner: Path


def reader_version(known: Known) -> str:
    """The version of a reader, without loading it."""
    return ":".join(part for part in (known.id, known.revision, str(FORM)) if part)


def load_reader(known: Known, folder: Path, threads: int) -> PaddleReader:
    """A model of the manifest; `folder` holds what was pulled of it, the package the rest."""
    own = [folder / file.name for file in known.files]
    detector = next((path for path in own if "_det_" in path.name), _shipped(DETECTOR))
    readers = [path for path in own if "_rec_" in path.name] or [_shipped(RECOGNISER)]
    if known.tier == SCRIPT:
        readers.insert(0, _shipped(RECOGNISER))
    nets = Nets(detector, tuple(readers), _shipped(TURNER))
    return PaddleReader(known.id, reader_version(known), nets, threads)


class PaddleReader:
    """Finds lines of text, and reads them."""

    def __init__(self, model: str, version: str, nets: Nets, threads: int = 0) -> None:
        self.model, self.version, self._nets, self._threads = model, version, nets, threads

    def glance(self, image: Image.Image) -> list[tuple[float, float, float, float]]:
        """Where text seems to stand, without reading it: boxes as fractions of width and height.

        Cheap: tells what is worth reading, and how small the text is.
        """
        return [_box(region, image.size) for region in self._regions(_bgr(image), _GLANCE)]

    def read(self, image: Image.Image) -> list[ReadLine]:
        """Lines in reading order, of a page that may lie on its side or stand on its head."""
        import numpy as np

        pixels = _bgr(image)
        regions = self._regions(pixels, _LOOKED_AT)
        turns = turns_of(pixels, regions, self._turner)
        if turns:
            pixels = np.ascontiguousarray(np.rot90(pixels, turns))
            regions = self._regions(pixels, _LOOKED_AT)
        height, width = pixels.shape[:2]
        return [
            replace(
                line,
                box=turned_back(line.box, turns),
                turn=(line.turn + turns) % 4,
            )
            for line in self._lines(pixels, regions, (width, height))
        ]

    def _lines(
        self, pixels: Pixels, regions: Sequence[Region], size: tuple[int, int]
    ) -> list[ReadLine]:
        ordered = in_reading_order(regions, [region.box for region in regions])
        turns = [self._turn(pixels, region) for region in ordered]
        said = self._read_all(
            [_upright(pixels, *line) for line in zip(ordered, turns, strict=True)]
        )
        doubtful = [i for i, (_, sure) in enumerate(said) if sure < _DOUBTFUL]
        again = self._read_all([_upright(pixels, ordered[i], turns[i], TIGHT) for i in doubtful])
        for i, second in zip(doubtful, again, strict=True):
            said[i] = max(said[i], second, key=lambda reading: reading[1])
        return [
            ReadLine(text, _box(region, size), sure, turn)
            for region, turn, (text, sure) in zip(ordered, turns, said, strict=True)
            if _believed(text, sure)
        ]

    def _turn(self, pixels: Pixels, region: Region) -> int:
        """By how many quarters to the left a line is to be turned: one on its side (the spine of a
        book, a stamp) may run down or up."""
        if not lies_on_its_side(region):
            return 0
        [upside_down] = are_upside_down([_upright(pixels, region, 1)], self._turner)
        return 3 if upside_down else 1

    def _read_all(self, lines: Sequence[Pixels]) -> list[tuple[str, float]]:
        readings = [recogniser.read(lines) for recogniser in self._recognisers]
        return [max(said, key=lambda s: s[1]) for said in zip(*readings, strict=True)]

    def _regions(self, pixels: Pixels, longest: int) -> list[Region]:
        return find_regions(self._detector, pixels, longest)

    @cached_property
    def _detector(self) -> engines.Run:
        return engines.session(self._nets.detector, self._threads)

    @cached_property
    def _turner(self) -> engines.Run:
        return engines.session(self._nets.turner, self._threads)

    @cached_property
    def _recognisers(self) -> list[Recogniser]:
        return [self._load(path) for path in self._nets.recognisers]

    def _load(self, path: Path) -> Recogniser:
        net, notes = engines.session_with_notes(path, self._threads)
        return Recogniser(net, ["", *notes["character"].splitlines(), " "])


def _upright(
    pixels: Pixels, region: Region, turn: int, around: tuple[float, float] = AROUND
) -> Pixels:
    line = cut_out(pixels, region, around)  # has made the first quarter
    return line[::-1, ::-1] if turn == 3 else line


def _believed(text: str, sure: float) -> bool:
    letters = sum(character.isalnum() for character in text)
    return bool(letters) and sure >= (_SURE if letters > 2 else _SURE_OF_SHORT)


def _box(region: Region, size: tuple[int, int]) -> tuple[float, float, float, float]:
    left, top, right, bottom = region.box
    return left / size[0], top / size[1], right / size[0], bottom / size[1]


def _bgr(image: Image.Image) -> Pixels:
    """As the nets were trained: blue first."""
    import numpy as np

    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def _shipped(name: str) -> Path:
    """A net inside the Python package that ships it."""
    spec = find_spec(PACKAGE)  # found, not imported: only its data files are needed
    if spec is None or spec.origin is None:
        raise ModelMissing(
            "The model that reads text is not installed",
            why=f"the Python package {PACKAGE} is missing",
            hint="Run scripts/albums once to repair the environment",
        )
    return Path(spec.origin).parent / "models" / name
