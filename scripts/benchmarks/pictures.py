"""Figure 1: CPU seconds for the pictures of a 12-megapixel JPEG, beside Immich's own with sharp."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import imagehash
from PIL import Image

from albums.media import exif, picture
from scripts.benchmarks.photos import write_photos
from scripts.benchmarks.table import Row, quickest

PHOTOS = 12
IMMICH_SIZES = (1920, 333)  # 1440 and 250 px "outside" a 4:3 photo


def run(scratch: Path) -> list[Row]:
    """Rows for README. Needs node and npm for the comparison, and says so without them."""
    files = write_photos(scratch / "12mp", PHOTOS)
    two = _cpu(files, lambda file: picture.render(file, IMMICH_SIZES))
    three = _cpu(files, picture.render)
    whole = _cpu(files, _all_steps)
    rows = [
        Row("pictures as large as Immich's two, and thumbhash", f"{two:.3f} CPU-s a photo"),
        Row("our three (300, 800, 1600 px) and thumbhash", f"{three:.3f} CPU-s a photo"),
        Row("our three + facts (EXIF) + fingerprint", f"{whole:.3f} CPU-s a photo"),
    ]
    theirs = _sharp(scratch, files)
    if theirs is None:
        return [*rows, Row("Immich's two with sharp", "not measured", "node or npm is missing")]
    return [
        *rows,
        Row("Immich's two with npm sharp + thumbhash", f"{theirs:.3f} CPU-s a photo"),
        Row("ours for as large a two / sharp", f"{two / theirs:.2f} x", "aim: at most 1.0"),
        Row("our three / sharp's two", f"{three / theirs:.2f} x"),
    ]


def _cpu(files: list[Path], work: Callable[[Path], object]) -> float:
    """Least CPU seconds a file of three rounds."""
    work(files[0])

    def round_() -> float:
        before = time.process_time()
        for file in files:
            work(file)
        return (time.process_time() - before) / len(files)

    return quickest(round_)


def _all_steps(file: Path) -> None:
    rendered = picture.render(file)
    exif.read(file)
    with Image.open(io.BytesIO(rendered.pictures[300])) as small:
        imagehash.phash(small)


def _sharp(scratch: Path, files: list[Path]) -> float | None:
    if not shutil.which("npm"):
        return None
    folder = scratch / "sharp"
    if not (folder / "node_modules" / "sharp").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"type": "module"}')
        install = ["npm", "install", "--silent", "--no-package-lock", "sharp", "thumbhash"]
        subprocess.run(install, cwd=folder, check=True)
    shutil.copy(Path(__file__).with_name("immich_pictures.mjs"), folder / "bench.mjs")

    def round_() -> float:
        command = ["node", "bench.mjs", *map(str, files)]
        output = subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout
        return float(json.loads(output)["seconds"]) / len(files)

    return quickest(round_)
