"""Which files the sidecars in a folder speak of, and what follows."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.sources.archives import Part
from albums.sources.archives.parts import Kind as PartKind
from albums.sources.beside import Sidecars
from albums.sources.importing.kind import Said, Thing, Understood
from tests.sources.beside.test_photoprism import ALBUM, PHOTO
from tests.sources.beside.test_xmp_said import listed, xmp
from tests.sources.things import claims_of, medium, paper, sentences


def words(title: str) -> bytes:
    return xmp(f"<dc:title>{title}</dc:title>")


def understand(*things: Thing) -> Understood:
    return Sidecars().understand(things)


def by_path(*things: Thing) -> dict[str, Said]:
    found = understand(*things)
    return {thing.path: found.said[thing.id] for thing in things if thing.id in found.said}


@pytest.mark.parametrize(
    ("path", "sidecar", "rule"),
    [
        ("p/IMG.jpg", "p/IMG.jpg.xmp", "name.ext.xmp"),
        ("p/IMG.JPG", "p/img.jpg.XMP", "name.ext.xmp"),
        ("p/Café.jpg", "p/Cafe\u0301.jpg.xmp", "name.ext.xmp"),
        ("p/IMG.jpg", "p/IMG.xmp", "name.xmp"),
        ("p/IMG.mp4", "p/IMG.xmp", "name.xmp"),
        ("p/a.b.c.jpg", "p/a.b.c.xmp", "name.xmp"),
        ("p/IMG", "p/IMG.xmp", "name.ext.xmp"),
    ],
)
def test_a_sidecar_is_found_by_its_name(path: str, sidecar: str, rule: str) -> None:
    thing, xmp_file = medium(path), paper(sidecar, words("Sea"))
    found = understand(thing, xmp_file)
    said = found.said[thing.id]
    assert (said.pairing, said.rule, said.papers) == ("owned", rule, (xmp_file.id,))
    assert claims_of(said) == {"title": "Sea"}
    assert found.papers == {xmp_file.id: "sidecar"}


@pytest.mark.parametrize("sidecar", ["q/IMG.jpg.xmp", "p/IMG_2.jpg.xmp", "IMG.jpg.xmp"])
def test_a_sidecar_of_another_folder_or_name_is_not(sidecar: str) -> None:
    thing = medium("p/IMG.jpg")
    found = understand(thing, paper(sidecar, words("Sea")))
    assert thing.id not in found.said
    name = sidecar.rpartition("/")[2]
    assert f"1 sidecar speaks of a file that is not here: {name}" in sentences(found)
    assert found.notes == {"sidecars without a file": 1}


def test_one_file_has_one_sidecar_and_not_its_neighbours() -> None:
    found = by_path(
        medium("p/IMG.jpg"),
        medium("p/IMG.mov"),
        paper("p/IMG.jpg.xmp", words("Still")),
        paper("p/IMG.mov.xmp", words("Film")),
    )
    assert claims_of(found["p/IMG.jpg"]) == {"title": "Still"}
    assert claims_of(found["p/IMG.mov"]) == {"title": "Film"}


def test_lightrooms_sidecar_is_of_the_raw_file_and_its_jpeg_inherits() -> None:
    found = by_path(medium("p/I.CR2"), medium("p/I.JPG"), paper("p/I.xmp", words("Sea")))
    assert found["p/I.CR2"].pairing == "owned"
    assert found["p/I.JPG"].pairing == "inherited"
    assert claims_of(found["p/I.JPG"]) == {"title": "Sea"}


def test_a_film_inherits_from_its_still_less_surely() -> None:
    sidecar = xmp(attributes='exif:DateTimeOriginal="2024-05-01T10:00:00"')
    found = by_path(medium("p/I.heic"), medium("p/I.mov"), paper("p/I.xmp", sidecar))
    assert (found["p/I.heic"].pairing, found["p/I.mov"].pairing) == ("owned", "inherited")
    sureness = [found[path].claims[0].confidence for path in ("p/I.heic", "p/I.mov")]
    assert sureness == [0.92, 0.6]


def test_two_stills_of_one_name_are_ambiguous() -> None:
    found = by_path(medium("p/I.jpg"), medium("p/I.png"), paper("p/I.xmp", words("Sea")))
    assert {said.pairing for said in found.values()} == {"ambiguous"}
    assert all(said.claims == () for said in found.values())


def test_two_sidecars_of_one_name_are_ambiguous_unless_they_are_equal() -> None:
    thing = medium("p/I.jpg")
    one = paper("p/I.jpg.xmp", words("Sea"))
    assert understand(thing, one, paper("p/i.jpg.xmp", words("Hill"))).said[thing.id].claims == ()
    alike = understand(thing, one, paper("p/i.jpg.xmp", words("Sea")))
    assert alike.said[thing.id].pairing == "owned"
    assert alike.warnings == []


def test_both_forms_of_sidecar_complete_each_other() -> None:
    said = by_path(
        medium("p/I.CR2"),
        paper("p/I.CR2.xmp", words("Sea")),
        paper("p/I.xmp", xmp("<dc:title>Hill</dc:title>", 'xmp:Rating="4"')),
    )["p/I.CR2"]
    assert claims_of(said) == {"title": "Sea", "rating": 4}
    assert len(said.papers) == 2


def test_equal_paths_in_two_parts_keep_to_their_own() -> None:
    one, two = medium("p/I.jpg", part=1), medium("p/I.jpg", part=2)
    found = understand(
        one,
        two,
        paper("p/I.jpg.xmp", words("One"), part=1),
        paper("p/I.jpg.xmp", words("Two"), part=2),
    )
    assert claims_of(found.said[one.id]) == {"title": "One"}
    assert claims_of(found.said[two.id]) == {"title": "Two"}


def test_a_sidecar_in_another_part_is_found() -> None:
    thing = medium("p/I.jpg", part=1)
    found = understand(thing, paper("p/I.jpg.xmp", words("Sea"), part=2))
    assert claims_of(found.said[thing.id]) == {"title": "Sea"}


def test_darktables_further_versions_are_no_missing_photos() -> None:
    version = paper("p/I_01.CR2.xmp", words("Black and white"))
    found = understand(medium("p/I.CR2"), paper("p/I.CR2.xmp", words("Sea")), version)
    assert found.warnings == []
    assert found.papers[version.id] == "other"


def test_an_unreadable_sidecar_is_named() -> None:
    thing, broken = medium("p/I.jpg"), paper("p/I.jpg.xmp", b"<x")
    found = understand(thing, broken)
    assert found.papers == {broken.id: "other"}
    assert "1 XMP file cannot be read: I.jpg.xmp" in sentences(found)


UID = "pr9tsib2qf7dfegc"


@pytest.mark.parametrize(
    ("path", "yml"),
    [
        ("Pictures/2020/I.jpg", "Pictures/2020/I.yml"),
        ("originals/2020/I.jpg", "sidecar/2020/I.yml"),
        ("photoprism/originals/I.jpg", "photoprism/storage/sidecar/I.yml"),
        ("pp/originals/2020/01/I.heic", "pp/storage/sidecar/2020/01/I.yml"),
        ("Pictures/2020/I.jpg", "sidecar/2020/I.yaml"),
    ],
)
def test_photoprisms_yaml_is_found_beside_or_in_its_own_tree(path: str, yml: str) -> None:
    thing, said_in = medium(path, part=1), paper(yml, PHOTO, part=2 if "sidecar" in yml else 1)
    said = understand(thing, said_in).said[thing.id]
    assert said.pairing == "owned"
    assert claims_of(said)["favourite"] is True
    assert said.taken == "2016-01-10T11:15:06+01:00"


def test_all_files_of_one_name_are_one_photo_to_photoprism() -> None:
    found = by_path(
        medium("originals/I.cr2"), medium("originals/I.jpg"), paper("sidecar/I.yml", PHOTO)
    )
    assert {said.pairing for said in found.values()} == {"owned"}


def test_one_name_in_two_folders_that_both_could_be_meant_is_ambiguous() -> None:
    found = by_path(
        medium("a/originals/I.jpg"), medium("b/originals/I.jpg"), paper("sidecar/I.yml", PHOTO)
    )
    assert {said.pairing for said in found.values()} == {"ambiguous"}


def test_previews_that_photoprism_made_are_variants_of_their_originals() -> None:
    original, made = medium("originals/2020/I.heic"), medium("sidecar/2020/I.heic.jpg")
    found = understand(original, made, paper("sidecar/2020/I.yml", PHOTO))
    assert found.said[made.id].variant_of == original.id
    assert found.said[made.id].pairing == "inherited"
    assert found.said[original.id].variant_of is None


def test_albums_of_photoprism_hold_the_photos_of_their_uids() -> None:
    one, two = medium("originals/I.jpg"), medium("originals/J.jpg")
    uids = ("ps6sg6be2lvl0yh8", "ps6sg6be2lvl0000")
    found = understand(
        one,
        two,
        *(
            paper(f"sidecar/{name}.yml", PHOTO.replace(UID, uid))
            for name, uid in zip("IJ", uids, strict=True)
        ),
        paper("albums/album/as6sg6bxpoaaaaaa.yml", ALBUM),
        paper("albums/month/x.yml", ALBUM.replace("album", "month").replace("as6", "as7")),
    )
    [album] = found.albums
    assert (album.title, album.description) == ("Berlin 2020", "We still love Berlin!")
    assert album.members == (one.id,)
    assert album.absent == ("photo ps6sg6be2lvl0y11",)


def test_other_yaml_is_the_persons_own() -> None:
    own = paper("notes/recipe.yml", "flour: 300 g\n")
    broken = paper("notes/x.yaml", "a: 'b")
    found = understand(own, broken)
    assert found.papers == {own.id: "document", broken.id: "document"}


COLLECTIONS = b"collection,position,path,link\r\nBest,2,2024/05/A.jpg,\r\nBest,1,2024/05/B.jpg,\r\n"


def exported(collections: str) -> bytes:
    attributes = 'xmlns:albums="http://albums.invalid/ns/1.0/" albums:sha256="ab"'
    return xmp(listed("albums:collections", collections), attributes)


def test_collections_of_an_export_keep_their_order() -> None:
    one, two, late = (medium(f"out/2024/05/{name}.jpg") for name in "ABC")
    found = understand(
        one,
        two,
        late,
        *(paper(f"out/2024/05/{name}.jpg.xmp", exported("Best")) for name in "ABC"),
        paper("out/collections.csv", COLLECTIONS + b"Best,3,2024/05/gone.jpg,\r\n"),
    )
    [album] = found.albums
    assert (album.title, album.key) == ("Best", "albums Best")
    assert album.members == (two.id, one.id, late.id)
    assert album.absent == ("2024/05/gone.jpg",)


def test_a_table_of_the_persons_own_is_no_list_of_ours() -> None:
    own = paper("out/collections.csv", b"stamp,year\r\nblue,1890\r\n")
    ours = paper("manifest.csv", b"path,sha256,bytes,captured_at\r\n")
    found = understand(own, ours)
    assert found.papers == {own.id: "document", ours.id: "other"}


def test_what_is_flagged_and_corrected_is_counted() -> None:
    thing = medium("I.jpg", captured="2024-05-01T10:00:00")
    found = understand(thing, paper("I.yml", PHOTO + "Private: true\n"))
    assert found.notes == {"favourite": 1, "hidden": 1, "conflicts": 1}


def test_the_order_of_the_files_does_not_matter() -> None:
    things = [medium(f"p{n % 3}/I{n // 2}.{'jpg' if n % 2 else 'cr2'}") for n in range(40)]
    things += [paper(f"p{n % 3}/I{n}.xmp", words(str(n))) for n in range(30)]
    things += [paper(f"p{n % 3}/I{n}.jpg.xmp", exported("Best")) for n in range(25)]
    things += [paper(f"sidecar/I{n}.yml", PHOTO) for n in range(10)]
    expected = understand(*things)
    for seed in range(5):
        random.Random(seed).shuffle(things)
        assert understand(*things) == expected


parts = st.sampled_from(["originals", "sidecar", "IMG", "img", "IMG_01", "", ".", "a"])
endings = st.sampled_from([".jpg", ".cr2", ".mov", ".xmp", ".jpg.xmp", ".yml", ".CR2.XMP", ""])
paths = st.builds(lambda folders, end: "/".join(folders) + end, st.lists(parts), endings)
contents = st.sampled_from([words("Sea"), PHOTO.encode(), ALBUM.encode(), b"", b"\0"])


@given(st.lists(st.tuples(paths, st.integers(1, 2), contents), max_size=12))
def test_whatever_the_names_every_sidecar_is_used_or_named(
    files: list[tuple[str, int, bytes]],
) -> None:
    kind = Sidecars()
    things = [
        paper(path, raw, part=part) if kind.is_paper(path, 9) else medium(path, part=part)
        for path, part, raw in files
    ]
    found = understand(*things)
    used = {number for said in found.said.values() for number in said.papers}
    sidecars = {number for number, what in found.papers.items() if what == "sidecar"}
    assert used <= sidecars
    assert found.notes.get("sidecars without a file", 0) == len(sidecars - used)


def test_time_grows_with_the_number_of_files_only() -> None:
    def seconds(count: int) -> float:
        things = [medium(f"p/I{n % 7}.{n}.jpg") for n in range(count)]
        things += [paper(f"p/I{n % 7}.{n}.xmp", words("Sea")) for n in range(count)]
        things += [paper(f"sidecar/I{n % 7}.{n}.yml", PHOTO) for n in range(count)]
        start = time.process_time()
        understand(*things)
        return time.process_time() - start

    few = min(seconds(60) for _ in range(3))
    assert min(seconds(480) for _ in range(3)) < 8 * few * 3


@pytest.mark.parametrize(
    ("path", "size", "expected"),
    [
        ("p/I.jpg.xmp", 1000, True),
        ("p/I.XMP", None, True),
        ("p/I.xmp", 9_000_000, False),
        ("p/I.yml", 1000, True),
        ("p/I.yaml", 5 << 20, False),
        ("out/collections.csv", 1000, True),
        ("out/other.csv", 1000, False),
        ("p/I.jpg", 1000, False),
        ("xmp", 10, False),
    ],
)
def test_what_is_a_paper(path: str, size: int | None, expected: bool) -> None:
    assert Sidecars().is_paper(path, size) is expected


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("/mnt/usb/Photos", "folder", "usb/Photos"),
        ("/mnt/immich/download-1.zip", "zip", None),
        ("/pp/originals", "folder", "pp/originals"),
        ("/pp/storage/sidecar", "folder", None),
        ("/", "folder", None),
    ],
)
def test_a_folder_is_an_export_of_its_own(path: str, kind: PartKind, name: str | None) -> None:
    assert Sidecars().import_name(Part(Path(path), kind, 1)) == name
