"""Whole exports with every quirk, imported, and their receipts held against the truth."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.importing.exports import House, up_to_seal
from tests.sources.takeout.exports.archives import Archive, make_export
from tests.sources.takeout.exports.score import score


@pytest.mark.parametrize(
    ("seed", "kind", "languages"),
    [(1, "zip", ("en", "de")), (2, "tgz", ("fr", "es"))],
)
def test_every_line_of_the_receipt_of_a_generated_export_is_true(
    house: House, tmp_path: Path, seed: int, kind: Archive, languages: tuple[str, ...]
) -> None:
    export = make_export(
        tmp_path / "parts", 250, seed, languages, parts=3, kind=kind, sizes=(1500, 2500)
    )
    house.bring(*export.archives)
    found = score(export, house.receipt())
    assert found.faults == []
    assert found.right == found.decidable > 230
    before = house.receipt()
    assert house.bring(*reversed(export.archives)).ingested == 0
    assert up_to_seal(house.receipt(house.receipts()[-1])) == up_to_seal(before)
