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

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from albums.ml.manifest import Known
    from albums.ml.ocr_lines import Recogniser
    from albums.ml.ocr_regions import Region

    Pixels = NDArray[np.uint8]

PACKAGE = "rapidocr"
DETECTOR, RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
TURNER = "ch_ppocr_mobile_v2.0_cls_mobile.onnx"  # tells a line from the same upside down
FORM = 1  # raise it when lines come out otherwise: pictures are then read again
_LOOKED_AT = 1600  # longest edge that lines are looked for at
_GLANCE = 640  # and that tells whether there are any
# Mean likelihood of a line's characters from which it is believed; of one or two, which the folds
# of a curtain look like too, it must be more.
_SURE, _SURE_OF_SHORT = 0.6, 0.8


@dataclass(frozen=True)
class Nets:
    """Where the nets of a reader lie. Of `others` each knows a script that `recogniser` does not:
    a line is what the surest of them says."""

    detector: Path
    recogniser: Path
    turner: Path
    others: tuple[Path, ...] = ()


def reader_version(known: Known) -> str:
    """The version of a reader, without loading it."""
    return ":".join(part for part in (known.id, known.revision, str(FORM)) if part)


def load_reader(known: Known, folder: Path, threads: int) -> PaddleReader:
    """A model of the manifest; `folder` holds what was pulled of it, the package the rest."""
    own = [folder / file.name for file in known.files]
    detectors = [path for path in own if "_det_" in path.name]
    readers = [path for path in own if "_rec_" in path.name]
    shipped = _shipped(RECOGNISER)
    better = [] if known.tier == SCRIPT else readers
    nets = Nets(
        detector=detectors[0] if detectors else _shipped(DETECTOR),
        recogniser=better[0] if better else shipped,
        turner=_shipped(TURNER),
        others=tuple(readers) if known.tier == SCRIPT else (),
    )
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

        from albums.ml import ocr_turns

        pixels = _bgr(image)
        regions = self._regions(pixels, _LOOKED_AT)
        turns = ocr_turns.turns_of(pixels, regions, self._turner)
        if turns:
            pixels = np.ascontiguousarray(np.rot90(pixels, turns))
            regions = self._regions(pixels, _LOOKED_AT)
        height, width = pixels.shape[:2]
        return [
            replace(
                line,
                box=ocr_turns.turned_back(line.box, turns),
                turn=(line.turn + turns) % 4,
            )
            for line in self._lines(pixels, regions, (width, height))
        ]

    def _lines(
        self, pixels: Pixels, regions: Sequence[Region], size: tuple[int, int]
    ) -> list[ReadLine]:
        from albums.ml.ocr_order import in_reading_order

        ordered = in_reading_order(regions, [region.box for region in regions])
        upright = [self._upright(pixels, region) for region in ordered]
        said = self._read_all([line for line, _ in upright])
        return [
            ReadLine(text, _box(region, size), sure, turn)
            for region, (_, turn), (text, sure) in zip(ordered, upright, said, strict=True)
            if _believed(text, sure)
        ]

    def _upright(self, pixels: Pixels, region: Region) -> tuple[Pixels, int]:
        """A line, and by how many quarters it was turned: one on its side (the spine of a book, a
        stamp) may run down or up."""
        from albums.ml.ocr_lines import cut_out, lies_on_its_side
        from albums.ml.ocr_turns import are_upside_down

        line = cut_out(pixels, region)
        if not lies_on_its_side(region):
            return line, 0
        [upside_down] = are_upside_down([line], self._turner)
        return (line[::-1, ::-1], 3) if upside_down else (line, 1)

    def _read_all(self, lines: Sequence[Pixels]) -> list[tuple[str, float]]:
        readings = [recogniser.read(lines) for recogniser in self._recognisers]
        return [max(said, key=lambda s: s[1]) for said in zip(*readings, strict=True)]

    def _regions(self, pixels: Pixels, longest: int) -> list[Region]:
        from albums.ml.ocr_regions import find_regions

        return find_regions(self._detector, pixels, longest)

    @cached_property
    def _detector(self) -> engines.Run:
        return engines.session(self._nets.detector, self._threads)

    @cached_property
    def _turner(self) -> engines.Run:
        return engines.session(self._nets.turner, self._threads)

    @cached_property
    def _recognisers(self) -> list[Recogniser]:
        return [self._load(path) for path in (self._nets.recogniser, *self._nets.others)]

    def _load(self, path: Path) -> Recogniser:
        from albums.ml.ocr_lines import Recogniser

        net, notes = engines.session_with_notes(path, self._threads)
        return Recogniser(net, ["", *notes["character"].splitlines(), " "])


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
