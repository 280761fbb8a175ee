"""Figure 8: how far our facts agree with exiftool's on the sample photos.

exiftool is a second opinion, not truth. `python -m scripts.benchmarks.facts` with ALBUMS_SAMPLES
set lists every disagreement.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from albums.ingest.facts import claims_from
from albums.media import exif
from scripts.benchmarks.table import Row


@dataclass
class Agreement:
    """One row of the table: files where exiftool has a value or we do, and how many agree."""

    fact: str
    agree: int = 0
    ours_only: int = 0
    theirs_only: int = 0
    differ: int = 0
    disagreements: list[tuple[str, object, object]] = field(default_factory=list)

    def note(self, path: str, ours: object, theirs: object) -> None:
        if ours == theirs:
            self.agree += ours is not None
            return
        self.ours_only += theirs is None
        self.theirs_only += ours is None
        self.differ += ours is not None and theirs is not None
        self.disagreements.append((path, ours, theirs))


@dataclass(frozen=True, eq=False)
class Near:
    """A point in degrees; a hundred-thousandth, about a metre, is no difference."""

    latitude: float
    longitude: float

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Near):
            return False
        apart = abs(self.latitude - other.latitude), abs(self.longitude - other.longitude)
        return max(apart) < 1e-5


def run(samples: Path) -> list[Row]:
    """Rows for README."""
    return [
        Row(
            r.fact,
            f"{r.agree} of {r.agree + r.differ + r.theirs_only} agree",
            f"{r.differ} differ, {r.ours_only} only ours, {r.theirs_only} only exiftool's",
        )
        for r in agreements(samples)
    ]


def agreements(samples: Path) -> list[Agreement]:
    """Agreement fact by fact over `samples`/exif. Raises FileNotFoundError where that is absent."""
    rows = {fact: Agreement(fact) for fact in FACTS}
    for path, tags, oracle in _files(samples / "exif"):
        for fact, (ours, theirs) in FACTS.items():
            rows[fact].note(path, ours(tags), theirs(oracle))
    return list(rows.values())


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
    "upright size": (lambda t: t["upright_size"], _theirs_size),
}

if __name__ == "__main__":
    for row in agreements(Path(os.environ["ALBUMS_SAMPLES"])):
        for path, ours, theirs in row.disagreements:
            print(f"{row.fact}: {path}: ours {ours!r}, exiftool {theirs!r}")
