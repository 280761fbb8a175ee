"""Small Takeouts, and the rooms to import them into."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import piexif
from PIL import Image

from albums.ingest.receive import Receiver
from albums.library.import_receipts import receipt_file, receipt_numbers
from albums.library.imports import FILE, Imports
from albums.media.sandbox import Sandbox
from albums.sources.importing.importer import Asked, ExportProgress, Importer
from albums.sources.importing.run import bring
from albums.sources.takeout.takeout import Takeout
from tests.sources.archives.made import make_zip

PHOTOS = "Takeout/Google Photos"
YEAR = f"{PHOTOS}/Photos from 2019"
FIRST, SECOND = "takeout-20240516T230250Z-001.zip", "takeout-20240516T230250Z-002.zip"
TAKEN = 1_560_000_000  # 8 June 2019, 13:20 UTC


def photo(colour: int, when: str = "") -> bytes:
    """A small JPEG, other bytes for each colour; `when` as EXIF writes it."""
    exif = piexif.dump({"Exif": {piexif.ExifIFD.DateTimeOriginal: when}}) if when else b""
    out = io.BytesIO()
    image = Image.new("RGB", (16, 12), (colour % 256, colour * 7 % 256, colour * 31 % 256))
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def said(title: str, taken: int = TAKEN, **more: Any) -> bytes:
    """The JSON beside a photo."""
    content = {
        "title": title,
        "photoTakenTime": {"timestamp": str(taken)},
        "creationTime": {"timestamp": str(taken + 86400)},
        "geoData": {"latitude": 0.0, "longitude": 0.0},
        "url": f"https://photos.google.com/photo/{title}-{taken}",
    }
    return json.dumps(content | more).encode()


@dataclass
class House:
    """A library that exports are imported into."""

    importer: Importer
    thrown_away: list[str] = field(default_factory=list)

    def bring(self, *paths: Path, again: bool = False, dry_run: bool = False) -> ExportProgress:
        progress = ExportProgress("test", source="takeout", dry_run=dry_run)
        bring(self.importer, Takeout(), Asked(paths, again, dry_run, Event()), progress)
        return progress

    def receipt(self, number: int = 1) -> list[dict[str, Any]]:
        file = receipt_file(self.importer.receiver.library.path.parent, number)
        return [json.loads(line) for line in file.read_bytes().splitlines()]

    def receipts(self) -> list[int]:
        return list(receipt_numbers(self.importer.receiver.library.path.parent))

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        with self.importer.receiver.library.read() as db:
            return [dict(row) for row in db.execute(sql, values)]

    def asset(self, name: str) -> dict[str, Any]:
        [found] = self.rows("select * from assets where name = ?", name)
        return found

    def claims(self, name: str) -> dict[str, Any]:
        rows = self.rows(
            """select field, value from claims join assets on assets.id = asset_id
               where name = ? and claims.source = 'takeout'""",
            name,
        )
        return {row["field"]: json.loads(row["value"]) for row in rows}


def entries(receipt: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The lines about entries, by path."""
    return {line["path"]: line for line in receipt if line["type"] == "entry"}


def up_to_seal(receipt: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [line for line in receipt if line["type"] != "seal"]


def small_export(folder: Path) -> tuple[Path, Path]:
    """Two parts; the JSON of a photo lies in the other one."""
    folder.mkdir(exist_ok=True)
    first = {
        f"{YEAR}/IMG_1.jpg": photo(1, "2019:06:08 15:20:00"),
        f"{YEAR}/IMG_2.jpg": photo(2),
        f"{YEAR}/IMG_2.jpg.json": said("IMG_2.jpg", TAKEN + 100, archived=True),
        f"{YEAR}/IMG_2(1).jpg": photo(3),
        f"{YEAR}/IMG_1-edited.jpg": photo(4),
        f"{PHOTOS}/Lisbon/IMG_1.jpg": photo(1, "2019:06:08 15:20:00"),
        f"{PHOTOS}/Lisbon/metadata.json": json.dumps(
            {"title": "Lisbon: Summer", "description": "By the sea"}
        ).encode(),
    }
    second = {
        f"{YEAR}/IMG_1.jpg.supplemental-metadata.json": said(
            "IMG_1.jpg", description="On the beach", favorited=True, people=[{"name": "Ann"}]
        ),
        f"{YEAR}/IMG_2.jpg.supplemental-metadata(1).json": said("IMG_2.jpg", TAKEN + 200),
        f"{PHOTOS}/Lisbon/IMG_2.jpg.json": said("IMG_2.jpg", TAKEN + 100, archived=True),
        "Takeout/Drive/Taxes/2023.json": b'{"paid": true}',
        "Takeout/Drive/Taxes/note.txt": b"Taxes of 2023",
        "Takeout/archive_browser.html": b"<html></html>",
    }
    return make_zip(folder / FIRST, first), make_zip(folder / SECOND, second)


def house_of(receiver: Receiver, sandbox: Sandbox) -> House:
    thrown: list[str] = []
    imports = Imports(receiver.library, receiver.library.path.parent / FILE)
    return House(Importer(receiver, imports, sandbox, thrown.extend, lambda: None), thrown)
