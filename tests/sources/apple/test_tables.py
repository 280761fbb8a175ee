"""Apple's tables, as exports have them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.sources.apple.tables import Details, NameList, moment, read_table
from tests.sources.things import ODD

HEADING = "imgName,fileChecksum,favorite,hidden,deleted,originalCreationDate,viewCount,importDate"
TABLE = f"""{HEADING}
IMG_7938.HEIC,AfQj57ORF2JIumUCjO+PawZ9nqPg,yes,no,no,"Saturday June 4,2022 12:11 PM GMT",10,"Saturday June 4,2022 12:12 PM GMT"
"sea, at night.jpg",,no,yes,yes,"Thursday August 29,2013 7:08 AM GMT",0,
"""  # noqa: E501


def test_a_row_says_name_flags_and_moments() -> None:
    table = read_table(TABLE.encode(), 7, listing=False)
    assert isinstance(table, Details)
    first, second = table.rows
    assert (first.paper, first.name, first.checksum) == (
        7, "IMG_7938.HEIC", "AfQj57ORF2JIumUCjO+PawZ9nqPg",
    )  # fmt: skip
    assert (first.favourite, first.hidden, first.deleted) == (True, False, False)
    assert first.taken == datetime(2022, 6, 4, 12, 11, tzinfo=UTC)
    assert first.imported == datetime(2022, 6, 4, 12, 12, tzinfo=UTC)
    assert (second.name, second.hidden, second.deleted) == ("sea, at night.jpg", True, True)
    assert "June 4" in first.line


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Saturday June 4,2022 12:11 PM GMT", "2022-06-04T12:11"),
        ("Saturday January 1,2022 12:00 AM GMT", "2022-01-01T00:00"),
        ("Monday January 2,2023 4:05\u202fPM GMT", "2023-01-02T16:05"),
        ("Saturday June 18,2022 14:00 PM GMT", "2022-06-18T14:00"),
        ("Sunday Sept. 4, 2022, 09:30:15 AM UTC", "2022-09-04T09:30:15"),
        ("2022-06-04T12:11:00Z", "2022-06-04T12:11"),
        ("2022-06-04 14:11:00+02:00", "2022-06-04T12:11"),
        ("2022-06-04", None),
        ("Saturday Juin 31,2022 12:11 PM GMT", None),
        ("Saturday June 31,2022 12:11 PM GMT", None),
        ("Saturday June 4,2022 25:11 GMT", None),
        ("", None),
    ],
)
def test_moments_are_in_gmt(said: str, expected: str | None) -> None:
    found = moment(said)
    assert found == (datetime.fromisoformat(expected).replace(tzinfo=UTC) if expected else None)


def test_moments_that_cannot_be_understood_are_counted() -> None:
    table = read_table(TABLE.replace("June", "Juni?").encode(), 1, listing=False)
    assert isinstance(table, Details)
    assert table.odd_dates == 1


@pytest.mark.parametrize(
    ("raw", "names", "system"),
    [
        (b"Images\nIMG_1.JPG\nIMG_2.MOV\n", ("IMG_1.JPG", "IMG_2.MOV"), False),
        (b"\xef\xbb\xbfimageName\r\nIMG_1.JPG\r\n", ("IMG_1.JPG",), False),
        (b"imgName\n\nIMG_1.JPG\n", ("IMG_1.JPG",), True),
        (b"", (), False),
    ],
)
def test_lists_of_names(raw: bytes, names: tuple[str, ...], system: bool) -> None:
    assert read_table(raw, 1, listing=True) == NameList(names, system)


@pytest.mark.parametrize("raw", [b"", b"name,phone\nAnn,1\n", b"Wishes\ncamera\n", b"\0\xff"])
def test_a_table_of_the_persons_own_is_none_of_apples(raw: bytes) -> None:
    assert read_table(raw, 1, listing=False) is None


@given(
    st.binary(max_size=200) | st.text(ODD, max_size=200).map(lambda t: f"{HEADING}\n{t}".encode())
)
def test_any_bytes_are_read_without_failing(raw: bytes) -> None:
    table = read_table(raw, 1, listing=False)
    assert table is None or isinstance(table, Details | NameList)


def test_an_endless_field_ends_the_table() -> None:
    table = read_table(f'{HEADING}\nA.jpg,,,,,,,\n"{"x" * 200_000}'.encode(), 1, listing=False)
    assert isinstance(table, Details)
    assert [row.name for row in table.rows] == ["A.jpg"]
