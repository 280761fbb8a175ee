"""Small files of every family, damaged at random: each gives pictures or a reason, and no crash
that the sandbox does not survive."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from albums.errors import Undecodable
from albums.media import exif, picture
from albums.media.sandbox import Sandbox
from tests.media.pictures import corners, encoded, exif_with
from tests.media.test_exif import PACKET, WRITTEN


def heic() -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(corners()).save(out, exif=WRITTEN, xmp=PACKET)
    return out.getvalue()


SEEDS = {
    "jpeg": encoded(corners(), "JPEG", exif=WRITTEN, xmp=PACKET),
    "progressive": encoded(corners(), "JPEG", progressive=True, exif=exif_with(6)),
    "cmyk": encoded(Image.new("CMYK", (40, 30), (9, 200, 30, 0)), "JPEG"),
    "png": encoded(corners(), "PNG", exif=WRITTEN),
    "palette": encoded(corners().convert("P"), "PNG"),
    "gif": encoded(corners(), "GIF", save_all=True, append_images=[Image.new("RGB", (96, 64))]),
    "webp": encoded(corners(), "WEBP", exif=WRITTEN, xmp=PACKET),
    "tiff": encoded(corners(), "TIFF", compression="tiff_lzw"),
    "bmp": encoded(corners((30, 20)), "BMP"),
    "avif": encoded(corners(), "AVIF", exif=WRITTEN),
    "heic": heic(),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=1, seconds=10, memory_mb=1024) as sandbox:
        yield sandbox


@st.composite
def damaged(draw: st.DrawFn, seed: bytes) -> bytes:
    content = bytearray(seed)
    for at, value in draw(
        st.lists(st.tuples(st.integers(0, len(seed) - 1), st.integers(0, 255)), max_size=8)
    ):
        content[at] = value
    cut = draw(st.just(len(seed)) | st.integers(0, len(seed)))
    return bytes(content[:cut])


def rendered(sandbox: Sandbox, path: Path) -> picture.Rendered | Undecodable:
    try:
        return sandbox.call(picture.render, path)
    except Undecodable as undecodable:
        return undecodable


@pytest.mark.parametrize("family", SEEDS)
def test_a_damaged_file_gives_pictures_or_a_reason(
    sandbox: Sandbox, family: str, tmp_path: Path
) -> None:
    path = tmp_path / "x"

    @settings(
        max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(damaged(SEEDS[family]))
    def attempt(content: bytes) -> None:
        path.write_bytes(content)
        assert isinstance(sandbox.call(exif.read, path, "x")["warnings"], list)
        outcome = rendered(sandbox, path)
        if isinstance(outcome, Undecodable):
            assert outcome.why or outcome.what == "The file is empty"
            assert outcome.facts["reason"] != "timeout"
        else:
            assert set(outcome.pictures) == set(picture.SIZES)

    attempt()
    path.write_bytes(SEEDS[family])
    assert sandbox.call(picture.render, path).width
