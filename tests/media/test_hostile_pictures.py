"""Thousands of damaged pictures of every family: each gives pictures or a reason, soon, and no
crash that the sandbox does not survive."""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random

import pillow_jxl
import pytest
from PIL import Image

from albums.errors import Undecodable
from albums.media import animation, belonging, exif, picture, several
from albums.media.sandbox import Sandbox
from tests.media import raws
from tests.media.pictures import corners, encoded
from tests.media.test_colour_codes import avif, heic
from tests.media.test_exif import PACKET, WRITTEN
from tests.media.test_gainmap import ULTRA_HDR
from tests.media.test_hostile_files import SEEDS
from tests.media.test_psd import photoshop
from tests.media.test_several import heic as heic_of_three
from tests.media.test_several import tiff as tiff_of_three
from tests.torture.mutations import mutated

assert pillow_jxl  # the import lets Pillow write JPEG XL

FILES = 2_000  # of each family
SLOWEST = 20.0  # seconds for one of these small files, on a busy machine
PIXELS = 10_000_000
TURNED = [corners().rotate(90), corners().rotate(180)]
SMALL = encoded(corners((48, 32)), "JPEG")
MAKERS = {
    "x.cr2": raws.cr2,
    "x.nef": raws.nef,
    "x.arw": raws.arw,
    "x.pef": raws.pef,
    "x.rw2": raws.rw2,
    "x.raf": raws.raf,
}


def moving(format: str) -> bytes:
    return encoded(corners(), format, save_all=True, append_images=TURNED)


def repacked() -> bytes:
    """A JPEG as JPEG XL in a container, with its tags."""
    return encoded(corners(), "JXL", exif=WRITTEN, xmp=PACKET, use_container=True)


FAMILIES: dict[str, dict[str, bytes]] = {
    "raw": {"a.dng": raws.dng(), "b.dng": raws.dng(orientation=6, jpeg=SMALL)}
    | {name: make(SMALL, 6) for name, make in MAKERS.items()}
    | {"x.cr3": raws.cr3_tags(), "x.orf": raws.orf(), "c.dng": raws.lossless_dng()},
    "jpeg xl": {"a.jxl": encoded(corners(), "JXL"), "b.jxl": repacked()},
    "heif": {
        "a.heic": SEEDS["heic"],
        "b.heic": heic_of_three(),
        "c.heic": heic((90, 90, 90), 9, 16),
        "d.heic": moving("AVIF").replace(b"ftypavis", b"ftyphevc", 1),
    },
    "avif": {"a.avif": SEEDS["avif"], "b.avif": moving("AVIF"), "c.avif": avif((9, 99, 9), 9, 18)},
    "jpeg": {
        "a.jpg": SEEDS["jpeg"],
        "b.jpg": SEEDS["progressive"],
        "c.jpg": SEEDS["cmyk"],
        "d.jpg": encoded(corners(), "JPEG", xmp=ULTRA_HDR),
    },
    "png": {"a.png": SEEDS["png"], "b.png": SEEDS["palette"], "c.png": moving("PNG")},
    "gif and webp": {
        "a.gif": SEEDS["gif"],
        "b.gif": moving("GIF"),
        "a.webp": SEEDS["webp"],
        "b.webp": moving("WEBP"),
    },
    "tiff": {
        "a.tif": SEEDS["tiff"],
        "b.tif": tiff_of_three(),
        "c.tif": encoded(Image.new("I;16", (40, 30), 4000), "TIFF"),
    },
    "the rest": {
        "a.bmp": SEEDS["bmp"],
        "a.jp2": encoded(corners(), "JPEG2000"),
        "a.ico": encoded(corners(), "ICO"),
        "a.psd": photoshop(corners(), x0422=WRITTEN[6:], x0424=PACKET),
        "b.psd": photoshop(corners(), 16),
    },
}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("family", FAMILIES)
def test_damaged_pictures_give_pictures_or_a_reason(tmp_path: Path, family: str) -> None:
    outcomes = fed(tmp_path, FAMILIES[family], FILES)
    # A header may promise more than memory holds, and less than the limit of pixels.
    assert not outcomes.keys() & {"timeout", "says nothing"}, outcomes
    assert outcomes["memory"] + outcomes["crash"] < FILES / 100, outcomes
    assert outcomes["pictures"] > FILES / 30, outcomes


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_damaged_for_it_is_whole_at_first(tmp_path: Path, family: str) -> None:
    with Sandbox(workers=1) as sandbox:
        for name, content in FAMILIES[family].items():
            path = tmp_path / name
            path.write_bytes(content)
            wanted = "broken" if name == "x.cr3" else "pictures"  # that one has only tags
            assert outcome(sandbox, path) == wanted, name


def fed(folder: Path, seeds: Mapping[str, bytes], files: int) -> Counter[str]:
    """How `files` damaged copies of the seeds ended."""
    outcomes: Counter[str] = Counter()
    rng = Random(6)
    with Sandbox(workers=1) as sandbox:
        for number in range(files):
            name, content = mutated(rng, seeds, [*seeds][number % len(seeds)])
            path = folder / name
            path.write_bytes(content)
            begun = time.monotonic()
            outcomes[outcome(sandbox, path)] += 1
            assert time.monotonic() - begun < SLOWEST, f"file {number}, {name}"
    return outcomes


def outcome(sandbox: Sandbox, path: Path) -> str:
    """Everything that the box does with such a file, and how that ended."""
    try:
        tags = sandbox.call(exif.read, path, path.name)
        assert isinstance(tags["warnings"], list)
        assert isinstance(sandbox.call(belonging.read, path, path.name), dict)
        rendered = sandbox.call(picture.render, path)
        if tags.get("animated") and path.suffix == ".heic":
            made = sandbox.call(animation.render, path)
            assert Image.open(io.BytesIO(made)).format == "WEBP"
        if path.suffix in (".tif", ".heic"):
            sandbox.call(several.render_page, path, 2, 1600, PIXELS)
    except Undecodable as undecodable:
        reason = str(undecodable.facts["reason"])
        if reason == "page":
            return "pictures"
        said = undecodable.why or undecodable.what == "The file is empty"
        return reason if said else "says nothing"
    assert set(rendered.pictures) == set(picture.SIZES)
    return "pictures"
