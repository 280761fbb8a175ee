"""What a document says of itself: when it was written, by whom, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any

from albums.ingest.facts.date_tags import FIRST_PHOTOGRAPH, parse_date
from albums.ingest.facts.offset import Hints, in_place_of, in_zone
from albums.library.facts import PARTLY, Claim

# As PDF, Office, OpenDocument, EPUB, RTF, HTML and mail name it; the first that is there counts.
_CREATED = ("CreationDate", "created", "creation-date", "dcterms.created", "Date")
_MODIFIED = ("ModDate", "modified", "date")
_AUTHORS = ("Author", "initial-creator", "creator", "author", "From")
_TITLES = ("Title", "title", "Subject")
_KEYWORDS = ("Keywords", "keywords", "keyword")
_SURE, _HALF_SURE, _HARDLY = 0.5, 0.3, 0.2  # of a date: more than a name, less than a camera
_WORDS = 0.6  # of title and author
# What programs write who were told nothing: templates' dates, and clocks that count from zero.
_NEVER = {"2013-12-23", "1970-01-01", "1980-01-01", "1601-01-01", "1899-12-30", "1904-01-01"}
_OF_PDF = re.compile(
    r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?\s*(?:(Z)|([+-])(\d\d)'?(\d\d)?)?[\d']*"
)
_NO_TITLE = re.compile(
    r"(?ix) \W* | untitled.* | (unbenannt|sans\stitre|document|dokument|slide|title)\W*\d* |"
    r"((powerpoint\s)?presentation|präsentation|new\sdocument|print|scan)\W*\d* |"
    r"[\w.-]+\.(tmp|dvi|indd|qxd)"
)
_BY_PROGRAM = re.compile(r"^(Microsoft (Word|PowerPoint|Excel)|Word|PowerPoint) - ")


def document_claims(tags: Mapping[str, Any], home: tzinfo, now: datetime) -> Iterator[Claim]:
    """Claims of captured_at (when it was written), modified_at, title and author.

    `tags["document"]` as media.documents.said gives it; `home`: the zone in which a time known only
    in UTC is written.
    """
    said: Mapping[str, Any] = tags.get("document", {})
    hints = Hints(None, (), None, home, now)
    created, modified = _when(said, _CREATED, hints), _when(said, _MODIFIED, hints)
    if written := created or modified:
        when, detail = written
        sure = _HARDLY if PARTLY in detail else _SURE if created else _HALF_SURE
        yield Claim("captured_at", when, "container", sure, detail)
    if modified:
        yield Claim("modified_at", modified[0], "container", _SURE, modified[1])
    if title := _title(said):
        yield Claim("title", title, "container", _WORDS, "the document's own")
    if author := _first(said, _AUTHORS):
        yield Claim("author", author[1], "container", _WORDS, author[0])


def document_keywords(tags: Mapping[str, Any]) -> list[str]:
    """Words that somebody gave it, to be tags."""
    found = _first(tags.get("document", {}), _KEYWORDS)
    words = re.split(r"[,;\n]", found[1]) if found else []
    return [word.strip() for word in words if 0 < len(word.strip()) <= 60]


def _first(said: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, str] | None:
    """The first of these that says something, under its name."""
    return next(((n, str(said[n]).strip()) for n in names if str(said.get(n, "")).strip()), None)


def _title(said: Mapping[str, Any]) -> str | None:
    found = _first(said, _TITLES)
    if found is None or (found[0] == "Subject" and "From" not in said):  # a PDF's is no title
        return None
    title = _BY_PROGRAM.sub("", found[1])
    return None if _NO_TITLE.fullmatch(title) else title


def _when(said: Mapping[str, Any], names: tuple[str, ...], hints: Hints) -> tuple[str, str] | None:
    """ISO 8601, and how it is known."""
    found = _first(said, names)
    if found is None:
        return None
    name, text = found
    parsed = _of_mail(text) if name == "Date" else _parsed(text)
    if parsed is None or not _possible(parsed[0], hints.now):
        return None
    when, partly = parsed
    if when.tzinfo == UTC:  # a moment, and not a clock on a wall
        when, zone = in_place_of(when, hints)
    else:
        when, zone = in_zone(when, None, hints)
    return when.isoformat(timespec="seconds"), f"{name}; {zone}{partly}"


def _parsed(text: str) -> tuple[datetime, str] | None:
    if read := parse_date(text):
        utc = read.when.tzinfo is not None and read.when.utcoffset() == timedelta()
        return (read.when.astimezone(UTC) if utc else read.when), read.partly
    match = _OF_PDF.fullmatch(text)
    if match is None:
        return None
    year, *parts = match.groups()[:6]
    digits = "".join(part or least for part, least in zip(parts, _LEAST, strict=True))
    offset = "+0000" if match[7] else f"{match[8]}{match[9]}{match[10] or '00'}" if match[8] else ""
    try:
        form = "%Y%m%d%H%M%S" + ("%z" if offset else "")
        when = datetime.strptime(year + digits + offset, form)
    except ValueError:
        return None
    partly = "" if match[3] and match[4] else PARTLY
    return (when.astimezone(UTC) if offset in ("+0000", "-0000") else when), partly


_LEAST = ("01", "01", "00", "00", "00")


def _of_mail(text: str) -> tuple[datetime, str] | None:
    try:
        return parsedate_to_datetime(text), ""
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _possible(when: datetime, now: datetime) -> bool:
    if when.year < FIRST_PHOTOGRAPH or f"{when:%Y-%m-%d}" in _NEVER:
        return False
    latest = now + timedelta(hours=1)
    return when <= latest if when.tzinfo else when <= latest.replace(tzinfo=None) + _EAST


_EAST = timedelta(hours=14)  # it is already tomorrow somewhere
