"""What XMP sidecars of several programs say."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.library.facts import Claim
from albums.sources.beside.xmp_said import XmpSaid, read_xmp
from albums.upkeep.export.said import Caption
from albums.upkeep.export.said import Said as Exported
from albums.upkeep.export.xmp import packet
from tests.sources.things import ODD

NAMESPACES = """
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
  xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
  xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
  xmlns:digiKam="http://www.digikam.org/ns/1.0/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
  xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
  xmlns:MP="http://ns.microsoft.com/photo/1.2/" xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
  xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#"
  xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
"""


def xmp(inside: str = "", attributes: str = "") -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {NAMESPACES} {attributes}>{inside}</rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def said(inside: str = "", attributes: str = "") -> XmpSaid:
    found = read_xmp(xmp(inside, attributes))
    assert found
    return found


def values(found: XmpSaid, captured: str | None = None) -> dict[str, Any]:
    own = datetime.fromisoformat(captured) if captured else None
    return {claim.field: claim.value for claim in found.claims("sidecars", own)}


def moment(found: XmpSaid, captured: str | None = None) -> Claim:
    own = datetime.fromisoformat(captured) if captured else None
    return next(c for c in found.claims("sidecars", own) if c.field == "captured_at")


def listed(name: str, *items: str, kind: str = "Bag") -> str:
    inside = "".join(f"<rdf:li>{item}</rdf:li>" for item in items)
    return f"<{name}><rdf:{kind}>{inside}</rdf:{kind}></{name}>"


def test_immich_says_description_rating_date_place_and_tags() -> None:
    found = said(
        '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">On the pier</rdf:li></rdf:Alt>'
        "</dc:description><exif:DateTimeOriginal>2024-05-01T10:00:00.123+02:00"
        "</exif:DateTimeOriginal><exif:GPSLatitude>38,42.5N</exif:GPSLatitude>"
        "<exif:GPSLongitude>9,8.25W</exif:GPSLongitude><xmp:Rating>4</xmp:Rating>"
        + listed("digiKam:TagsList", "Trips/Lisbon", "Sea", kind="Seq")
    )
    assert values(found) == {
        "description": "On the pier",
        "captured_at": "2024-05-01T10:00:00.123+02:00",
        "location": [38.7083333, -9.1375],
        "rating": 4,
        "keywords": ["Lisbon", "Sea"],
    }


def test_the_second_place_of_a_description_is_read_where_the_first_is_empty() -> None:
    assert values(said("<tiff:ImageDescription>On the pier</tiff:ImageDescription>")) == {
        "description": "On the pier"
    }


def test_darktable_writes_attributes_and_a_date_with_colons() -> None:
    found = said(
        listed("dc:subject", "harbour", "night")
        + listed("lr:hierarchicalSubject", "harbour", "time|night"),
        'xmp:Rating="3" exif:DateTimeOriginal="2020:02:03 04:05:06"',
    )
    assert values(found) == {
        "rating": 3,
        "captured_at": "2020-02-03T04:05:06",
        "keywords": ["harbour", "night"],
    }


def test_people_come_from_regions_and_names() -> None:
    faces = (
        "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:RegionList><rdf:Bag>"
        "<rdf:li rdf:parseType='Resource'><mwg-rs:Name>Ana</mwg-rs:Name>"
        "<mwg-rs:Type>Face</mwg-rs:Type></rdf:li>"
        "<rdf:li rdf:parseType='Resource'><mwg-rs:Name>Rex</mwg-rs:Name>"
        "<mwg-rs:Type>Pet</mwg-rs:Type></rdf:li>"
        "<rdf:li rdf:parseType='Resource'><mwg-rs:Type>Face</mwg-rs:Type></rdf:li>"
        "</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
        "<MP:RegionInfo rdf:parseType='Resource'><MPRI:Regions><rdf:Bag>"
        '<rdf:li MPReg:PersonDisplayName="Ana"/><rdf:li MPReg:PersonDisplayName="Bo"/>'
        "</rdf:Bag></MPRI:Regions></MP:RegionInfo>"
    )
    found = said(faces + listed("Iptc4xmpExt:PersonInImage", "Cleo", "Ana"))
    assert values(found) == {"people": ["Cleo", "Ana", "Bo"]}


def test_apple_writes_plain_texts() -> None:
    found = said(
        "<dc:title>Pier</dc:title><dc:description>At night</dc:description>"
        "<photoshop:DateCreated>2022-01-02T03:04:05-05:00</photoshop:DateCreated>"
        + listed("dc:subject", "sea", kind="Seq")
    )
    assert values(found) == {
        "title": "Pier",
        "description": "At night",
        "captured_at": "2022-01-02T03:04:05-05:00",
        "keywords": ["sea"],
    }


@pytest.mark.parametrize("rating", ["0", "-1", "", "six", "9"])
def test_no_stars_are_no_rating(rating: str) -> None:
    assert values(said(attributes=f'xmp:Rating="{rating}"')) == {}


@pytest.mark.parametrize("date", ["", "2024", "2024-05", "2024-05-01", "0000:00:00 00:00:00"])
def test_a_date_without_time_is_no_moment(date: str) -> None:
    assert values(said(attributes=f'exif:DateTimeOriginal="{date}"')) == {}


@pytest.mark.parametrize(
    ("written", "captured", "confidence"),
    [
        ("2024-05-01T10:00:00+02:00", None, 0.92),
        ("2024-05-01T10:00:00", None, 0.92),
        ("2024-05-01T10:00:00+02:00", "2024-05-01T10:00:00", 0.92),  # adds the zone
        ("2024-05-01T10:00:00", "2024-05-01T10:00:00+02:00", 0.8),  # repeats
        ("2024-05-01T10:00:00.5", "2024-05-01T10:00:00", 0.8),
        ("2024-05-01T08:00:00Z", "2024-05-01T10:00:00", 0.8),  # written in UTC
        ("2024-05-01T09:00:00+02:00", "2024-05-01T10:00:00", 0.96),  # clock set wrong
        ("1985-05-01T09:00:00", "2024-05-01T10:00:00+02:00", 0.96),  # a scan
    ],
)
def test_how_sure_a_date_is_depends_on_what_the_file_says(
    written: str, captured: str | None, confidence: float
) -> None:
    found = moment(said(attributes=f'exif:DateTimeOriginal="{written}"'), captured)
    assert found.confidence == confidence


EXPORTED = Exported(
    sha="ab" * 32,
    name="IMG_1.jpg",
    captured_at="2024-05-01T10:00:00+02:00",
    date_from="exif",
    latitude=38.7083333,
    longitude=-9.1375,
    title="Pier",
    description="At night,\nwith <stars> & moon",
    rating=3,
    favourite=True,
    hidden=True,
    received_at="2024-06-01T00:00:00+00:00",
    tags=("night", "sea", "ship"),
    machine_tags=("ship",),
    people=("Ana", "Bo"),
    collections=("Lisbon", "Best"),
)


def test_what_albums_exports_comes_back_as_it_was() -> None:
    found = read_xmp(packet(EXPORTED))
    assert found
    assert values(found) == {
        "title": EXPORTED.title,
        "description": EXPORTED.description,
        "rating": 3,
        "favourite": True,
        "hidden": True,
        "keywords": ["night", "sea"],
        "people": ["Ana", "Bo"],
        "captured_at": EXPORTED.captured_at,
        "location": [EXPORTED.latitude, EXPORTED.longitude],
    }
    assert found.collections == ("Lisbon", "Best")


def test_stars_that_only_mean_favourite_are_no_rating() -> None:
    found = read_xmp(packet(replace(EXPORTED, rating=None)))
    assert found
    assert "rating" not in values(found)
    assert values(found)["favourite"] is True


def test_words_of_a_model_are_not_taken_for_a_persons() -> None:
    caption = Caption("A ship", "A ship at night.", "model", "1", "2024-01-01T00:00:00Z")
    found = read_xmp(packet(replace(EXPORTED, title=None, description=None, caption=caption)))
    assert found
    assert not {"title", "description"} & values(found).keys()


def test_a_date_that_albums_took_from_the_disk_says_nothing() -> None:
    found = read_xmp(packet(replace(EXPORTED, date_from="file")))
    assert found
    assert "captured_at" not in values(found)


def test_only_albums_own_sidecars_speak_of_collections_and_flags() -> None:
    forged = 'xmlns:albums="http://albums.invalid/ns/1.0/" albums:hidden="True"'
    assert values(said(listed("dc:subject", "sea"), forged)) == {"keywords": ["sea"]}


@pytest.mark.parametrize("raw", [b"", b"\0", b"<", b"<a/>", b"\xff\xfe<", b"<!DOCTYPE x []><x/>"])
def test_what_is_no_xmp_says_nothing(raw: bytes) -> None:
    found = read_xmp(raw)
    assert found is None or found.claims("sidecars") == []


NAMES = st.sampled_from(
    ["dc:title", "dc:subject", "exif:DateTimeOriginal", "exif:GPSLatitude", "xmp:Rating",
     "mwg-rs:Regions", "MP:RegionInfo", "albums:sha256", "albums:collections", "albums:rating",
     "albums:machineTags", "Iptc4xmpExt:PersonInImage", "tiff:ImageDescription",
     "digiKam:TagsList", "albums:dateFrom", "albums:titleBy"]
)  # fmt: skip
TREES = st.recursive(
    st.text(ODD, max_size=12) | st.sampled_from(["True", "2024-01-01T00:00:00Z", "9999"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(ODD), inner),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, TREES))
def test_whatever_the_properties_hold_claims_are_of_their_types(found: dict[str, Any]) -> None:
    xmp_said = XmpSaid(found)
    for claim in xmp_said.claims("sidecars", datetime(2024, 1, 1)):
        kinds: dict[str, type] = {"keywords": list, "people": list, "location": list}
        kinds |= {"rating": int, "favourite": bool, "hidden": bool}
        assert isinstance(claim.value, kinds.get(claim.field, str))
    assert all(isinstance(name, str) for name in xmp_said.collections)
