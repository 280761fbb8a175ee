"""Pictures may be deleted at any time, and are named after what they are."""

from __future__ import annotations

import io

from PIL import Image

from albums.media import picture
from albums.vault import Vault
from albums.vault.pictures import SIZES, SUFFIXES

SHA = "ab" + "0" * 62


def jpeg(size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG")
    return out.getvalue()


def test_a_picture_is_called_what_it_is_encoded_as() -> None:
    names = {"image/webp": ".webp", "image/jpeg": ".jpg"}
    assert {size: names[picture.mime_of(size)] for size in SIZES} == SUFFIXES


def test_a_picture_that_was_not_made_is_none(vault: Vault) -> None:
    assert vault.pictures.image(SHA, 800) is None
    assert not vault.pictures.complete(SHA)


def test_a_model_may_ask_for_less_than_the_whole_picture(vault: Vault) -> None:
    vault.pictures.put(SHA, 800, jpeg((800, 600)))
    whole = vault.pictures.image(SHA, 800)
    less = vault.pictures.image(SHA, 800, at_least=256)
    assert whole is not None
    assert less is not None
    assert whole.size == (800, 600)
    assert 256 <= min(less.size) < 600


def test_removing_pictures_leaves_none(vault: Vault) -> None:
    for size in SIZES:
        vault.pictures.put(SHA, size, jpeg((10, 10)))
    assert vault.pictures.complete(SHA)
    vault.pictures.remove(SHA)
    assert not any(vault.pictures.path(SHA, size).exists() for size in SIZES)
