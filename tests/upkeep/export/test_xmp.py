"""Sidecars are XML whatever is written in them, and readers find what was said."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.ingest.facts.location import location_claims
from albums.ingest.facts.words_in_file import keywords, word_claims
from albums.media import xmp as reader
from albums.upkeep.export.said import Caption, Said, said_of
from albums.upkeep.export.xmp import degrees, packet
from tests.arrivals import arrival_of
from tests.upkeep.export.conftest import House

HOSTILE = st.text(
    st.characters() | st.sampled_from("<>&\"'\x00\x0b\r\n\ufffe\ud800]]><!--"), max_size=60
)
FULL = Said(
    sha="ab" * 32,
    name="IMG.JPG",
    captured_at="2023-07-05T14:30:00+01:00",
    latitude=38.7166667,
    longitude=-9.1333333,
    title="Rua Augusta",
    description='Two lines,\nwith <angles> & "quotes"',
    rating=4,
    received_at="2024-01-01T00:00:00+00:00",
    city="Lisbon",
    region="Lisboa",
    country="Portugal",
    country_code="PT",
    tags=("beach", "família", "rock & roll"),
    machine_tags=("beach",),
    people=("Ann Lee",),
    collections=("Trip",),
    caption=Caption("A street", "A street in a city.", "Qwen", "v1", "2026-01-02T03:04:05+00:00"),
)


def test_our_own_reader_gives_back_what_was_said() -> None:
    found: dict[str, Any] = reader.read(packet(FULL))
    assert found["dc:title"] == FULL.title
    assert found["dc:description"] == FULL.description
    assert found["dc:subject"] == found["lr:hierarchicalSubject"] == list(FULL.tags)
    assert found["digiKam:TagsList"] == list(FULL.tags)
    assert found["xmp:Rating"] == "4"
    assert found["Iptc4xmpExt:PersonInImage"] == ["Ann Lee"]
    for name in ("exif:DateTimeOriginal", "photoshop:DateCreated", "xmp:CreateDate"):
        assert found[name] == FULL.captured_at
    assert found["photoshop:City"] == "Lisbon"
    assert found["Iptc4xmpCore:CountryCode"] == "PT"
    tags = {"xmp": found, "exif": {}, "iptc": {}}
    believed = {claim.field: claim.value for claim in word_claims(tags)}
    assert believed == {"title": FULL.title, "description": FULL.description, "rating": 4}
    assert keywords(tags) == list(FULL.tags)
    [place] = location_claims(tags)
    assert place.value == pytest.approx([FULL.latitude, FULL.longitude], abs=1e-8)


def test_the_words_of_a_model_are_told_from_those_of_people() -> None:
    found: dict[str, Any] = reader.read(packet(FULL))
    assert found["albums:descriptionBy"] == "human"
    assert found["albums:machineDescription"] == "A street in a city."
    assert found["albums:machineModel"] == "Qwen"
    assert found["albums:machineTags"] == ["beach"]
    alone = Said(sha="cd", name="b.jpg", title="Mine", caption=FULL.caption)
    found = reader.read(packet(alone))
    assert (found["dc:title"], found["albums:titleBy"]) == ("Mine", "human")
    assert found["dc:description"] == "A street in a city."
    assert found["albums:descriptionBy"] == "machine"


def test_the_time_of_a_file_is_not_said_to_be_that_of_the_photo(house: House) -> None:
    guessed = house.albums.receiver.receive(arrival_of(b"one", "a.bin"))
    known = house.take_in(b"two", "b.bin", captured_at="2023-07-05T14:30:00+01:00")
    with house.albums.library.read() as db:
        said = {one.sha: one for one in said_of(db, [1, 2]).values()}
    found = reader.read(packet(said[guessed.sha]))
    assert found["albums:dateFrom"] in ("file", "arrival")
    assert "exif:DateTimeOriginal" not in found
    assert found["xmp:CreateDate"] == said[guessed.sha].captured_at
    assert reader.read(packet(said[known]))["albums:dateFrom"] == "person"


def test_a_favourite_has_five_stars_unless_it_was_rated() -> None:
    assert reader.read(packet(Said("a", "b", favourite=True)))["xmp:Rating"] == "5"
    rated = reader.read(packet(Said("a", "b", favourite=True, rating=3)))
    assert (rated["xmp:Rating"], rated["albums:favourite"]) == ("3", "True")
    assert "xmp:Rating" not in reader.read(packet(Said("a", "b")))


def test_a_tag_with_a_separator_does_not_become_a_path() -> None:
    found: dict[str, Any] = reader.read(packet(Said("a", "b", tags=("ac/dc", "a|b", "plain"))))
    assert found["dc:subject"] == ["ac/dc", "a|b", "plain"]
    assert found["digiKam:TagsList"] == ["a|b", "plain"]
    assert found["lr:hierarchicalSubject"] == ["ac/dc", "plain"]


@given(HOSTILE, HOSTILE, st.lists(HOSTILE, max_size=3))
def test_whatever_is_written_it_is_xml_that_says_the_same(
    title: str, name: str, tags: list[str]
) -> None:
    said = Said(sha="a", name=name, title=title, tags=tuple(tags), collections=tuple(tags))
    content = packet(said)
    ElementTree.fromstring(content)
    found = reader.read(content)
    for written, read in ((title, found.get("dc:title")), (name, found.get("albums:originalName"))):
        assert (read or "") == allowed(written)
    assert found.get("dc:subject", []) == [allowed(tag) for tag in tags if allowed(tag)]


def allowed(text: str) -> str:
    """What XML 1.0 can hold of it: its Char production."""
    return "".join(
        c
        for c in text
        if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c >= "\U00010000"
    ).strip()


@given(st.floats(-90, 90))
def test_a_coordinate_keeps_its_place(value: float) -> None:
    text = degrees(value, "NS")
    whole, minutes = text[:-1].split(",")
    assert 0 <= float(minutes) < 60
    back = (int(whole) + float(minutes) / 60) * (-1 if text[-1] == "S" else 1)
    assert back == pytest.approx(value, abs=1e-9)


def exiftool(*arguments: str | Path) -> dict[str, Any]:
    if not shutil.which("exiftool"):
        pytest.skip("exiftool is not installed (Debian: libimage-exiftool-perl)")
    command = ["exiftool", "-j", "-n", "-charset", "filename=utf8", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    [found] = json.loads(done.stdout)
    return dict(found)


def test_exiftool_reads_the_sidecar(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg.xmp"
    file.write_bytes(packet(FULL))
    found = exiftool("-G1", file)
    assert "ExifTool:Warning" not in found
    assert "ExifTool:Error" not in found
    assert found["XMP-dc:Title"] == FULL.title
    assert found["XMP-dc:Description"] == FULL.description
    assert found["XMP-dc:Subject"] == list(FULL.tags)
    assert found["XMP-lr:HierarchicalSubject"] == list(FULL.tags)
    assert found["XMP-digiKam:TagsList"] == list(FULL.tags)
    assert found["XMP-xmp:Rating"] == 4
    assert found["XMP-exif:DateTimeOriginal"] == "2023:07:05 14:30:00+01:00"
    assert found["XMP-photoshop:DateCreated"] == "2023:07:05 14:30:00+01:00"
    assert found["XMP-xmp:CreateDate"] == "2023:07:05 14:30:00+01:00"
    assert found["XMP-exif:GPSLatitude"] == pytest.approx(FULL.latitude, abs=1e-7)
    assert found["XMP-exif:GPSLongitude"] == pytest.approx(FULL.longitude, abs=1e-7)
    assert found["XMP-photoshop:City"] == "Lisbon"
    assert found["XMP-photoshop:State"] == "Lisboa"
    assert found["XMP-photoshop:Country"] == "Portugal"
    assert found["XMP-iptcCore:CountryCode"] == "PT"
    assert found["XMP-iptcExt:PersonInImage"] == "Ann Lee"


def test_exiftool_embeds_an_exported_sidecar_in_a_copy(
    house: House, make_photo: Any, tmp_path: Path
) -> None:
    sha = house.take_in(make_photo(1), "IMG.JPG", captured_at="2023-07-05T14:30:00+01:00",
                        location=[38.7, -9.1], title="Rua Augusta", favourite=True)  # fmt: skip
    house.tag(sha, "street", machine=("city",))
    house.caption(sha, "A street", "A street in a city.")
    house.collect("Trip", sha)
    assert house.export().complete
    photo = house.out / "2023/07/IMG.JPG"
    copy = tmp_path / "copy.jpg"
    exiftool(photo)  # skips where there is none
    subprocess.run(
        ["exiftool", "-q", "-tagsfromfile", f"{photo}.xmp", "-all:all", "-o", copy, photo],
        check=True,
    )
    found = exiftool(copy)
    assert (found["Title"], found["Description"]) == ("Rua Augusta", "A street in a city.")
    assert found["Subject"] == ["city", "street"]
    assert found["Rating"] == 5
    sidecar = reader.read((house.out / "2023/07/IMG.JPG.xmp").read_bytes())
    assert sidecar["albums:machineTags"] == ["city"]
    assert sidecar["albums:collections"] == ["Trip"]
