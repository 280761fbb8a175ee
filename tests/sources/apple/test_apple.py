"""What an export of Apple says of its files."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.sources.apple import Apple
from albums.sources.archives import Part
from albums.sources.importing.kind import Thing, Understood
from tests.sources.apple.test_tables import HEADING
from tests.sources.beside.test_xmp_said import xmp
from tests.sources.things import ODD, claims_of, medium, paper, sentences

NOON, NIGHT = "Saturday June 4,2022 12:11 PM GMT", "Wednesday October 11,2017 11:53 PM GMT"


def row(
    name: str, when: str = NOON, *, flags: str = "no,no,no", checksum: str = "AfQj57ORF2JI"
) -> str:
    return f'"{name}",{checksum},{flags},"{when}",3,"{when}"'


def details(folder: str, *rows: str, part: int = 1, name: str = "Photo Details.csv") -> Thing:
    return paper(f"{folder}/{name}", "\n".join([HEADING, *rows, ""]), part=part)


def album(name: str, *names: str, heading: str = "Images", folder: str = "Albums") -> Thing:
    return paper(f"{folder}/{name}.csv", "\n".join([heading, *names, ""]))


def understand(*things: Thing) -> Understood:
    return Apple().understand(things)


def pairings(found: Understood) -> dict[int, str]:
    return {number: said.pairing for number, said in found.said.items()}


def test_a_row_speaks_of_the_file_of_its_name_in_its_folder() -> None:
    thing = medium("Photos/IMG_1.HEIC")
    table = details("Photos", row("IMG_1.HEIC", flags="yes,yes,no"))
    found = understand(thing, table)
    said = found.said[thing.id]
    assert (said.pairing, said.rule, said.trashed) == ("owned", "name in its folder", False)
    assert claims_of(said) == {
        "instant": "2022-06-04T12:11:00+00:00",
        "favourite": True,
        "hidden": True,
    }
    assert said.taken == "2022-06-04T12:11:00+00:00"
    assert "AfQj57ORF2JI" in next(c.detail for c in said.claims if c.field == "instant")
    assert found.papers == {table.id: "sidecar"}


def test_a_table_is_not_copied_to_each_of_its_photos() -> None:
    things = [medium(f"Photos/IMG_{n}.JPG") for n in range(3)]
    table = details("Photos", *(row(thing.name) for thing in things))
    assert all(said.papers == () for said in understand(*things, table).said.values())


def test_one_name_in_two_parts_is_told_apart_by_the_tables_beside_them() -> None:
    one, two = medium("Photos/IMG_0403.MOV", part=1), medium("Photos/IMG_0403.MOV", part=2)
    found = understand(
        one,
        two,
        details("Photos", row("IMG_0403.MOV", NOON), part=1, name="Photo Details-37.csv"),
        details("Photos", row("IMG_0403.MOV", NIGHT), part=2, name="Photo Details-34.csv"),
    )
    assert found.said[one.id].taken == "2022-06-04T12:11:00+00:00"
    assert found.said[two.id].taken == "2017-10-11T23:53:00+00:00"


def test_the_same_of_two_parts_that_are_folders() -> None:
    one = medium("iCloud Photos Part 1 of 2/Photos/I.JPG")
    two = medium("iCloud Photos Part 2 of 2/Photos/I.JPG")
    found = understand(
        one,
        two,
        details("iCloud Photos Part 1 of 2/Photos", row("I.JPG", NOON)),
        details("iCloud Photos Part 2 of 2/Photos", row("I.JPG", NIGHT)),
    )
    assert found.said[two.id].taken == "2017-10-11T23:53:00+00:00"
    assert found.said[one.id].taken == "2022-06-04T12:11:00+00:00"
    assert "missing" not in sentences(found)


def test_a_row_in_another_part_is_found_where_name_and_moment_agree() -> None:
    thing = medium("Photos/IMG_1.HEIC", part=1, captured="2022-06-04T14:11:20+02:00")
    found = understand(thing, details("Photos", row("IMG_1.HEIC"), part=2))
    assert (found.said[thing.id].pairing, found.said[thing.id].rule) == (
        "owned", "name in another part",
    )  # fmt: skip


def test_a_row_in_another_part_that_only_has_the_name_is_no_proof() -> None:
    thing = medium("Photos/IMG_1.HEIC", part=1)
    found = understand(thing, details("Photos", row("IMG_1.HEIC"), part=2))
    assert found.said[thing.id].pairing == "ambiguous"
    assert found.announced == []


def test_a_row_in_another_part_of_another_day_is_of_another_photo() -> None:
    thing = medium("Photos/IMG_1.HEIC", part=1, captured="1999-01-01T10:00:00")
    found = understand(thing, details("Photos", row("IMG_1.HEIC"), part=2))
    assert thing.id not in found.said
    assert [missing.title for missing in found.announced] == ["IMG_1.HEIC"]


def test_several_of_one_name_are_told_apart_by_their_moments() -> None:
    noon = medium("Photos/I.JPG", captured="2022-06-04T14:11:30")  # two hours ahead of GMT
    night = medium("Photos/I.JPG", captured="2017-10-12T01:53:02")
    found = understand(noon, night, details("Photos", row("I.JPG", NIGHT), row("I.JPG", NOON)))
    assert found.said[noon.id].taken == "2022-06-04T12:11:00+00:00"
    assert found.said[night.id].taken == "2017-10-11T23:53:00+00:00"


def test_several_of_one_name_without_moments_are_ambiguous() -> None:
    things = [medium("Photos/I.JPG"), medium("Photos/I.JPG")]
    found = understand(*things, details("Photos", row("I.JPG", NIGHT), row("I.JPG", NOON)))
    assert set(pairings(found).values()) == {"ambiguous"}
    assert found.announced == []


def test_a_local_time_decides_only_where_no_other_could_be_meant() -> None:
    noon = medium("Photos/I.JPG", captured="2022-06-04T14:11:30")
    sooner = "Saturday June 4,2022 9:41 AM GMT"  # four and a half zones away, and of that day
    for when, pairing in ((NIGHT, "owned"), (sooner, "ambiguous")):
        rows = row("I.JPG", when), row("I.JPG", NOON)
        assert pairings(understand(noon, details("Photos", *rows))) == {noon.id: pairing}
    zoned = medium("Photos/I.JPG", captured="2022-06-04T14:11:30+02:00")
    rows = row("I.JPG", sooner), row("I.JPG", NOON)
    assert pairings(understand(zoned, details("Photos", *rows))) == {zoned.id: "owned"}


def test_the_last_of_its_name_is_what_is_left() -> None:
    noon = medium("Photos/I.JPG", captured="2022-06-04T14:11:30+02:00")
    other = medium("Photos/I.JPG")
    found = understand(noon, other, details("Photos", row("I.JPG", NIGHT), row("I.JPG", NOON)))
    assert found.said[other.id].taken == "2017-10-11T23:53:00+00:00"


def test_copies_that_unpacking_numbered_are_of_the_same_name() -> None:
    noon = medium("Photos/I.JPG", captured="2022-06-04T14:11:30")
    night = medium("Photos/I(1).JPG", captured="2017-10-12T01:53:02")
    unknown = medium("Photos/K(1).JPG")
    found = understand(
        noon, night, unknown, details("Photos", row("I.JPG", NIGHT), row("I.JPG", NOON))
    )
    assert pairings(found) == {noon.id: "owned", night.id: "owned"}


def test_equal_files_share_a_row() -> None:
    one = medium("Photos/I.JPG", part=1)
    two = medium("Photos/I.JPG", part=2, sha=one.sha)
    found = understand(one, two, details("Photos", row("I.JPG"), part=1))
    assert pairings(found) == {one.id: "owned", two.id: "owned"}


def test_a_file_in_two_tables_is_one() -> None:
    thing = medium("Photos/I.JPG")
    tables = [details("Photos", row("I.JPG"), name=f"Photo Details-{n}.csv") for n in (1, 2)]
    found = understand(thing, *tables)
    assert (found.said[thing.id].pairing, found.announced) == ("owned", [])


def test_what_was_deleted_goes_to_the_trash() -> None:
    marked, thrown = medium("Photos/I.JPG"), medium("Recently Deleted/J.JPG")
    found = understand(
        marked,
        thrown,
        details("Photos", row("I.JPG", flags="no,no,yes"), row("gone.JPG", flags="no,no,yes")),
    )
    assert found.said[marked.id].trashed
    assert found.said[thrown.id].trashed
    assert found.announced == []
    assert found.notes == {"trashed": 2, "deleted before the export": 1}


def test_the_table_of_a_part_speaks_of_its_recently_deleted_folder() -> None:
    thing = medium("Recently Deleted/J.JPG")
    found = understand(thing, details("Photos", row("J.JPG", flags="yes,no,yes")))
    assert found.said[thing.id].rule == "name in its part"


def test_a_row_without_its_file_is_announced() -> None:
    table = details("Photos", row("I.JPG"))
    [missing] = understand(table).announced
    assert (missing.paper, missing.title) == (table.id, "I.JPG")
    assert missing.taken == "2022-06-04T12:11:00+00:00"


# --- live photos and edited copies


def test_the_moving_part_of_a_live_photo_is_its_clip_and_inherits() -> None:
    still, clip = medium("Photos/I.HEIC"), medium("Photos/I.MOV")
    found = understand(still, clip, details("Photos", row("I.HEIC", flags="yes,no,no")))
    said = found.said[clip.id]
    assert (said.clip_of, said.pairing, said.rule) == (still.id, "inherited", "same name")
    assert claims_of(said)["favourite"] is True


def test_a_clip_with_a_row_of_its_own_keeps_it() -> None:
    still, clip = medium("Photos/I.HEIC"), medium("Photos/I.MOV")
    found = understand(still, clip, details("Photos", row("I.HEIC", NOON), row("I.MOV", NIGHT)))
    assert found.said[clip.id].pairing == "owned"
    assert found.said[clip.id].clip_of == still.id


def test_apples_identifier_is_surer_than_a_name() -> None:
    still = medium("Photos/I.HEIC", content_id="A")
    other = medium("Photos/J.HEIC", content_id="B")
    clip = medium("Photos/J.MOV", content_id="A")
    found = understand(still, other, clip)
    assert found.said[clip.id].clip_of == still.id


@pytest.mark.parametrize(
    ("still", "clip"),
    [
        (medium("Photos/I.HEIC", content_id="A"), medium("Photos/I.MOV", content_id="B")),
        (medium("Photos/I.HEIC"), medium("Others/I.MOV")),
        (
            medium("Photos/I.HEIC", captured="2022-06-04T14:11:30"),
            medium("Photos/I.MOV", captured="2022-06-04T13:01:30+00:00"),
        ),
    ],
)
def test_films_that_only_have_the_name_of_a_photo_are_no_clips(still: Thing, clip: Thing) -> None:
    assert understand(still, clip).said == {}


def test_a_name_that_two_stills_have_says_nothing_of_a_clip() -> None:
    things = [medium(f"Photos/I.{ending}") for ending in ("HEIC", "JPG", "MOV")]
    assert understand(*things).said == {}


def test_a_clip_a_little_before_its_still_in_another_zone_is_its_own() -> None:
    still = medium("Photos/I.HEIC", captured="2022-06-04T14:11:30")
    clip = medium("Photos/I_HEVC.MOV", captured="2022-06-04T12:11:28+00:00")
    assert understand(still, clip).said[clip.id].clip_of == still.id


@pytest.mark.parametrize(
    ("original", "edited"),
    [
        ("IMG_1234.HEIC", "IMG_E1234.JPG"),
        ("IMG_1234.HEIC", "IMG_1234 (Edited).jpg"),
        ("IMG_1234.HEIC", "IMG_1234_edited.jpeg"),
        ("IMG_1234.HEIC", "IMG_1234-adjusted.HEIC"),
        ("IMG_1234.MOV", "IMG_E1234.MOV"),
    ],
)
def test_an_edited_copy_is_a_variant_of_its_original(original: str, edited: str) -> None:
    first, copy = medium(f"Photos/{original}"), medium(f"Photos/{edited}")
    said = understand(first, copy, details("Photos", row(original))).said[copy.id]
    assert (said.variant_of, said.pairing, said.rule) == (first.id, "inherited", "edited copy")


@pytest.mark.parametrize("name", ["IMG_E1234.MOV", "IMG_E99.JPG", "Edited.jpg", "IMG_1234.JPG"])
def test_other_names_are_no_edited_copies(name: str) -> None:
    thing = medium(f"Photos/{name}")
    assert thing.id not in understand(medium("Photos/IMG_1234.HEIC"), thing).said


# --- albums


def test_albums_hold_the_files_of_their_names_wherever_they_lie() -> None:
    one, two = medium("Photos/I.JPG", part=1), medium("Photos/J.MOV", part=5)
    found = understand(one, two, album("Summer", "J.MOV", "gone.JPG", "I.JPG"))
    [summer] = found.albums
    assert (summer.title, summer.members) == ("Summer", (two.id, one.id))
    assert summer.absent == ("gone.JPG",)


def test_a_name_that_two_photos_have_is_not_guessed() -> None:
    one, two = medium("Photos/I.JPG", part=1), medium("Photos/I.JPG", part=2)
    [once] = understand(one, two, album("Summer", "I.JPG")).albums
    assert once.members == ()
    assert once.absent == ("I.JPG (2 files have this name)",)
    [twice] = understand(one, two, album("Summer", "I.JPG", "I.JPG")).albums
    assert set(twice.members) == {one.id, two.id}


def test_favourites_and_hidden_are_flags_and_no_albums() -> None:
    one, two = medium("Photos/I.JPG"), medium("Photos/J.JPG")
    found = understand(
        one,
        two,
        album("Favorites", "I.JPG", heading="imgName"),
        album("Hidden", "J.JPG", heading="imgName"),
    )
    assert found.albums == []
    assert claims_of(found.said[one.id]) == {"favourite": True}
    assert claims_of(found.said[two.id]) == {"hidden": True}


def test_favourites_in_another_language_are_known_by_what_is_in_them() -> None:
    one, two = medium("Photos/I.JPG"), medium("Photos/J.JPG")
    table = details("Photos", row("I.JPG", flags="yes,no,no"), row("J.JPG"))
    found = understand(one, two, table, album("Favoriter", "I.JPG", heading="imgName"))
    assert found.albums == []
    other = understand(one, two, table, album("Favoriter", "I.JPG", "J.JPG", heading="imgName"))
    assert [a.title for a in other.albums] == ["Favoriter"]


def test_memories_are_apples_own_and_counted() -> None:
    memory = album("Summer 2017", "I.JPG", heading="imageName", folder="Memories")
    found = understand(medium("Photos/I.JPG"), memory)
    assert (found.albums, found.papers) == ([], {memory.id: "other"})
    assert found.notes == {"memories": 1}


def test_empty_albums_are_albums() -> None:
    found = understand(paper("Albums/Empty.csv", b""))
    assert [(a.title, a.expected) for a in found.albums] == [("Empty", 0)]


def test_shared_albums_are_folders() -> None:
    one = medium("My Albums/Trip/I.JPG")
    found = understand(one, paper("My Albums/Trip/AlbumInfo.json", {"title": "The trip"}))
    [trip] = found.albums
    assert (trip.title, trip.members) == ("The trip", (one.id,))


# --- the rest


def test_xmp_that_apples_photos_exported_completes_the_table() -> None:
    thing = medium("Export/I.HEIC")
    sidecar = paper("Export/I.xmp", xmp("<dc:title>Pier</dc:title>"))
    adjustments = paper("Export/I.AAE", b"<plist/>")
    found = understand(thing, sidecar, adjustments, details("Export", row("I.HEIC")))
    assert claims_of(found.said[thing.id]).keys() == {"title", "instant"}
    assert found.said[thing.id].papers == (sidecar.id,)
    assert found.papers[adjustments.id] == "other"


def test_xmp_of_a_file_that_is_not_here_is_named() -> None:
    found = understand(paper("Export/I.xmp", xmp("<dc:title>Pier</dc:title>")))
    assert "1 sidecar speaks of a file that is not here: I.xmp" in sentences(found)


def test_tables_of_the_persons_own_are_documents() -> None:
    own = paper("iCloud Drive/budget.csv", "month,sum\nMay,3\n")
    data = paper("iCloud Drive/x.json", b"{}")
    broken = paper("Photos/AlbumInfo.json", b"{")
    assert set(understand(own, data, broken).papers.values()) == {"document"}


def test_archives_inside_are_named() -> None:
    found = understand(medium("iCloud Shared Albums.zip"))
    assert "1 archive lies inside the export" in sentences(found)


def test_missing_parts_are_named_where_the_folders_tell() -> None:
    found = understand(
        medium("iCloud Photos Part 1 of 4/Photos/I.JPG"),
        medium("iCloud Photos Part 3 of 4/Photos/J.JPG"),
    )
    assert "Parts of the export are missing: 2, 4 of 4" in sentences(found)


@pytest.mark.parametrize(
    ("name", "export"),
    [
        ("iCloud Photos Part 1 of 6.zip", "iCloud Photos Part, 6 parts"),
        ("iCloud Photos Part 12 of 12 (1).zip", "iCloud Photos Part, 12 parts"),
        ("iCloud-bilder Del 1 av 6", "iCloud-bilder Del, 6 parts"),
        ("Downloads", None),
        ("photos 1 of 2.zip", None),
    ],
)
def test_parts_belong_to_the_export_of_as_many_parts(name: str, export: str | None) -> None:
    assert Apple().import_name(Part(Path("/x") / name, "zip", 1)) == export


def test_the_order_of_the_files_does_not_matter() -> None:
    things = [
        medium(f"Photos/IMG_{n % 20}.{'HEIC' if n % 3 else 'MOV'}", part=n % 4) for n in range(60)
    ]
    things += [medium(f"Photos/IMG_E{n}.JPG") for n in range(5)]
    things += [
        details("Photos", *(row(f"IMG_{n}.HEIC", (NOON, NIGHT)[n % 2]) for n in range(25)), part=p)
        for p in range(3)
    ]
    things.append(album("All", *(f"IMG_{n}.HEIC" for n in range(20))))
    expected = understand(*things)
    for seed in range(5):
        random.Random(seed).shuffle(things)
        assert understand(*things) == expected


names = st.sampled_from(
    ["I.JPG", "i.jpg", "I(1).JPG", "I 2.JPG", "I.MOV", "IMG_E1.JPG", "IMG_1.JPG"]
)
folders = st.sampled_from(["Photos", "Recently Deleted", "P/Photos", ""])
moments = st.sampled_from([NOON, NIGHT, "", "Tuesday"])
captured = st.sampled_from([None, "2022-06-04T14:11:30", "2017-10-11T23:53:00+00:00"])


@given(
    st.lists(st.tuples(folders, names, st.integers(1, 2), captured), max_size=8),
    st.lists(st.tuples(folders, names, st.integers(1, 2), moments), max_size=8),
)
def test_no_row_is_lost_and_none_owns_two_photos(
    files: list[tuple[str, str, int, str | None]], rows: list[tuple[str, str, int, str]]
) -> None:
    things = [medium(f"{f}/{n}", part=p, captured=at) for f, n, p, at in files]
    tables = [
        details(folder, row(name, when, checksum=str(i)), part=part, name=f"{i}.csv")
        for i, (folder, name, part, when) in enumerate(rows)
    ]
    found = understand(*things, *tables)
    owned = [
        next(c.detail for c in said.claims if c.field == "instant")
        for said in found.said.values()
        if said.pairing == "owned" and said.taken
    ]
    assert len(owned) == len(set(owned))
    ambiguous = any(said.pairing == "ambiguous" for said in found.said.values())
    spoken = sum(said.pairing == "owned" for said in found.said.values())
    assert ambiguous or spoken + len(found.announced) == len(rows)


@given(
    st.binary(max_size=80),
    st.text(ODD, max_size=20),
    st.sampled_from(["csv", "json", "xmp", "aae"]),
)
def test_whatever_the_bytes_and_names_nothing_breaks(raw: bytes, name: str, ending: str) -> None:
    found = understand(medium(f"{name}.jpg"), paper(f"Albums/{name}.{ending}", raw))
    assert len(found.papers) == 1


def test_time_grows_with_the_number_of_files_only() -> None:
    def seconds(count: int) -> float:
        things = [medium(f"Photos/IMG_{n}.HEIC", part=n % 9) for n in range(count)]
        things += [medium("Photos/same.HEIC", part=n % 9) for n in range(count)]
        rows = [row(f"IMG_{n}.HEIC") for n in range(count)]
        rows += [row("same.HEIC", checksum=str(n)) for n in range(count)]
        things += [details("Photos", *rows, part=p) for p in range(2)]
        things.append(album("All", *(f"IMG_{n}.HEIC" for n in range(count))))
        start = time.process_time()
        understand(*things)
        return time.process_time() - start

    few = min(seconds(250) for _ in range(3))
    assert min(seconds(2000) for _ in range(3)) < 8 * few * 3


def test_what_is_a_paper() -> None:
    kind = Apple()
    assert kind.is_paper("Photos/Photo Details-1.csv", None)
    assert kind.is_paper("Photos/IMG_1.AAE", 500)
    assert not kind.is_paper("Photos/IMG_1.HEIC", 500)
    assert not kind.is_paper("Photos/huge.csv", 65 << 20)
