"""Cleanup rules: what each does, that the person stands above them, and that they can go again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from albums.assembly import Albums
from albums.curate import assets
from albums.curate import rules as curate
from albums.curate.rule_preview import expect, preview
from albums.curate.trash import restore
from albums.errors import BadInput, Conflict, NotFound
from albums.library.rules import FILE, Rule, all_rules
from tests.curate.ruling import LISBON, PORTO, TOKYO, Ruled, rule


@pytest.fixture
def ruled(albums: Albums) -> Ruled:
    return Ruled(albums)


def test_a_camera_that_was_reset_gets_its_dates_from_the_names_of_files(ruled: Ruled) -> None:
    reset = ruled.take_in(1, "2000-01-01T00:03:00", camera="X", name="2013-07-01T12:00:00")
    fine = ruled.take_in(2, "2013-07-02T12:00:00", camera="X")
    ruled.add(rule("distrust-date", "camera:X date:2000-01-01", whose=["tags"]))
    assert ruled.row(reset)["captured_at"] == "2013-07-01T12:00:00"
    assert ruled.row(fine)["captured_at"] == "2013-07-02T12:00:00"


def test_the_name_that_is_left_is_not_doubted_with_the_tags(ruled: Ruled) -> None:
    named = ruled.take_in(1, "2000-01-01T00:03:00", name="2000-01-01T00:00:00")
    ruled.add(rule("distrust-date", "date:2000-01-01", whose=["tags", "name"]))
    assert ruled.row(named)["captured_at"] > "2020", "only its arrival is left"


def test_a_clock_that_was_wrong_is_moved_once_however_often_it_is_asked(ruled: Ruled) -> None:
    sha = ruled.take_in(1, "2014-05-31T23:30:00+02:00", camera="Canon")
    other = ruled.take_in(2, "2015-05-31T23:30:00", camera="Canon")
    ruled.add(rule("shift-date", "camera:canon date:2014-05", seconds=3600))
    assert ruled.row(sha)["captured_at"] == "2014-06-01T00:30:00+02:00"
    assert ruled.row(sha)["day"] == "2014-06-01", "outside its own condition"
    before = ruled.everything()
    assert curate.run(ruled.rooms, ruled.knowing) == 1
    assert ruled.work() == 1
    assert ruled.everything() == before
    assert ruled.row(other)["captured_at"] == "2015-05-31T23:30:00"


def test_a_clock_that_ran_fast_is_moved_more_and_more(ruled: Ruled) -> None:
    shas = [ruled.take_in(n, f"2014-06-{day:02}T12:00:00") for n, day in enumerate((1, 11, 21))]
    anchors = [
        ["2014-06-01T12:00:00", "2014-06-01T12:00:00"],
        ["2014-06-21T12:00:00", "2014-06-21T12:10:00"],
    ]
    ruled.add(rule("shift-date", "year:2014", anchors=anchors))
    assert [ruled.row(sha)["captured_at"][8:16] for sha in shas] == [
        "01T12:00", "11T12:05", "21T12:10",
    ]  # fmt: skip


def test_only_what_the_clock_showed_between_two_moments_is_moved(ruled: Ruled) -> None:
    shas = [ruled.take_in(n, f"2014-06-0{n}T12:00:00") for n in (1, 2, 3)]
    between = {"since": "2014-06-02", "until": "2014-06-02T23:59"}
    ruled.add(rule("shift-date", "year:2014", seconds=-60, **between))
    assert [ruled.row(sha)["captured_at"][11:16] for sha in shas] == ["12:00", "11:59", "12:00"]


def test_rules_of_dates_build_on_each_other_in_their_order(ruled: Ruled) -> None:
    sha = ruled.take_in(1, "2000-01-01T00:00:00", name="2014-06-01T12:00:00")
    ruled.add(rule("distrust-date", "date:2000-01-01", whose=["tags"]))
    ruled.add(rule("shift-date", "date:2000-01-01", seconds=3600))
    assert ruled.row(sha)["captured_at"] == "2014-06-01T13:00:00"


def test_a_place_that_is_not_believed_comes_back_when_the_rule_goes(ruled: Ruled) -> None:
    lisbon, tokyo = ruled.take_in(1, place=LISBON), ruled.take_in(2, place=TOKYO)
    ruled.work()
    for condition in ("place:lisbon", "country:portugal", "near:38.72,-9.14,5km"):
        made = ruled.add(rule("block-place", condition))
        assert (ruled.row(lisbon)["latitude"], ruled.city(lisbon)) == (None, None), condition
        assert ruled.city(tokyo) == "Tokyo"
        before = ruled.everything()
        curate.run(ruled.rooms, ruled.knowing)
        ruled.work()
        assert ruled.everything() == before, "asked again, of a place that is gone"
        curate.remove(ruled.rooms, ruled.knowing, made.id)
        ruled.work()
        assert (ruled.row(lisbon)["latitude"], ruled.city(lisbon)) == (LISBON[0], "Lisbon")


def test_in_a_country_only_the_cities_that_were_visited_are_believed(ruled: Ruled) -> None:
    lisbon, porto, tokyo = (
        ruled.take_in(n, place=place) for n, place in enumerate((LISBON, PORTO, TOKYO))
    )
    ruled.work()
    one = rule("correct-place", country="PT", only=["Lisbon"])
    made = ruled.add(one)
    assert [ruled.city(sha) for sha in (lisbon, porto, tokyo)] == ["Lisbon", None, "Tokyo"]
    curate.remove(ruled.rooms, ruled.knowing, made.id)
    ruled.add(rule("correct-place", country="PT", only=["lisbon"], to=list(LISBON)))
    assert [ruled.city(sha) for sha in (lisbon, porto, tokyo)] == ["Lisbon", "Lisbon", "Tokyo"]


def test_private_is_off_the_timeline_until_the_rule_is_switched_off(ruled: Ruled) -> None:
    sha = ruled.take_in(1, camera="Spy")
    made = ruled.add(rule("private", "camera:spy"))
    assert ruled.row(sha)["hidden"] == 1
    off = curate.change(ruled.rooms, ruled.knowing, _switched(made, on=False))
    ruled.work()
    assert ruled.row(sha)["hidden"] == 0
    curate.change(ruled.rooms, ruled.knowing, _switched(off, on=True))
    ruled.work()
    assert ruled.row(sha)["hidden"] == 1


def test_what_a_rule_throws_away_is_in_the_trash_and_the_log_says_which_rule(ruled: Ruled) -> None:
    away, stays = ruled.take_in(1, camera="Fax"), ruled.take_in(2)
    made = ruled.add(rule("delete", "camera:fax", name="No faxes"))
    assert (ruled.row(away)["here"], ruled.row(stays)["here"]) == (0, 1)
    [entry] = [e for e in ruled.albums.audit.entries(sha=away) if e.action == "trashed"]
    assert entry.actor == f"rule://{made.id}"
    original = ruled.asset(away)
    assert ruled.albums.vault.originals.path(away, original.extension).exists()


def test_what_the_person_took_out_of_the_trash_stays_out(ruled: Ruled) -> None:
    sha = ruled.take_in(1, camera="Fax")
    ruled.add(rule("delete", "camera:fax"))
    restore(ruled.rooms, [sha])
    curate.run(ruled.rooms, ruled.knowing)
    ruled.work()
    assert ruled.row(sha)["here"] == 1
    kept = ruled.albums.vault.sidecars.read(sha)
    assert kept
    assert {"field": "kept", "value": True}.items() <= kept["person"]["claims"][0].items()


def test_what_a_rule_that_is_gone_threw_away_can_be_taken_out_at_once(ruled: Ruled) -> None:
    shas = [ruled.take_in(n, camera="Fax") for n in range(3)]
    made = ruled.add(rule("delete", "camera:fax", name="No faxes"))
    curate.remove(ruled.rooms, ruled.knowing, made.id)
    ruled.work()
    with ruled.albums.library.read() as db:
        [thrown] = curate.thrown_away(db)
    assert (thrown.rule_id, thrown.title, thrown.assets) == (made.id, "No faxes", 3)
    assert curate.take_out(ruled.rooms, made.id) == 3
    assert all(ruled.row(sha)["here"] for sha in shas)


def test_the_persons_word_stands_above_every_rule_and_taken_back_the_rule_counts_again(
    ruled: Ruled,
) -> None:
    sha = ruled.take_in(1, "2014-05-01T12:00:00", LISBON, "Spy")
    mine = {"captured_at": "2014-05-02T12:00:00", "hidden": False, "location": list(TOKYO)}
    assets.edit(ruled.rooms, sha, mine)
    for one in (
        rule("shift-date", "camera:spy", seconds=60),
        rule("private", "camera:spy"),
        rule("block-place", "camera:spy"),
    ):
        ruled.add(one)
    said = ruled.row(sha)
    assert (said["captured_at"], said["hidden"], said["latitude"]) == (
        "2014-05-02T12:00:00", 0, TOKYO[0],
    )  # fmt: skip
    assets.edit(ruled.rooms, sha, dict.fromkeys(mine))
    ruled.work()
    row = ruled.row(sha)
    assert (row["captured_at"], row["hidden"]) == ("2014-05-01T12:01:00", 1)
    assert row["latitude"] is None


def test_conditions_of_one_rule_do_not_see_what_another_made(ruled: Ruled) -> None:
    sha = ruled.take_in(1, "2013-12-31T23:59:00")
    ruled.add(rule("shift-date", "year:2013", seconds=120))
    ruled.add(rule("private", "year:2014"))
    assert ruled.row(sha)["captured_at"] == "2014-01-01T00:01:00"
    assert ruled.row(sha)["hidden"] == 0


def test_only_the_assets_that_a_change_concerns_are_looked_at_again(ruled: Ruled) -> None:
    for number in range(20):
        ruled.take_in(number, camera="A" if number < 3 else "B")
    ruled.work()
    curate.add(ruled.rooms, ruled.knowing, rule("private", "camera:A"))
    assert ruled.work() == 3


def test_a_dry_run_says_what_would_change_and_changes_nothing(ruled: Ruled) -> None:
    shas = [ruled.take_in(n, f"2014-05-0{n}T12:00:00") for n in (1, 2, 3)]
    assets.edit(ruled.rooms, shas[0], {"captured_at": "2014-05-09T12:00:00"})
    ruled.work()
    before = ruled.everything()
    with ruled.albums.library.read() as db:
        told = preview(db, ruled.knowing, rule("shift-date", "year:2014", seconds=3600))
    assert (told.found, told.changed, told.yours) == (3, 2, 1)
    assert [(s.before, s.after) for s in told.samples] == [
        (f"2014-05-0{n}T12:00:00", f"2014-05-0{n}T13:00:00") for n in (2, 3)
    ]
    assert ruled.everything() == before
    with pytest.raises(Conflict, match="2 would change now, not 3"):
        expect(told, 3)


def test_a_dry_run_of_a_rule_that_holds_says_what_it_does(ruled: Ruled) -> None:
    ruled.take_in(1, place=LISBON)
    ruled.work()
    made = ruled.add(rule("block-place", "place:lisbon"))
    with ruled.albums.library.read() as db:
        told = preview(db, ruled.knowing, made)
    assert (told.changed, told.samples[0].before) == (1, "Lisbon, Portugal")
    assert told.samples[0].after == "no place"


def test_the_order_decides_which_place_is_given(ruled: Ruled) -> None:
    sha = ruled.take_in(1, place=PORTO)
    ruled.work()
    ruled.add(rule("block-place", "country:portugal"))
    last = ruled.add(rule("correct-place", country="PT", to=list(LISBON)))
    assert ruled.city(sha) is None
    curate.move(ruled.rooms, ruled.knowing, last.id, "up")
    ruled.work()
    assert ruled.city(sha) == "Lisbon"


def test_rules_are_in_their_file(ruled: Ruled) -> None:
    made = ruled.add(rule("private", "camera:spy", name="Spies"))
    [said] = json.loads((ruled.rooms.folder / FILE).read_bytes())
    assert said == made.as_json()
    curate.remove(ruled.rooms, ruled.knowing, made.id)
    assert json.loads((ruled.rooms.folder / FILE).read_bytes()) == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (rule("delete"), "of which assets"),
        (rule("delete", "dog on a beach"), "does not guess"),
        (rule("delete", "camra:x"), "no filter"),
        (rule("delete", "year:2014 sort:newest"), "does not sort"),
        (rule("explode", "year:2014"), "cannot 'explode'"),
        (rule("shift-date", "year:2014"), "by how much"),
        (rule("distrust-date", "year:2014", whose=["moon"]), "whose date"),
        (rule("correct-place", "", country="India"), "which country"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_a_sentence(
    ruled: Ruled, wrong: Rule, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        curate.add(ruled.rooms, ruled.knowing, wrong)
    with ruled.albums.library.read() as db:
        assert all_rules(db) == []


def test_a_rule_that_is_not_there_is_not_removed(ruled: Ruled) -> None:
    with pytest.raises(NotFound):
        curate.remove(ruled.rooms, ruled.knowing, "0" * 8)


def _switched(one: Rule, *, on: bool) -> Rule:
    return replace(one, enabled=on)
