"""Figure 8: how far our facts agree with exiftool's, by field and format: on the sample photos, and
on films made for it (film_facts.py).

exiftool is a second opinion, not truth. `python -m scripts.benchmarks.facts` with ALBUMS_SAMPLES
set lists every disagreement.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from albums.ingest.facts import claims_from
from albums.ingest.facts.date_tags import gps_clock
from albums.media import exif
from scripts.benchmarks import film_facts
from scripts.benchmarks.agreement import Agreement, Near
from scripts.benchmarks.table import Row


def run(samples: Path) -> list[Row]:
    """Rows for README, one a fact."""
    films = rows(film_facts.agreements())
    return rows(agreements(samples)) + (films or [Row("films", "not measured", "no exiftool")])


def rows(found: Iterable[Agreement]) -> list[Row]:
    """One a fact: how many of all agree, and of each format where exiftool has a value."""
    by_fact: dict[str, list[Agreement]] = {}
    for one in found:
        by_fact.setdefault(one.fact, []).append(one)
    return [
        Row(
            fact,
            f"{sum(a.agree for a in all)} of {sum(a.theirs for a in all)} agree",
            f"{sum(a.differ for a in all)} differ, {sum(a.ours_only for a in all)} only ours, "
            f"{sum(a.theirs_only for a in all)} only exiftool's; "
            + ", ".join(f"{a.format} {a.agree}/{a.theirs}" for a in all if a.theirs),
        )
        for fact, all in by_fact.items()
    ]


def agreements(samples: Path) -> list[Agreement]:
    """Agreement by fact and format over `samples`/exif. Raises FileNotFoundError where that is
    absent."""
    found = {(fact, format): Agreement(fact, format) for fact in FACTS for format in FORMATS}
    for path, tags, oracle in _files(samples / "exif"):
        format = next(f for f, types in FORMATS.items() if oracle["FileType"] in types)
        for fact, (ours, theirs) in FACTS.items():
            found[fact, format].note(path, ours(tags), theirs(oracle))
    return list(found.values())


FORMATS = {
    "JPEG": {"JPEG"},
    "HEIF": {"HEIC", "HEIF", "HEIFS"},
    "AVIF": {"AVIF"},
    "TIFF": {"TIFF"},
    "PNG": {"PNG"},
    "WebP": {"WEBP", "Extended WEBP"},
    "GIF": {"GIF"},
    "JPEG XL": {"JXL", "JXL Codestream"},
    "JPEG 2000": {"JP2"},
    "XMP": {"XMP"},
}


def _files(folder: Path) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for line in (folder / "exif_oracle.jsonl").read_text("utf-8").splitlines():
        oracle = json.loads(line)
        tags: dict[str, Any] = exif.read(folder / oracle["path"])
        claims = claims_from(tags, (), None, home=UTC, now=datetime.now(UTC))
        tags["believed"] = {
            claim.field: claim.value for claim in sorted(claims, key=lambda c: c.confidence)
        }
        yield oracle["path"], tags, oracle


def _ours_captured(tags: dict[str, Any]) -> str | None:
    captured = tags["believed"].get("captured_at")
    return captured[:19] if captured else None


def _theirs_captured(oracle: dict[str, Any]) -> str | None:
    """exiftool's DateTimeOriginal, else CreateDate, of any group."""
    text = oracle["DateTimeOriginal"] or oracle["CreateDate"]
    match = re.match(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)", text or "")
    return f"{match[1]}-{match[2]}-{match[3]}T{match[4]}" if match and match[2] != "00" else None


def _ours_offset(tags: dict[str, Any]) -> int | None:
    """Minutes, where an offset is written in the file; offsets worked out from places are extra."""
    detail = tags["exif"].get("OffsetTimeOriginal") or tags["exif"].get("OffsetTime")
    captured = tags["believed"].get("captured_at")
    offset = datetime.fromisoformat(captured).utcoffset() if captured and detail else None
    return None if offset is None else offset // timedelta(minutes=1)


def _theirs_offset(oracle: dict[str, Any]) -> int | None:
    match = re.fullmatch(r"([+-])(\d\d):(\d\d)", oracle["OffsetTime"] or "")
    if not match:
        return None
    return (int(match[2]) * 60 + int(match[3])) * (-1 if match[1] == "-" else 1)


def _ours_place(tags: dict[str, Any]) -> Near | None:
    location = tags["believed"].get("location")
    return Near(*location) if location else None


def _theirs_place(oracle: dict[str, Any]) -> Near | None:
    point = oracle["GPSLatitude"], oracle["GPSLongitude"]
    return Near(*point) if None not in point else None


def _tag(*names: str) -> Callable[[dict[str, Any]], str | None]:
    """A text as written in EXIF, else XMP, without outer blanks."""

    def written(tags: dict[str, Any]) -> str | None:
        found = (tags["xmp" if ":" in name else "exif"].get(name) for name in names)
        return next((str(text).strip() for text in found if text and str(text).strip()), None)

    return written


def _theirs(name: str) -> Callable[[dict[str, Any]], str | None]:
    return lambda oracle: None if oracle[name] is None else str(oracle[name]).strip() or None


def _ours_fraction(tags: dict[str, Any]) -> str | None:
    text = str(tags["exif"].get("SubSecTimeOriginal") or "").strip("\x00 ")
    return text if text.isdigit() else None


def _theirs_fraction(oracle: dict[str, Any]) -> str | None:
    text = str(oracle["SubSecTimeOriginal"] or "").strip()
    return text if text.isdigit() else None


def _ours_height(tags: dict[str, Any]) -> float | None:
    metres = tags["exif"].get("GPSAltitude")
    return round(metres, 2) if isinstance(metres, int | float) else None


def _theirs_height(oracle: dict[str, Any]) -> float | None:
    metres = oracle["GPSAltitude"]
    return round(metres, 2) if isinstance(metres, int | float) else None


def _ours_gps_clock(tags: dict[str, Any]) -> str | None:
    clock = gps_clock(tags["exif"])
    return clock.strftime("%Y:%m:%d %H:%M:%S") if clock else None


def _theirs_gps_clock(oracle: dict[str, Any]) -> str | None:
    text = str(oracle["GPSDateTime"] or "")[:19]
    return text if re.fullmatch(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d", text) else None


def _ours_keywords(tags: dict[str, Any]) -> list[str] | None:
    words = tags["xmp"].get("dc:subject") or tags["iptc"].get("Keywords")
    return _listed(words)


def _theirs_keywords(oracle: dict[str, Any]) -> list[str] | None:
    return _listed(oracle["Keywords"])


def _listed(words: object) -> list[str] | None:
    if not words:
        return None
    return sorted(map(str, words)) if isinstance(words, list) else [str(words)]


def _theirs_size(oracle: dict[str, Any]) -> list[int] | None:
    size: list[int] | None = (oracle["decode"] or {}).get("upright_size")
    return size


Reading = Callable[[dict[str, Any]], object]
FACTS: dict[str, tuple[Reading, Reading]] = {
    "captured time": (_ours_captured, _theirs_captured),
    "offset, where written": (_ours_offset, _theirs_offset),
    "GPS": (_ours_place, _theirs_place),
    "make": (_tag("Make", "tiff:Make"), _theirs("Make")),
    "model": (_tag("Model", "tiff:Model"), _theirs("Model")),
    "lens": (_tag("LensModel", "MakerNoteLensModel", "exifEX:LensModel"), _theirs("LensModel")),
    "orientation": (_tag("Orientation", "tiff:Orientation"), _theirs("Orientation")),
    "sub-seconds": (_ours_fraction, _theirs_fraction),
    "GPS height": (_ours_height, _theirs_height),
    "GPS clock": (_ours_gps_clock, _theirs_gps_clock),
    "keywords": (_ours_keywords, _theirs_keywords),
    "upright size": (lambda t: t["upright_size"], _theirs_size),
}

if __name__ == "__main__":
    for one in [*agreements(Path(os.environ["ALBUMS_SAMPLES"])), *film_facts.agreements()]:
        for path, ours, theirs in one.disagreements:
            print(f"{one.fact}: {path}: ours {ours!r}, exiftool {theirs!r}")
