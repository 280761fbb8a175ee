"""Live and motion photos are found as what moves."""

from __future__ import annotations

from albums.ingest.steps.companions import CompanionsStep
from albums.ingest.steps.moving import MovingStep
from albums.library.companions import Taken, keep_taken, replace_companions
from albums.library.moving import Inside, keep_inside

from .conftest import Shelves


def test_live_and_motion_photos_are_found_and_neither_films_nor_pairs_with_raw(
    shelves: Shelves,
) -> None:
    motion, live, clip, plain, raw, alone = (shelves.add() for _ in range(6))
    with shelves.library.write() as db:
        CompanionsStep().prepare(db)
        MovingStep().prepare(db)
        keep_inside(db, motion, Inside(100, 50, 100, "video/mp4", 2.5, None, "samsung"))
        for film in (clip, alone):
            keep_taken(db, Taken(film, "film", None, None, False, frozenset()))
        keep_taken(db, Taken(raw, "raw", None, None, False, frozenset()))
        for photo, other in ((live, clip), (plain, raw)):
            taken = Taken(photo, "photo", None, None, False, frozenset())
            keep_taken(db, taken)
            replace_companions(db, taken, [other])
    for query in ("is:moving", "has:motion"):
        assert set(shelves.ids(query)) == {motion, live}
        assert set(shelves.ids(f"-{query}")) == {clip, plain, raw, alone}
