"""Thousands of files with mutated bytes go in: the box keeps each of them, and lives."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import piexif
import pillow_heif
from PIL import Image

from tests.media.films import seeds as films
from tests.torture.box import Box
from tests.torture.mutations import mutated
from tests.torture.witness import Broken

_AT_ONCE = 250  # files an import
_MORE_MEMORY = 400 << 20  # bytes; above what the box takes for the first files


def feed_rubbish(box: Box, scratch: Path, rng: Random, times: int) -> None:
    """`times` mutated files through the whole pipeline. Raises Broken."""
    box.start()
    seeds = dict(_seeds())
    kept: set[str] = set()
    first_peak = 0
    for start in range(0, times, _AT_ONCE):
        folder = scratch / f"rubbish-{start}"
        folder.mkdir()
        sent = {}
        for number in range(start, min(start + _AT_ONCE, times)):
            name, content = mutated(rng, seeds)
            (folder / f"{number:05}-{name}").write_bytes(content)
            sent[hashlib.sha256(content).hexdigest()] = name
        peak = _take_in(box, folder)
        first_peak = first_peak or peak
        if peak > first_peak + _MORE_MEMORY:
            raise Broken([f"memory grows: {peak >> 20} MiB after {first_peak >> 20} MiB"])
        _all_here(box, sent)
        kept |= sent.keys()
        print(f"{len(kept)} kept, {peak >> 20} MiB", flush=True)
    box.end()


def _take_in(box: Box, folder: Path) -> int:
    """Import, and wait until nothing is left to do. The highest memory on the way, in bytes."""
    peak = 0
    with box.client() as client:
        job = client.post("/api/v1/imports", json={"path": str(folder)}).raise_for_status().json()
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline:
            peak = max(peak, box.memory)
            running = client.get(f"/api/v1/imports/{job['id']}").json()
            if not running["running"] and client.get("/api/v1/status").json()["idle"]:
                if running["failed"] or running["state"] != "done":
                    raise Broken([running])
                return peak
            time.sleep(0.2)
    raise Broken([f"{folder} does not come to an end"])


def _all_here(box: Box, sent: dict[str, str]) -> None:
    with box.client() as client:
        answers = client.post("/api/v1/have", json={"hashes": list(sent)}).json()["answers"]
        missing = [f"{sent[sha]} {sha}" for sha, state in answers.items() if state != "kept"]
        if missing:
            raise Broken(missing)
        for sha in sent:
            original = client.get(f"/api/v1/assets/{sha}/original")
            if hashlib.sha256(original.content).hexdigest() != sha:
                raise Broken([f"{sent[sha]} {sha} comes back changed"])


def _seeds() -> Iterator[tuple[str, bytes]]:
    """One good file of each kind."""
    pillow_heif.register_heif_opener()
    picture = Image.effect_noise((160, 120), 60).convert("RGB")
    exif = piexif.dump(
        {
            "0th": {piexif.ImageIFD.Make: b"Canon", piexif.ImageIFD.Orientation: 6},
            "Exif": {piexif.ExifIFD.DateTimeOriginal: b"2024:07:01 12:00:00"},
            "GPS": {
                piexif.GPSIFD.GPSLatitudeRef: b"N",
                piexif.GPSIFD.GPSLatitude: ((38, 1), (42, 1), (0, 1)),
                piexif.GPSIFD.GPSLongitudeRef: b"W",
                piexif.GPSIFD.GPSLongitude: ((9, 1), (8, 1), (0, 1)),
            },
        }
    )
    for extension, options in (
        ("jpg", {"exif": exif, "quality": 80}),
        ("png", {"exif": exif}),
        ("webp", {"exif": exif}),
        ("tiff", {"compression": "tiff_lzw"}),
        ("gif", {}),
        ("bmp", {}),
        ("heic", {"exif": exif}),
        ("avif", {"exif": exif}),
    ):
        buffer = io.BytesIO()
        kind = {"jpg": "JPEG", "heic": "HEIF"}.get(extension, extension.upper())
        picture.save(buffer, kind, **options)
        yield f"photo.{extension}", buffer.getvalue()
    yield "film.mp4", _film()
    yield from films().items()
    yield "photo.xmp", _XMP
    yield "photo.jpg.json", json.dumps({"title": "photo.jpg", "description": "a beach"}).encode()
    yield (
        "paper.pdf",
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>",
    )


def _film() -> bytes:
    """The boxes of a QuickTime film that a phone makes, without its frames."""

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content) + 8) + kind + content

    header = struct.pack(">IIIIIHH", 0, 3_600_000_000, 3_600_000_000, 1000, 5000, 1, 0x100)
    place = box(b"\xa9xyz", struct.pack(">HH", 18, 0x15C7) + b"+38.7000-009.1333/")
    moov = box(b"moov", box(b"mvhd", header + bytes(76)) + box(b"udta", place))
    return box(b"ftyp", b"qt  \0\0\0\0qt  ") + moov + box(b"mdat", bytes(2000))


_XMP = b"""<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>
<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description
xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='4' xmp:CreateDate='2024-07-01T12:00:00'/>
</rdf:RDF></x:xmpmeta><?xpacket end='w'?>"""
