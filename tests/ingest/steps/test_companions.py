"""Live photos and their films, photos and their raw files: joined in whatever order they come."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import piexif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from albums.ingest.late import Later, say
from albums.ingest.receive import Receiver
from albums.ingest.step import Skipped, Tools
from albums.ingest.steps.companions import CompanionsStep
from albums.ingest.steps.facts import FactsStep
from albums.ingest.together import belong
from albums.library.companions import Taken, companions_of
from albums.library.facts import Claim
from albums.media import belonging
from tests.ingest.steps.conftest import Do, Keep

ID = "6F5A1C2E-9B7D-4E0A-8C31-0123456789AB"
OTHER_ID = "00000000-9B7D-4E0A-8C31-0123456789AB"
NOON = datetime(2024, 7, 1, 12, 0, 0, tzinfo=UTC)


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def film(
    content_id: str = "", created: str = "", header: datetime | None = NOON, *, mp4: bool = False
) -> bytes:
    """A film without frames, with Apple's metadata as a phone writes it (and as MP4 wraps it)."""
    texts = {"content.identifier": content_id, "creationdate": created}
    texts = {f"com.apple.quicktime.{key}": text for key, text in texts.items() if text}
    keys = b"".join(box(b"mdta", key.encode()) for key in texts)
    values = b"".join(
        box(struct.pack(">I", number), box(b"data", struct.pack(">II", 1, 0) + text.encode()))
        for number, text in enumerate(texts.values(), 1)
    )
    meta = (
        box(b"hdlr", bytes(8) + b"mdta" + bytes(13))
        + box(b"keys", struct.pack(">II", 0, len(texts)) + keys)
        + box(b"ilst", values)
    )
    seconds = int((header - datetime(1904, 1, 1, tzinfo=UTC)).total_seconds()) if header else 0
    mvhd = box(b"mvhd", struct.pack(">IIIII", 0, seconds, seconds, 600, 1800) + bytes(80))
    moov = box(b"moov", mvhd + box(b"meta", (bytes(4) if mp4 else b"") + meta))
    kind = b"mp42\0\0\0\0mp42" if mp4 else b"qt  \0\0\0\0qt  "
    return box(b"ftyp", kind) + box(b"mdat", b"frames") + moov


def apple_note(content_id: str) -> bytes:
    """Apple's maker note with the identifier alone."""
    text = content_id.encode() + b"\0"
    entry = struct.pack(">HHII", 0x0011, 2, len(text), 14 + 2 + 12 + 4)
    return b"Apple iOS\0\0\1MM" + struct.pack(">H", 1) + entry + bytes(4) + text


def still(
    content_id: str = "", taken: str = "2024:07:01 12:00:01", offset: str = "+00:00", seed: int = 1
) -> bytes:
    exif: dict[int, Any] = {}
    if taken:
        exif[piexif.ExifIFD.DateTimeOriginal] = taken.encode()
    if offset:
        exif[piexif.ExifIFD.OffsetTimeOriginal] = offset.encode()
    if content_id:
        exif[piexif.ExifIFD.MakerNote] = apple_note(content_id)
    out = BytesIO()
    Image.new("RGB", (8, 8), (seed, 0, 0)).save(out, "JPEG", exif=piexif.dump({"Exif": exif}))
    return out.getvalue()


def raw(taken: str = "2024:07:01 12:00:01") -> bytes:
    """The head of a Canon raw file: a TIFF with the time it was taken."""
    exif = piexif.dump({"Exif": {piexif.ExifIFD.DateTimeOriginal: taken.encode()}})
    tiff = bytearray(exif[6:])
    assert tiff[:2] == b"MM"
    return bytes(tiff)


def join(do: Do, *ids: int) -> None:
    for asset_id in ids:
        do(FactsStep(), asset_id)
        do(CompanionsStep(), asset_id)


def roles(tools: Tools, asset_id: int) -> list[tuple[str, str]]:
    with tools.library.read() as db:
        return [(c["name"], c["role"]) for c in companions_of(db, asset_id)]


def test_a_live_photo_and_its_film_are_joined_by_apples_identifier_whichever_way_they_come(
    tools: Tools, keep: Keep, do: Do
) -> None:
    photo = keep(still(ID), "IMG_1.JPG", source="inbox", origin="inbox://iphone", folder="a")
    moving = keep(film(ID), "renamed.mov", origin="tailscale://iphone")
    join(do, photo, moving)
    assert roles(tools, photo) == [("renamed.mov", "moving part")]
    assert roles(tools, moving) == [("IMG_1.JPG", "still photo")]


def test_the_one_that_comes_second_finds_the_first(tools: Tools, keep: Keep, do: Do) -> None:
    moving = keep(film(ID), "IMG_1.MOV")
    join(do, moving)
    assert roles(tools, moving) == []
    photo = keep(still(ID), "IMG_1.JPG")
    join(do, photo)
    assert roles(tools, moving) == [("IMG_1.JPG", "still photo")]


def test_an_identifier_in_an_mp4_is_read_too(tools: Tools, keep: Keep, do: Do) -> None:
    photo, moving = keep(still(ID), "a.jpg"), keep(film(ID, mp4=True), "b.mp4")
    join(do, photo, moving)
    assert roles(tools, photo) == [("b.mp4", "moving part")]


def test_without_an_identifier_origin_folder_name_and_time_join(
    tools: Tools, keep: Keep, do: Do
) -> None:
    photo = keep(still(), "IMG_1.HEIC", folder="DCIM")
    moving = keep(film(created="2024-07-01T14:00:00+0200"), "img_1.mov", folder="DCIM")
    join(do, photo, moving)
    assert roles(tools, photo) == [("img_1.mov", "moving part")]


@pytest.mark.parametrize(
    "other",
    [
        {"folder": "elsewhere"},
        {"origin": "tailscale://tablet"},
        {"name": "IMG_2.MOV"},
        {"content": film(created="2024-07-01T12:01:00+0000")},
        {"content": film(header=None)},
    ],
)
def test_another_folder_device_name_or_time_joins_nothing(
    tools: Tools, keep: Keep, do: Do, other: dict[str, Any]
) -> None:
    fields = {"content": film(created="2024-07-01T12:00:00+0000"), "name": "IMG_1.MOV"} | other
    photo, moving = keep(still(), "IMG_1.JPG"), keep(**fields)
    join(do, photo, moving)
    assert roles(tools, photo) == []


def test_two_identifiers_that_differ_join_nothing(tools: Tools, keep: Keep, do: Do) -> None:
    photo, moving = keep(still(ID), "IMG_1.JPG"), keep(film(OTHER_ID), "IMG_1.MOV")
    join(do, photo, moving)
    assert roles(tools, photo) == []


def test_a_photo_whose_zone_is_unknown_is_joined_across_the_offset(
    tools: Tools, keep: Keep, do: Do
) -> None:
    photo = keep(still(taken="2024:07:01 05:00:03", offset=""), "IMG_1.JPG")
    moving = keep(film(header=NOON), "IMG_1.MOV")
    join(do, photo, moving)
    assert roles(tools, photo) == [("IMG_1.MOV", "moving part")]


def test_a_raw_file_belongs_to_its_photo(tools: Tools, keep: Keep, do: Do) -> None:
    photo = keep(still(offset=""), "DSC_1.JPG")
    negative = keep(raw(), "DSC_1.NEF")
    join(do, negative, photo)
    assert roles(tools, photo) == [("DSC_1.NEF", "raw file")]
    assert roles(tools, negative) == [("DSC_1.JPG", "still photo")]


def test_a_second_arrival_joins_what_the_first_did_not_say(
    tools: Tools, keep: Keep, do: Do
) -> None:
    moving = keep(film(), "IMG_1.MOV", folder="DCIM")
    photo = keep(still(), "upload.jpg")
    join(do, moving, photo)
    assert roles(tools, photo) == []
    keep(still(), "IMG_1.JPG", folder="DCIM")
    join(do, photo)
    assert roles(tools, photo) == [("IMG_1.MOV", "moving part")]


@pytest.mark.parametrize("first", ["photo", "film"])
def test_a_film_that_an_export_calls_the_clip_of_a_photo_joins_it_until_that_is_taken_back(
    receiver: Receiver, tools: Tools, keep: Keep, do: Do, first: str
) -> None:
    photo = keep(still(), "IMG_1(2).JPG", folder="2024")
    moving = keep(film(header=None), "IMG_1.MP4", folder="elsewhere")
    with tools.library.read() as db:
        shas = {row["id"]: row["sha"] for row in db.execute("select id, sha from assets")}
    claim = Claim("clip_of", shas[photo], "takeout", 0.9)
    say(receiver, [Later(shas[moving], "takeout", (claim,))], "takeout://takeout-x")
    join(do, *((photo, moving) if first == "photo" else (moving, photo)))
    assert roles(tools, photo) == [("IMG_1.MP4", "moving part")]
    assert roles(tools, moving) == [("IMG_1(2).JPG", "still photo")]

    say(receiver, [Later(shas[moving], "takeout")], "takeout://takeout-x")
    join(do, moving)
    assert roles(tools, photo) == []


def test_apples_identifiers_know_better_than_an_export(
    receiver: Receiver, tools: Tools, keep: Keep, do: Do
) -> None:
    photo, moving = keep(still(ID), "IMG_1.JPG"), keep(film(OTHER_ID), "IMG_1.MP4")
    with tools.library.read() as db:
        shas = {row["id"]: row["sha"] for row in db.execute("select id, sha from assets")}
    claim = Claim("clip_of", shas[photo], "takeout", 0.9)
    say(receiver, [Later(shas[moving], "takeout", (claim,))], "takeout://takeout-x")
    join(do, photo, moving)
    assert roles(tools, photo) == []


def test_what_is_in_the_trash_is_no_companion(tools: Tools, keep: Keep, do: Do) -> None:
    photo, moving = keep(still(ID), "a.jpg"), keep(film(ID), "a.mov")
    join(do, photo, moving)
    with tools.library.write() as db:
        db.execute("update assets set trashed_at = 'now' where id = ?", (moving,))
    assert roles(tools, photo) == []


def test_other_files_are_left_alone(tools: Tools, keep: Keep, do: Do) -> None:
    [outcome] = do(CompanionsStep(), keep(b"just words", "notes.txt"))
    assert isinstance(outcome, Skipped)


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00+1400", "9999-12-31T23:59:59-1400", "x"])
def test_a_film_from_outside_of_the_calendar_is_joined_by_its_header(
    tools: Tools, keep: Keep, do: Do, created: str
) -> None:
    photo, moving = keep(still(), "IMG_1.JPG"), keep(film(created=created), "IMG_1.MOV")
    join(do, photo, moving)
    assert roles(tools, photo) == [("IMG_1.MOV", "moving part")]


FILES = {
    "IMG_1.JPG": still(ID),
    "IMG_1.MOV": film(ID, created="2024-07-01T12:00:00+0000"),
    "IMG_1 edited.JPG": still(ID, seed=2),
    "IMG_2.JPG": still("", "2024:07:01 13:00:00", seed=3),
    "IMG_2.MOV": film("", header=datetime(2024, 7, 1, 13, 0, 2, tzinfo=UTC)),
    "IMG_2.NEF": raw("2024:07:01 13:00:00"),
}
TOGETHER = {
    "IMG_1.JPG": ["IMG_1.MOV"],
    "IMG_1.MOV": ["IMG_1 edited.JPG", "IMG_1.JPG"],
    "IMG_1 edited.JPG": ["IMG_1.MOV"],
    "IMG_2.JPG": ["IMG_2.MOV", "IMG_2.NEF"],
    "IMG_2.MOV": ["IMG_2.JPG"],
    "IMG_2.NEF": ["IMG_2.JPG"],
}


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.permutations(list(FILES)), again=st.lists(st.sampled_from(list(FILES)), max_size=4))
def test_the_order_of_arrival_changes_nothing(
    tools: Tools, keep: Keep, do: Do, order: list[str], again: list[str]
) -> None:
    with tools.library.write() as db:
        for table in ("companions", "taken_places", "taken", "exif"):
            db.execute(f"drop table if exists {table}")
        db.execute("delete from assets")
    ids = {}
    for name in [*order, *again]:
        ids[name] = keep(FILES[name], name)
        join(do, ids[name])
    found = {name: [n for n, _ in roles(tools, asset_id)] for name, asset_id in ids.items()}
    assert found == TOGETHER


moments = st.one_of(st.none(), st.integers(0, 40).map(lambda n: n * 450))
takens = st.builds(
    Taken,
    st.integers(1, 9),
    st.sampled_from(["photo", "raw", "film"]),
    st.sampled_from([None, ID, OTHER_ID]),
    moments,
    st.booleans(),
    st.frozensets(st.sampled_from(["a", "b"])),
    st.sampled_from([None, "still 1", "still 2"]),
)


@given(takens, takens)
def test_belonging_is_mutual(one: Taken, other: Taken) -> None:
    assert belong(one, other) == belong(other, one)


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_a_broken_film_or_photo_never_breaks_the_reader(data: st.DataObject, tmp_path: Any) -> None:
    content = bytearray(data.draw(st.sampled_from([film(ID, "2024-07-01T12:00:00Z"), still(ID)])))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "broken"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    assert belonging.read(path, "a.mov").keys() <= {"content_id", "taken", "header"}
