"""The film inside a motion photo is where it is, whatever the file says."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from albums.media.moving import MovingPart, find
from tests.media import motion_photos as made

FILM = made.clip()
WAYS: dict[str, Callable[[bytes], bytes]] = {
    "micro video": made.micro_video,
    "motion photo": made.motion_photo,
    "samsung": made.samsung,
    "mpvd": made.heic,
}


def found_in(content: bytes, tmp_path: Path) -> MovingPart:
    path = tmp_path / "photo"
    path.write_bytes(content)
    return find(path)


@pytest.mark.parametrize("standard", WAYS)
def test_each_way_to_put_a_film_into_a_photo_is_read(standard: str, tmp_path: Path) -> None:
    photo = WAYS[standard](FILM)
    found = found_in(photo, tmp_path)
    assert photo[found.offset : found.offset + found.length] == FILM
    assert (found.standard, found.mime, found.duration) == (standard, "video/mp4", 2.5)
    assert found.warning == ""


@pytest.mark.parametrize("photo", [made.micro_video(FILM), made.motion_photo(FILM)])
def test_the_still_is_the_photo_up_to_its_end(photo: bytes, tmp_path: Path) -> None:
    found = found_in(photo, tmp_path)
    assert photo[: found.still_length] == photo.removesuffix(FILM)


def test_samsungs_still_ends_before_the_trailer_and_that_of_heic_before_the_box(
    tmp_path: Path,
) -> None:
    assert found_in(made.samsung(FILM), tmp_path).still_length == len(made.still())
    photo = made.heic(FILM)
    assert found_in(photo, tmp_path).still_length == photo.index(FILM) - 8


def test_a_heic_whose_picture_goes_on_behind_the_film_is_its_own_still(tmp_path: Path) -> None:
    photo = made.heic(FILM, after=made.box(b"mdat", bytes(10)))
    assert found_in(photo, tmp_path).still_length == len(photo)


def test_padding_and_a_gain_map_before_the_film_belong_to_neither_and_to_the_still(
    tmp_path: Path,
) -> None:
    padded = made.motion_photo(FILM, padding=24)
    found = found_in(padded, tmp_path)
    assert padded[found.offset :] == FILM
    assert padded[: found.still_length].endswith(b"\xff\xd9")
    mapped = made.motion_photo(FILM, gain_map=made.still())
    found = found_in(mapped, tmp_path)
    assert mapped[found.offset :] == FILM
    assert mapped[: found.still_length].endswith(made.still())


def test_when_the_still_was_taken_is_kept_in_seconds(tmp_path: Path) -> None:
    assert found_in(made.motion_photo(FILM), tmp_path).presented == 1.5


def test_what_stands_behind_the_film_is_no_part_of_it(tmp_path: Path) -> None:
    """Samsung's newer JPEGs: the length in the XMP counts the trailer as well."""
    trailer = made.sef((0x0A31, b"MotionPhoto_Version", b"mpv3"))
    photo = made.motion_photo(FILM + trailer)
    found = found_in(photo, tmp_path)
    assert photo[found.offset : found.offset + found.length] == FILM


def test_where_the_length_is_wrong_the_trailer_still_tells_where_the_film_is(
    tmp_path: Path,
) -> None:
    trailer = made.samsung(FILM).removeprefix(made.still())
    photo = made.with_xmp(made.still(), MOTION_WRONG, made.items(*WRONG_ITEMS)) + trailer
    found = found_in(photo, tmp_path)
    assert photo[found.offset : found.offset + found.length] == FILM
    assert (found.standard, found.warning) == ("samsung", "")


MOTION_WRONG = made.MOTION
WRONG_ITEMS = (("Primary", 0, 0), ("MotionPhoto", 77, 0))


@pytest.mark.parametrize(
    "photo",
    [
        made.micro_video(b""),  # the film was cut away
        made.micro_video(FILM, offset=len(FILM) - 4),
        made.micro_video(FILM[:60]),
        made.micro_video(b"\0\0\0\x10ftypmp42" + bytes(300)),
        made.motion_photo(b"no film at all" * 20),
        made.with_xmp(made.still(), made.MOTION),
        made.samsung(b"no film"),
        made.heic(b"no film"),
    ],
)
def test_a_photo_whose_film_is_gone_is_a_plain_photo_with_a_warning(
    photo: bytes, tmp_path: Path
) -> None:
    found = found_in(photo, tmp_path)
    assert (found.length, found.still_length) == (0, 0)
    assert "no film" in found.warning


@pytest.mark.parametrize(
    "photo",
    [
        made.still(),
        made.with_xmp(made.still(), 'GCamera:MotionPhoto="0"'),
        made.still() + made.sef((0x0A01, b"Image_UTC_Data", b"1700000000000")),
        made.still() + FILM,  # nobody says that it belongs there
        b"",
        b"\xff\xd8\xff",
    ],
)
def test_a_photo_that_does_not_move_gives_no_warning(photo: bytes, tmp_path: Path) -> None:
    assert found_in(photo, tmp_path) == MovingPart()


def test_a_film_that_was_cut_off_in_its_frames_goes_as_far_as_it_goes(tmp_path: Path) -> None:
    head = made.box(b"ftyp", b"mp42\0\0\0\0mp42") + made.box(b"moov", bytes(8))
    cut = head + made.box(b"mdat", bytes(900))[:500]
    photo = made.micro_video(cut)
    found = found_in(photo, tmp_path)
    assert photo[found.offset : found.offset + found.length] == cut


def test_a_film_as_apple_writes_it_is_called_so(tmp_path: Path) -> None:
    film = made.box(b"ftyp", b"qt  \0\0\0\0qt  ") + made.box(b"moov", b"")
    assert found_in(made.micro_video(film), tmp_path).mime == "video/quicktime"


def _check(content: bytes, found: MovingPart) -> None:
    """What is found lies in the file and begins as a film does, or nothing is."""
    if found.length == 0:
        assert found.offset == 0
        return
    assert 0 < found.offset < found.offset + found.length <= len(content)
    assert 0 < found.still_length <= len(content)
    assert content[found.offset + 4 : found.offset + 8] == b"ftyp"
    assert b"moov" in content[found.offset : found.offset + found.length]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    standard=st.sampled_from(sorted(WAYS)),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12),
    cut=st.floats(0.3, 1),
)
def test_whatever_is_changed_in_it_what_is_found_is_in_the_file(
    standard: str, changes: list[tuple[float, int]], cut: float, tmp_path: Path
) -> None:
    content = bytearray(WAYS[standard](FILM))
    for where, byte in changes:
        content[min(int(where * len(content)), len(content) - 1)] = byte
    content = content[: int(cut * len(content))]
    _check(bytes(content), found_in(bytes(content), tmp_path))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    numbers=st.lists(
        st.tuples(
            st.sampled_from(["Primary", "GainMap", "MotionPhoto"]),
            st.integers(-(10**20), 10**20),
            st.integers(-(10**20), 10**20),
        ),
        max_size=6,
    )
)
def test_no_number_in_a_container_leads_out_of_the_file(
    numbers: list[tuple[str, int, int]], tmp_path: Path
) -> None:
    photo = made.with_xmp(made.still(), made.MOTION, made.items(*numbers)) + FILM
    _check(photo, found_in(photo, tmp_path))


@pytest.mark.slow
def test_two_thousand_broken_motion_photos_harm_nobody(tmp_path: Path) -> None:
    chance = random.Random(6)
    ways = [*WAYS.values()]
    for number in range(2000):
        content = bytearray(ways[number % len(ways)](FILM))
        for _ in range(chance.randint(1, 30)):
            at = chance.randrange(len(content))
            match chance.randrange(4):
                case 0:
                    content[at] = chance.randrange(256)
                case 1:
                    content[at : at + 4] = chance.randbytes(4)
                case 2:
                    del content[at : at + chance.randrange(1, 50)]
                case 3:
                    content[at:at] = chance.choice([b"\xff\xff\xff\xff", b"ftyp", b"SEFT", b"moov"])
            if not content:
                break
        _check(bytes(content), found_in(bytes(content), tmp_path))


def test_the_motion_photo_of_a_real_phone_is_taken_apart(tmp_path: Path) -> None:
    samples = os.environ.get("ALBUMS_SAMPLES")
    path = Path(samples or "", "exif/immich-test-assets/formats/motionphoto/samsung-one-ui-6.heic")
    if not samples or not path.is_file():
        pytest.skip("ALBUMS_SAMPLES names no folder with the samples of exif/")
    found = find(path)
    assert (found.length, found.still_length) == (3_226_469, 452_276)  # as exiftool says
    assert (found.standard, found.presented) == ("mpvd", 3.0)
