"""What the library found out is in the sidecar, so that a rebuild knows it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import piexif
import pytest

from albums.ingest.late import Later, say
from albums.ingest.receive import Receiver
from albums.ingest.step import Step, Tools
from albums.ingest.steps.companions import CompanionsStep
from albums.ingest.steps.embed import EmbedStep
from albums.ingest.steps.facts import FactsStep
from albums.ingest.steps.moving import MovingStep
from albums.ingest.steps.pictures import PicturesStep
from albums.ingest.steps.place import PlaceStep
from albums.ingest.steps.record import RecordStep
from albums.ingest.steps.words import WordsStep
from albums.library.database import Library
from albums.library.facts import Claim
from albums.search.dates import Moment
from albums.search.find import find
from albums.search.query import parse
from albums.upkeep.rebuild import canonical_export, rebuild
from albums.vault import Vault
from tests.conftest import MakePhoto
from tests.ingest.steps.conftest import Do, Keep

STEPS: tuple[Step, ...] = (FactsStep(), PlaceStep(), CompanionsStep(), WordsStep(), RecordStep())
NOW = Moment(date(2026, 6, 15))
FROM = "takeout://takeout-20240516T230250Z"
TAKEN = piexif.dump({"Exif": {piexif.ExifIFD.DateTimeOriginal: b"2024:07:01 12:00:00"}})
MOMENT = Claim("instant", "2024-07-01T03:00:00Z", "takeout", 0.6, "IMG.jpg.json")
PEOPLE = Claim("people", ["Ana Meier"], "takeout", 0.85, "IMG.jpg.json")


@pytest.fixture
def kept(tools: Tools, keep: Keep, do: Do, make_photo: MakePhoto) -> int:
    """A photo from a camera without zone, before anybody told of it."""
    with tools.library.write() as db:
        PicturesStep().prepare(db)  # search looks into their tables
        EmbedStep().prepare(db)
        MovingStep().prepare(db)
    asset_id = keep(make_photo(1, exif=TAKEN), "IMG.jpg")
    for step in STEPS:
        do(step, asset_id)
    return asset_id


Tell = Callable[..., None]


@pytest.fixture
def tell(receiver: Receiver, tools: Tools, kept: int, do: Do) -> Tell:
    """`tell(*claims)`: an export says this, and no more, of the photo; and all is done again."""

    def tell(*claims: Claim) -> None:
        sha = row_of(tools.library, kept)["sha"]
        say(receiver, [Later(sha, "takeout", claims, (), ("Rome",))], FROM)
        for step in STEPS:
            do(step, kept)

    return tell


def row_of(library: Library, asset_id: int) -> dict[str, Any]:
    with library.read() as db:
        return dict(db.execute("select * from assets where id = ?", (asset_id,)).fetchone())


def found_by(library: Library, question: str) -> list[int]:
    return [row["id"] for row in find(library, parse(question, NOW)).assets]


def after_a_rebuild(tools: Tools, folder: Path) -> list[str]:
    """The canonical export after a rebuild of a copy of the library."""
    copy = folder.with_name(f"{folder.name}-copy")
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("albums.db*"))
    rebuild(copy, tools.home)
    library = Library(copy / "albums.db")
    try:
        return list(canonical_export(library))
    finally:
        library.close()
        shutil.rmtree(copy)


def test_what_an_export_says_late_is_found_and_recorded(
    tools: Tools, vault: Vault, kept: int, tell: Tell
) -> None:
    tell(MOMENT, PEOPLE)
    row = row_of(tools.library, kept)
    assert row["captured_at"] == "2024-07-01T12:00:00+09:00"
    for question in ("person:meier", "meier", "collection:Rome"):
        assert found_by(tools.library, question) == [kept], question
    sidecar = vault.sidecars.read(row["sha"])
    assert sidecar is not None
    assert sidecar["machine"]["captured_at"] == "2024-07-01T12:00:00+09:00"
    assert {"takeout", "exif"} <= {claim["source"] for claim in sidecar["machine"]["claims"]}

    tell(MOMENT)
    assert found_by(tools.library, "person:meier") == []


def test_a_rebuild_after_each_thing_that_an_export_says_gives_the_same_library(
    tools: Tools, kept: int, tell: Tell, tmp_path: Path
) -> None:
    for said in ((MOMENT, PEOPLE), (PEOPLE,), ()):
        tell(*said)
        before = list(canonical_export(tools.library))
        assert after_a_rebuild(tools, tmp_path) == before
