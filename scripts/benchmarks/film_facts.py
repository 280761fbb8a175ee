"""Facts of films beside exiftool's: films made on the spot, into which exiftool writes the tags of
phones and cameras. What it then reads is the second opinion."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from albums.ingest.facts import claims_from
from albums.media import exif
from scripts.benchmarks.agreement import Agreement, Near

_PLACE = "38.7223, -9.1393, 12.3"
_HEADER = "-QuickTime:CreateDate=2023:05:01 08:11:12"  # in UTC, as exiftool writes it
# name of the file: what exiftool writes into it
_FILMS: dict[str, tuple[str, ...]] = {
    "IMG_0001.MOV": (
        _HEADER,
        "-Keys:CreationDate=2023:05:01 09:11:12+01:00",
        f"-Keys:GPSCoordinates={_PLACE}",
        "-Keys:Make=Apple",
        "-Keys:Model=iPhone 14 Pro",
    ),
    "VID_20230501_091112.mp4": (
        _HEADER,
        f"-UserData:GPSCoordinates={_PLACE}",
        "-UserData:Make=samsung",
        "-UserData:Model=SM-S921U",
    ),
    "PXL_20230501_081112000.mp4": (_HEADER, f"-UserData:GPSCoordinates={_PLACE}"),
    "no place.mov": (_HEADER,),
    "older.mov": (
        "-UserData:ContentCreateDate=2011:07:01 18:30:00+02:00",
        "-UserData:Make=Apple",
        "-UserData:Model=iPhone 4",
    ),
    "south and west.mp4": (_HEADER, "-Keys:GPSCoordinates=-33.8568, -70.2153, -4"),
    "nothing.mp4": (),
}


def agreements() -> list[Agreement]:
    """Agreement by fact; none where there is no exiftool on this machine."""
    program = shutil.which("exiftool")
    if program is None:
        return []
    found = {fact: Agreement(f"{fact}, films", "MOV and MP4") for fact in _FACTS}
    with tempfile.TemporaryDirectory() as folder:
        for name, tags in _FILMS.items():
            path = Path(folder) / name
            _make(path)
            if tags:
                _run(program, "-q", "-overwrite_original", *tags, str(path))
            [theirs] = json.loads(_run(program, "-json", "-n", "-api", "QuickTimeUTC=1", str(path)))
            ours = _ours(path)
            for fact, (one, other) in _FACTS.items():
                found[fact].note(name, one(ours), other(theirs))
    return list(found.values())


def _run(*command: str) -> bytes:
    environment = {"TZ": "UTC", "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, env=environment, check=True, capture_output=True).stdout


def _make(path: Path) -> None:
    """Two seconds of film without a date."""
    import av
    import numpy as np

    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(50):
            picture = np.full((180, 320, 3), (number * 5, 90, 40), np.uint8)
            film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        film.mux(stream.encode(None))


def _ours(path: Path) -> dict[str, Any]:
    tags: dict[str, Any] = exif.read(path, path.name)
    claims = claims_from(tags, [path.name], None, home=UTC, now=datetime.now(UTC))
    best = sorted((c for c in claims if c.source != "name"), key=lambda c: c.confidence)
    return {claim.field: claim.value for claim in best} | {"container": tags["container"]}


def _ours_captured(ours: dict[str, Any]) -> datetime | None:
    captured = ours.get("captured_at")
    return datetime.fromisoformat(captured) if captured else None


def _theirs_captured(theirs: dict[str, Any]) -> datetime | None:
    """CreationDate, else ContentCreateDate, else the header's, where 1904 is nothing."""
    for name in ("CreationDate", "ContentCreateDate", "CreateDate"):
        text = str(theirs.get(name) or "")
        match = re.fullmatch(r"(\d{4}):(\d\d):(\d\d) (\S{8})([+-]\d\d:\d\d)?Z?", text)
        if match and match[1] not in ("0000", "1904"):
            day = f"{match[1]}-{match[2]}-{match[3]}"
            return datetime.fromisoformat(f"{day}T{match[4]}{match[5] or '+00:00'}")
    return None


def _ours_place(ours: dict[str, Any]) -> Near | None:
    return Near(*ours["location"]) if "location" in ours else None


def _theirs_place(theirs: dict[str, Any]) -> Near | None:
    point = theirs.get("GPSLatitude"), theirs.get("GPSLongitude")
    return Near(float(point[0]), float(point[1])) if point[0] is not None and point[1] else None


def _written(*names: str) -> Callable[[dict[str, Any]], str | None]:
    def first(ours: dict[str, Any]) -> str | None:
        return next((ours["container"][n] for n in names if ours["container"].get(n)), None)

    return first


def _length(found: dict[str, Any], name: str) -> float | None:
    seconds = found.get(name)
    return round(float(seconds), 1) if seconds else None


Reading = Callable[[dict[str, Any]], object]
_FACTS: dict[str, tuple[Reading, Reading]] = {
    "captured moment": (_ours_captured, _theirs_captured),
    "GPS": (_ours_place, _theirs_place),
    "make": (_written("com.apple.quicktime.make", "make"), lambda t: t.get("Make")),
    "model": (_written("com.apple.quicktime.model", "model"), lambda t: t.get("Model")),
    "duration": (lambda o: _length(o, "duration"), lambda t: _length(t, "Duration")),
    "size": (
        lambda o: (o.get("width"), o.get("height")),
        lambda t: (t.get("ImageWidth"), t.get("ImageHeight")),
    ),
}
