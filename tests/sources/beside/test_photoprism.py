"""What PhotoPrism's YAML says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.sources.beside.photoprism import PhotoYaml, read_album, read_photo
from albums.sources.beside.yaml_tree import read
from tests.sources.things import ODD

PHOTO = """\
TakenAt: 2016-01-10T10:15:06Z
TakenAtLocal: 2016-01-10T11:15:06Z
TakenSrc: manual
UID: pr9tsib2qf7dfegc
Type: image
Title: Brandenburg Gate
TitleSrc: manual
Description: |-
  In winter,
  at noon
DescriptionSrc: meta
Favorite: true
TimeZone: Europe/Berlin
PlaceSrc: manual
Lat: 52.5163
Lng: 13.3777
Year: 2016
Details:
  Keywords: gate, berlin, gate
  KeywordsSrc: meta
  Subject: Ana, Bo
  SubjectSrc: marker
CreatedAt: 2022-04-04T17:27:47Z
"""


def photo(text: str = PHOTO, /, **changes: str | None) -> PhotoYaml:
    """With lines replaced, or taken away where None."""
    lines = [line for line in text.splitlines() if line.split(":")[0] not in changes]
    lines += [f"{name}: {value}" for name, value in changes.items() if value is not None]
    found = read_photo(read("\n".join(lines).encode()))
    assert found
    return found


def values(found: PhotoYaml, captured: str | None = None) -> dict[str, Any]:
    own = datetime.fromisoformat(captured) if captured else None
    return {claim.field: claim.value for claim in found.claims("sidecars", own)}


def sureness(found: PhotoYaml, field: str) -> float:
    return next(c.confidence for c in found.claims("sidecars") if c.field == field)


def test_everything_that_a_person_chose_is_claimed() -> None:
    assert values(photo()) == {
        "captured_at": "2016-01-10T11:15:06+01:00",
        "title": "Brandenburg Gate",
        "description": "In winter,\nat noon",
        "favourite": True,
        "location": [52.5163, 13.3777],
        "keywords": ["gate", "berlin"],
        "people": ["Ana", "Bo"],
    }


def test_what_photoprism_made_up_is_not() -> None:
    found = photo(TitleSrc=None, DescriptionSrc="image", TakenSrc="estimate", PlaceSrc="estimate")
    assert values(found).keys() == {"favourite", "keywords", "people"}
    bare = photo("UID: pr9tsib2qf7dfegc\nType: image\nDetails:\n  Keywords: grey, main\n")
    assert values(bare) == {}


def test_a_caption_is_a_description() -> None:
    found = photo(Caption="By the river", CaptionSrc="manual", Description=None)
    assert values(found)["description"] == "By the river"


def test_a_date_set_by_hand_is_surer_than_one_of_the_name() -> None:
    by = [sureness(photo(TakenSrc=source), "captured_at") for source in ("manual", "meta", "name")]
    assert by == sorted(by, reverse=True)
    assert len(set(by)) == 3


@pytest.mark.parametrize(
    ("changes", "taken"),
    [
        ({"TimeZone": None}, "2016-01-10T11:15:06"),
        ({"TimeZone": "Local"}, "2016-01-10T11:15:06"),
        ({"TimeZone": "UTC"}, "2016-01-10T11:15:06"),
        ({"TakenAtLocal": None}, "2016-01-10T11:15:06+01:00"),
        ({"TakenAtLocal": None, "TimeZone": "No/Where"}, None),
        ({"TakenAtLocal": None, "TimeZone": "../../etc/passwd"}, None),
        ({"TakenAtLocal": None, "TimeZone": None}, "2016-01-10T10:15:06"),
        ({"TakenAtLocal": "0001-01-01T00:00:00Z", "TimeZone": None}, "2016-01-10T10:15:06"),
        ({"TakenAtLocal": "2016-01-12T11:15:06Z"}, "2016-01-12T11:15:06"),  # no such offset
        ({"TakenAt": "0001-01-01T00:00:00Z", "TakenAtLocal": None}, None),
    ],
)
def test_local_time_and_zone(changes: dict[str, str | None], taken: str | None) -> None:
    assert values(photo(**changes)).get("captured_at") == taken


@pytest.mark.parametrize("changes", [{"Private": "true"}, {"DeletedAt": "2020-01-01T00:00:00Z"}])
def test_private_and_archived_photos_are_hidden(changes: dict[str, str]) -> None:
    found = photo(**changes)
    assert values(found)["hidden"] is True
    assert found.archived == ("DeletedAt" in changes)


@pytest.mark.parametrize("place", [("0", "0"), ("91", "1"), ("nan", "1"), ("x", "y")])
def test_no_place_is_no_place(place: tuple[str, str]) -> None:
    assert "location" not in values(photo(Lat=place[0], Lng=place[1]))


@pytest.mark.parametrize(
    "raw", ["a: 1", "- x", "UID: pr9tsib2qf7dfegc", "UID: x\nTakenAt: 2020-01-01T00:00:00Z", ""]
)
def test_other_yaml_is_no_photo(raw: str) -> None:
    assert read_photo(read(raw.encode())) is None


ALBUM = """\
UID: as6sg6bxpoaaaaaa
Slug: berlin-2020
Type: album
Title: Berlin 2020
Description: We still love Berlin!
Photos:
- UID: ps6sg6be2lvl0y11
  CreatedAt: 2020-02-06T02:06:51Z
- UID: ps6sg6be2lvl0yh8
- UID: ps6sg6be2lvl0000
  Hidden: true
"""


def test_an_album_names_its_photos_but_for_those_taken_out() -> None:
    album = read_album(read(ALBUM.encode()))
    assert album
    assert (album.kind, album.title) == ("album", "Berlin 2020")
    assert album.photos == ("ps6sg6be2lvl0y11", "ps6sg6be2lvl0yh8")
    assert read_album(read(PHOTO.encode())) is None
    assert read_photo(read(ALBUM.encode())) is None


KEYS = st.sampled_from(
    ["TakenAt", "TakenAtLocal", "TimeZone", "TakenSrc", "Lat", "Lng", "PlaceSrc", "Details",
     "Title", "TitleSrc", "Photos", "Favorite", "DeletedAt", "Slug", "Type"]
)  # fmt: skip
TREES = st.recursive(
    st.none() | st.text(ODD, max_size=10) | st.sampled_from(["manual", "2016-01-10T10:15:06Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(ODD, max_size=9), inner),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, TREES))
def test_whatever_the_fields_hold_nothing_breaks(fields: dict[str, Any]) -> None:
    found = read_photo({"UID": "pr9tsib2qf7dfegc", "Type": "image", "TakenSrc": "manual"} | fields)
    assert found
    for claim in found.claims("sidecars", datetime(2016, 1, 10)):
        assert isinstance(claim.value, str | list | bool)
    read_album({"UID": "as6sg6bxpoaaaaaa", "Slug": "x"} | fields)
