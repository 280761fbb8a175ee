"""Motion photos are one asset with a moving part; what lies about itself is a plain photo."""

from __future__ import annotations

from albums.ingest.step import Done, Skipped, Tools
from albums.ingest.steps.companions import CompanionsStep
from albums.ingest.steps.facts import FactsStep
from albums.ingest.steps.moving import MovingStep
from albums.library.moving import inside_of, moving_of, shown_moving
from tests.ingest.steps.conftest import Do, Keep
from tests.ingest.steps.test_companions import ID, film, still
from tests.media import motion_photos as made

FILM = made.clip()


def test_a_motion_photo_has_a_moving_part(tools: Tools, keep: Keep, do: Do) -> None:
    asset = keep(made.motion_photo(FILM), "PXL_2024.MP.jpg")
    do(CompanionsStep(), asset)
    [outcome] = do(MovingStep(), asset)
    assert isinstance(outcome, Done)
    assert outcome.warning == ""
    with tools.library.read() as db:
        inside = inside_of(db, asset)
        assert shown_moving(db, asset) == {"kind": "motion", "mime": "video/mp4", "duration": 2.5}
    assert inside is not None
    assert (inside.length, inside.standard) == (len(FILM), "motion photo")


def test_found_again_it_is_no_news(tools: Tools, keep: Keep, do: Do) -> None:
    asset = keep(made.samsung(FILM))
    [first] = do(MovingStep(), asset)
    [second] = do(MovingStep(), asset)
    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert (first.changed, second.changed) == (True, False)


def test_a_photo_whose_film_was_cut_away_is_plain_with_a_warning(
    tools: Tools, keep: Keep, do: Do
) -> None:
    asset = keep(made.motion_photo(b"gone"))
    [outcome] = do(MovingStep(), asset)
    assert isinstance(outcome, Done)
    assert "no film in it" in outcome.warning
    with tools.library.read() as db:
        assert inside_of(db, asset) is None


def test_a_film_has_no_film_inside(keep: Keep, do: Do) -> None:
    [outcome] = do(MovingStep(), keep(FILM, "a.mp4"))
    assert isinstance(outcome, Skipped)


def test_a_live_photo_moves_by_its_film(tools: Tools, keep: Keep, do: Do) -> None:
    photo = keep(still(ID), "IMG_1.jpg")
    clip = keep(film(ID), "IMG_1.mov")
    do(MovingStep(), photo, clip)
    for step in (FactsStep(), CompanionsStep()):
        do(step, photo, clip)
    with tools.library.read() as db:
        moving = moving_of(db, photo)
        assert moving is not None
        assert (moving.kind, moving.asset_id, moving.inside) == ("live", clip, None)
        assert moving_of(db, clip) is None


def test_a_live_photo_is_still_while_its_film_alone_is_in_the_trash(
    tools: Tools, keep: Keep, do: Do
) -> None:
    photo, clip = keep(still(ID), "IMG_1.jpg"), keep(film(ID), "IMG_1.mov")
    do(MovingStep(), photo, clip)
    for step in (FactsStep(), CompanionsStep()):
        do(step, photo, clip)
    with tools.library.write() as db:
        db.execute("update assets set trashed_at = '2026-01-01' where id = ?", (clip,))
    with tools.library.read() as db:
        assert moving_of(db, photo) is None
    with tools.library.write() as db:
        db.execute("update assets set trashed_at = '2026-01-01' where id = ?", (photo,))
    with tools.library.read() as db:
        assert moving_of(db, photo) is not None, "both lie there together"
