"""An import that was cut off where the bytes are on disk and no row speaks of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sources.importing.exports import House, small_export, up_to_seal


class Cut(BaseException):
    """The end of the process."""


def test_what_the_next_start_finished_is_no_duplicate_of_itself(
    house: House, other_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = small_export(tmp_path / "downloads")
    receiver = house.importer.receiver

    def cut(*_: object) -> None:
        raise Cut

    with monkeypatch.context() as patched:
        patched.setattr(receiver, "_admit", cut)
        patched.setattr(receiver, "_undo", lambda batch: None)
        with pytest.raises(Cut):
            house.bring(*parts)
    assert receiver.recover() > 0
    assert house.rows("select 1 from import_entries where kind = 'photo'") == []
    house.bring(*parts)
    other_house.bring(*parts)
    assert up_to_seal(house.receipt()) == up_to_seal(other_house.receipt())
