"""What every test may use: an empty library on a real disk, and photos made on the spot."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from PIL import Image

from albums.library.database import Library
from albums.vault import Vault, open_vault

# How quick a machine is that has other things to do says nothing about the code.
settings.register_profile("albums", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("albums")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "albums.db")
    yield library
    library.close()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return open_vault(tmp_path)


MakePhoto = Callable[..., bytes]


@pytest.fixture
def make_photo() -> MakePhoto:
    """`make_photo(seed=1, size=(320, 240), exif=None)` -> bytes of a JPEG unlike all others."""

    def make(seed: int = 0, size: tuple[int, int] = (320, 240), exif: bytes = b"") -> bytes:
        colour = (seed * 53 % 256, seed * 97 % 256, seed * 193 % 256)
        image = Image.linear_gradient("L").resize(size).convert("RGB")
        image.paste(colour, (seed % size[0], 0, size[0], size[1] // 2))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=90, exif=exif, comment=f"photo {seed}".encode())
        return out.getvalue()

    return make
