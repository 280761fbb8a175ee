"""The library as a tree: names that stay, and no two alike."""

from __future__ import annotations

from albums.library import by_month
from albums.library.database import Library


def put(library: Library, sha: str, name: str, day: str, trashed_at: str | None = None) -> None:
    with library.write() as db:
        db.execute(
            """insert into assets (sha, name, folder, extension, mime, kind, size, source, origin,
                   received_at, captured_utc, day, trashed_at)
               values (?, ?, '', '.jpg', 'image/jpeg', 'photo', 1, 'upload', 'x', 'x', 0, ?, ?)""",
            (sha, name, day, trashed_at),
        )


def names(library: Library, year: str = "2024", month: str = "03") -> dict[str, str]:
    with library.read() as db:
        return {name: shown.sha for name, shown in by_month.files(db, year, month).items()}


def test_the_first_keeps_its_name_and_no_name_moves_on_when_another_comes(
    library: Library,
) -> None:
    put(library, "a" * 64, "IMG.jpg", "2024-03-31")
    put(library, "b" * 64, "img.JPG", "2024-03-01")
    before = names(library)
    assert before == {"IMG.jpg": "a" * 64, "img bbbbbbbb.JPG": "b" * 64}
    put(library, "b" * 8 + "c" * 56, "IMG.jpg", "2024-03-02")
    put(library, "d" * 64, "img bbbbbbbb.JPG", "2024-03-03")
    after = names(library)
    assert after.items() >= before.items()
    assert len(after) == 4


def test_months_hold_what_was_taken_in_them_and_not_what_is_in_the_trash(library: Library) -> None:
    for n, day in enumerate(("2023-12-31", "2024-03-01", "2024-10-01", "2024-11-05")):
        put(library, f"{n}" * 64, f"{n}.jpg", day)
    put(library, "e" * 64, "e.jpg", "2022-01-01", trashed_at="2024-01-01T00:00:00+00:00")
    with library.read() as db:
        assert by_month.years(db) == ["2023", "2024"]
        assert by_month.months(db, "2024") == ["03", "10", "11"]
        assert by_month.months(db, "2") == []
    assert list(names(library)) == ["1.jpg"]
    assert names(library, "2024", "1") == {}


def test_names_that_mean_folders_are_changed(library: Library) -> None:
    put(library, "a" * 64, "..", "2024-03-01")
    put(library, "b" * 64, ".", "2024-03-01")
    assert list(names(library)) == ["unnamed..", "unnamed."]
