"""What names and tags of files say of each other makes stacks, in whatever order they come."""

from __future__ import annotations

import pytest

from albums.ingest.late import Later, say
from albums.ingest.receive import Receiver
from albums.ingest.step import Step, Tools
from albums.ingest.steps.companions import CompanionsStep
from albums.ingest.steps.facts import FactsStep
from albums.ingest.steps.fingerprint import FingerprintStep
from albums.ingest.steps.pictures import PicturesStep
from albums.ingest.steps.stack import StackStep
from albums.library.assets import assets_by_id
from albums.library.facts import Claim
from tests.ingest.steps.conftest import Do, Keep
from tests.ingest.steps.test_companions import raw, still

STEPS: tuple[Step, ...] = (FactsStep(), CompanionsStep(), StackStep())


def stacked(tools: Tools, do: Do, *ids: int) -> dict[str, str]:
    """Name -> name of what it lies under, once the steps are done for each."""
    with tools.library.write() as db:
        for empty in (FingerprintStep(), PicturesStep(), StackStep()):
            empty.prepare(db)
    for asset_id in ids:
        for step in STEPS:
            do(step, asset_id)
    with tools.library.read() as db:
        rows = db.execute("select id, top_id from assets where top_id is not null").fetchall()
        names = {a.id: a.name for a in assets_by_id(db, range(9))}
    return {names[row["id"]]: names[row["top_id"]] for row in rows}


@pytest.mark.parametrize("first", [0, 1])
def test_an_edited_copy_beside_its_original_is_on_top(
    tools: Tools, keep: Keep, do: Do, first: int
) -> None:
    files = [("IMG_1234.JPG", still(seed=1)), ("IMG_E1234.JPG", still(seed=200))]
    ids = [keep(content, name) for name, content in (files if first == 0 else files[::-1])]
    assert stacked(tools, do, *ids) == {"IMG_1234.JPG": "IMG_E1234.JPG"}


@pytest.mark.parametrize(
    ("name", "folder", "taken"),
    [
        ("IMG_E1234.JPG", "", "2024:07:01 12:00:09"),
        ("IMG_E1234.JPG", "elsewhere", "2024:07:01 12:00:01"),
        ("IMG_E1235.JPG", "", "2024:07:01 12:00:01"),
    ],
)
def test_another_time_folder_or_number_is_no_edited_copy(
    tools: Tools, keep: Keep, do: Do, name: str, folder: str, taken: str
) -> None:
    original = keep(still(), "IMG_1234.JPG")
    other = keep(still(taken=taken, seed=200), name, folder=folder)
    assert stacked(tools, do, original, other) == {}


def test_the_two_files_of_a_pixels_raw_shot_are_one(tools: Tools, keep: Keep, do: Do) -> None:
    photo = keep(still(offset=""), "PXL_20240701_120001000.RAW-01.MP.COVER.jpg")
    other = keep(raw(), "PXL_20240701_120001000.RAW-02.ORIGINAL.dng")
    found = stacked(tools, do, other, photo)
    assert found == {
        "PXL_20240701_120001000.RAW-02.ORIGINAL.dng": "PXL_20240701_120001000.RAW-01.MP.COVER.jpg"
    }


def test_an_edited_copy_that_an_export_tells_of_later_is_on_top(
    tools: Tools, keep: Keep, do: Do, receiver: Receiver
) -> None:
    original, edited = keep(still(), "a.jpg"), keep(still(taken="", seed=200), "b.jpg")
    assert stacked(tools, do, original, edited) == {}
    with tools.library.read() as db:
        sha = {a.id: a.sha for a in assets_by_id(db, [original, edited])}
    claim = Claim("variant_of", sha[original], "takeout", 0.9)
    say(receiver, [Later(sha[edited], "takeout", (claim,))], "test://")
    assert stacked(tools, do, edited) == {"a.jpg": "b.jpg"}
    say(receiver, [Later(sha[edited], "takeout")], "test://")
    assert stacked(tools, do, edited) == {}
