"""What documents say of themselves: dates with their zones, titles, authors, keywords."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.ingest.facts import claims_from
from albums.ingest.facts.document import document_claims, document_keywords
from albums.library.facts import Claim

NOW = datetime(2026, 6, 15, tzinfo=UTC)
HOME = ZoneInfo("Europe/Lisbon")  # in summer an hour ahead of UTC


def claimed(**said: Any) -> dict[str, Claim]:
    return {claim.field: claim for claim in document_claims({"document": said}, HOME, NOW)}


@pytest.mark.parametrize(
    ("written", "when"),
    [
        ("D:20240705101500+02'00'", "2024-07-05T10:15:00+02:00"),
        ("D:20240705101500-05'30", "2024-07-05T10:15:00-05:30"),
        ("D:20240705101500Z", "2024-07-05T11:15:00+01:00"),
        ("D:20240705101500Z00'00'", "2024-07-05T11:15:00+01:00"),
        ("D:20240705101500", "2024-07-05T10:15:00"),
        ("20240705", "2024-07-05T00:00:00"),
        ("2024-07-05T10:15:00Z", "2024-07-05T11:15:00+01:00"),
        ("2024-07-05T10:15:00.123456789", "2024-07-05T10:15:00"),
    ],
)
def test_a_date_of_any_kind_keeps_its_zone(written: str, when: str) -> None:
    assert claimed(CreationDate=written)["captured_at"].value == when


@pytest.mark.parametrize(
    "written",
    ["", "yesterday", "D:00000000", "D:20241340", "D:20990101000000Z", "1601-01-01T00:00:00Z",
     "2013-12-23T23:15:00Z", "D:191081010101", "D:20240705101500+99'99'"],
)  # fmt: skip
def test_a_date_that_cannot_be_is_none(written: str) -> None:
    assert claimed(CreationDate=written) == {}


def test_the_creation_counts_for_more_than_the_last_change_or_half_a_date() -> None:
    both = claimed(created="2024-03-05T10:00:00Z", modified="2024-04-01T08:00:00Z")
    assert both["captured_at"].value == "2024-03-05T10:00:00+00:00"
    assert both["modified_at"].value == "2024-04-01T09:00:00+01:00"
    changed = claimed(modified="2024-04-01T08:00:00Z")["captured_at"]
    half = claimed(date="1999")["captured_at"]
    assert both["captured_at"].confidence > changed.confidence > half.confidence
    assert half.detail.endswith("only in part")


def test_a_mail_is_from_when_it_was_sent() -> None:
    mail = claimed(Date="Tue, 5 Mar 2024 10:00:00 +0100", Subject="Hello", From="Ana <a@b.c>")
    assert mail["captured_at"].value == "2024-03-05T10:00:00+01:00"
    assert (mail["title"].value, mail["author"].value) == ("Hello", "Ana <a@b.c>")


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("Microsoft Word - Lease 2024", "Lease 2024"),
        ("untitled", None),
        ("Document1", None),
        ("letter.tmp", None),
        ("PowerPoint Presentation", None),
        ("Documentation of the garden", "Documentation of the garden"),
    ],
)
def test_a_title_that_a_program_made_up_is_none(title: str, kept: str | None) -> None:
    found = claimed(Title=title).get("title")
    assert (found.value if found else None) == kept


def test_keywords_are_cut_apart() -> None:
    assert document_keywords({"document": {"keyword": "home, tax; ;2024"}}) == [
        "home",
        "tax",
        "2024",
    ]
    assert document_keywords({}) == []


def test_a_documents_own_date_counts_for_more_than_its_name_and_its_file() -> None:
    claims = claims_from(
        {"document": {"CreationDate": "D:20240305101500+01'00'"}},
        ["scan 2024-05-06.pdf"],
        1_600_000_000_000_000_000,
        home=HOME,
        now=NOW,
    )
    sure = {claim.source: claim.confidence for claim in claims if claim.field == "captured_at"}
    assert sorted(sure, key=lambda source: -sure[source]) == ["container", "name", "file"]


@given(
    st.dictionaries(
        st.sampled_from(["CreationDate", "ModDate", "Date", "Title", "created"]), st.text()
    )
)
def test_no_text_breaks_it(said: dict[str, str]) -> None:
    for claim in claimed(**said).values():
        assert claim.value
