"""Reads text in pictures: PP-OCR's nets, as the package rapidocr ships them or `pull` brings them.

Only the package's weights are used. Its code is never imported: it would fetch what it misses from
the network and write it beside itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from albums.errors import ModelMissing
from albums.ml import engines
from albums.ml.model import ReadLine

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from albums.ml.manifest import Known
    from albums.ml.ocr_lines import Recogniser
    from albums.ml.ocr_regions import Region

PACKAGE = "rapidocr"
DETECTOR, RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
FORM = 1  # raise it when lines come out otherwise: pictures are then read again
_LOOKED_AT = 1600  # longest edge that lines are looked for at
_GLANCE = 640  # and that tells whether there are any
_SURE = 0.5  # mean likelihood of a line's characters from which it is believed


@dataclass(frozen=True)
class Nets:
    """Where the two nets of a reader lie."""

    detector: Path
    recogniser: Path


def reader_version(known: Known) -> str:
    """The version of a reader, without loading it."""
    return f"{known.id}:{known.revision[:8]}:{FORM}"


def load_reader(known: Known, folder: Path, threads: int) -> PaddleReader:
    """A model of the manifest; `folder` holds what was pulled of it, the package the rest."""
    own = {"det" if "_det_" in file.name else "rec": folder / file.name for file in known.files}
    nets = Nets(own.get("det") or _shipped(DETECTOR), own.get("rec") or _shipped(RECOGNISER))
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
        """Lines in reading order."""
        from albums.ml.ocr_lines import cut_out
        from albums.ml.ocr_order import in_reading_order

        pixels = _bgr(image)
        found = self._regions(pixels, _LOOKED_AT)
        regions = in_reading_order(found, [region.box for region in found])
        said = self._recogniser.read([cut_out(pixels, region) for region in regions])
        return [
            ReadLine(text.strip(), _box(region, image.size), sure)
            for region, (text, sure) in zip(regions, said, strict=True)
            if sure >= _SURE and text.strip()
        ]

    def _regions(self, pixels: NDArray[np.uint8], longest: int) -> list[Region]:
        from albums.ml.ocr_regions import find_regions

        return find_regions(self._detector, pixels, longest)

    @cached_property
    def _detector(self) -> engines.Run:
        return engines.session(self._nets.detector, self._threads)

    @cached_property
    def _recogniser(self) -> Recogniser:
        from albums.ml.ocr_lines import Recogniser

        net, notes = engines.session_with_notes(self._nets.recogniser, self._threads)
        return Recogniser(net, ["", *notes["character"].splitlines(), " "])


def _box(region: Region, size: tuple[int, int]) -> tuple[float, float, float, float]:
    left, top, right, bottom = region.box
    return left / size[0], top / size[1], right / size[0], bottom / size[1]


def _bgr(image: Image.Image) -> NDArray[np.uint8]:
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
