"""The step that finds copies: what it looks at, and what it makes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image

from albums.ingest.step import Step, Tools
from albums.ingest.steps.companions import CompanionsStep
from albums.ingest.steps.duplicates import DuplicatesStep
from albums.ingest.steps.facts import FactsStep
from albums.ingest.steps.fingerprint import FingerprintStep
from albums.ingest.steps.moving import MovingStep
from albums.ingest.steps.pictures import PicturesStep
from albums.ingest.steps.stack import StackStep
from albums.library.duplicate_groups import groups
from tests.ingest.steps.conftest import Do, Keep
from tests.scenes import jpeg, scene
from tests.web.pages.site import exif

STEPS: tuple[Step, ...] = (
    FactsStep(), CompanionsStep(), MovingStep(), PicturesStep(), FingerprintStep(), StackStep(),
    DuplicatesStep(),
)  # fmt: skip

Found = Callable[..., list[tuple[tuple[int, ...], bool]]]


@pytest.fixture
def found(tools: Tools, keep: Keep, do: Do) -> Found:
    """`found(*contents)` -> which of them (by place) are in one group, the best first; and whether
    it is exact."""

    def found(*contents: bytes) -> list[tuple[tuple[int, ...], bool]]:
        ids = [keep(content, f"{n}.jpg") for n, content in enumerate(contents)]
        for step in STEPS:
            do(step, *ids)
        with tools.library.read() as db:
            return [
                (tuple(ids.index(member.id) for member in group.members), group.exact)
                for group in groups(db, 10)[0]
            ]

    return found


def test_a_smaller_copy_is_near_and_other_metadata_are_exact(found: Found) -> None:
    small = scene(1).resize((240, 180))
    tagged = jpeg(scene(2), exif=exif("", "Nikon D850", "", None))
    assert found(jpeg(scene(1)), jpeg(small), jpeg(scene(2)), tagged, jpeg(scene(3))) == [
        ((3, 2), True),
        ((0, 1), False),
    ]


def test_compressed_again_is_not_exact(found: Found) -> None:
    assert found(jpeg(scene(1), 92), jpeg(scene(1), 90)) == [((0, 1), False)]


def test_two_shots_by_their_own_clocks_are_no_copies(found: Found) -> None:
    first = exif("2024-05-12 09:41:00", "Nikon D850", "", None)
    later = exif("2024-05-12 09:47:00", "Nikon D850", "", None)
    assert found(jpeg(scene(1), 92, exif=first), jpeg(scene(1), 90, exif=later)) == []


def test_a_date_that_was_corrected_in_the_file_leaves_it_exactly_the_same(found: Found) -> None:
    first = exif("2024-05-12 09:41:00", "Nikon D850", "", None)
    later = exif("2025-05-12 09:41:00", "Nikon D850", "", None)
    assert found(jpeg(scene(1), exif=first), jpeg(scene(1), exif=later)) == [((0, 1), True)]


def test_a_copy_that_lies_in_a_stack_as_a_burst_is_found(found: Found, tools: Tools) -> None:
    same = exif("2024-05-12 09:41:00", "Nikon D850", "", None)
    small = scene(1).resize((240, 180))
    assert found(jpeg(scene(1), exif=same), jpeg(small, exif=same)) == [((0, 1), False)]
    with tools.library.read() as db:
        [stacked] = db.execute("select count(*) from assets where top_id is not null").fetchone()
    assert stacked == 1


def test_shots_of_a_burst_are_no_copies(found: Found) -> None:
    same = exif("2024-05-12 09:41:00", "Nikon D850", "", None)
    assert found(jpeg(scene(1), 92, exif=same), jpeg(scene(1), 90, exif=same)) == []


def test_what_is_much_wider_is_no_copy(found: Found) -> None:
    wide = Image.new("RGB", (720, 360))
    wide.paste(scene(1).resize((720, 360)))
    assert found(jpeg(scene(1)), jpeg(wide)) == []
