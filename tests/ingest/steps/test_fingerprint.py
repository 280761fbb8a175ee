"""The fingerprint step: what looks alike is found, what does not is not."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageEnhance

from albums.ingest.step import Done, Skipped, Tools
from albums.ingest.steps.fingerprint import FingerprintStep
from albums.library.duplicates import near_duplicates
from tests.conftest import MakePhoto
from tests.ingest.steps.conftest import Do, Keep

STEP = FingerprintStep()


def scene(seed: int) -> Image.Image:
    """A picture of large soft shapes, unlike that of any other seed."""
    chance = random.Random(seed)
    small = Image.new("RGB", (8, 6))
    small.putdata([tuple(chance.randrange(256) for _ in range(3)) for _ in range(48)])
    return small.resize((300, 225), Image.Resampling.BICUBIC)


def bytes_of(image: Image.Image, form: str = "WEBP", **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def picture(tools: Tools, asset_id: int, image: Image.Image) -> None:
    with tools.library.read() as db:
        sha = db.execute("select sha from assets where id = ?", (asset_id,)).fetchone()["sha"]
    tools.vault.pictures.put(sha, 300, bytes_of(image))


def test_a_smaller_paler_copy_is_a_near_duplicate_and_another_scene_is_not(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    original, copy, other = (keep(make_photo(number)) for number in range(3))
    pale = ImageEnhance.Brightness(scene(1)).enhance(1.1).resize((200, 150)).resize((300, 225))
    for asset_id, image in ((original, scene(1)), (copy, pale), (other, scene(2))):
        picture(tools, asset_id, image)
    outcomes = do(STEP, original, copy, other)
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    with tools.library.read() as db:
        assert [found for found, _ in near_duplicates(db, original)] == [copy]


def test_without_a_picture_or_in_one_flat_colour_there_is_no_fingerprint(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    missing, flat = keep(make_photo(1)), keep(make_photo(2))
    picture(tools, flat, Image.new("RGB", (300, 200), (90, 90, 90)))
    assert [type(outcome) for outcome in do(STEP, missing, flat)] == [Skipped, Skipped]


def test_pages_of_documents_which_all_look_alike_have_none(
    tools: Tools, keep: Keep, do: Do
) -> None:
    letter = keep(b"Dear all,", "letter.txt")
    picture(tools, letter, scene(1))
    assert [type(outcome) for outcome in do(STEP, letter)] == [Skipped]


def test_a_new_picture_replaces_the_old_fingerprint(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    asset_id = keep(make_photo(1))
    for seed in (1, 2):
        picture(tools, asset_id, scene(seed))
        do(STEP, asset_id)
    with tools.library.read() as db:
        assert db.execute("select count(*) from fingerprint_bands").fetchone()[0] == 4


def test_an_erased_asset_leaves_no_fingerprint(
    tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto
) -> None:
    asset_id = keep(make_photo(1))
    picture(tools, asset_id, scene(1))
    do(STEP, asset_id)
    with tools.library.write() as db:
        db.execute("delete from assets where id = ?", (asset_id,))
        assert db.execute("select count(*) from fingerprint_bands").fetchone()[0] == 0
