"""Rebuild: the database of 20,000 assets anew from their files, and what bounds it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from albums.library.audit import hash_of
from albums.upkeep.rebuild import rebuild
from scripts.benchmarks.library import PLACES, captions
from scripts.benchmarks.table import Row

ASSETS = 20_000
_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


def run(scratch: Path) -> list[Row]:
    """From files that memory does not hold; then what reading them alone takes."""
    library = scratch / "rebuild"
    shutil.rmtree(library, ignore_errors=True)
    sidecars = _make_files(library, ASSETS)
    size = sum(path.stat().st_size for path in sidecars)
    _forget(sidecars)
    begin, busy = time.perf_counter(), time.process_time()
    done = rebuild(library, UTC)
    seconds, busy = time.perf_counter() - begin, time.process_time() - busy
    assert (done.assets, done.anew, done.left_out) == (ASSETS, [], [])
    _forget(sidecars)
    reading = _seconds_to_read(sidecars)
    database = (library / "albums.db").stat().st_size
    shutil.rmtree(library)
    return [
        Row(f"rebuild of {ASSETS:,} assets", f"{seconds:.1f} s, {ASSETS / seconds:,.0f} assets/s",
            f"sidecars of {size / ASSETS / 1000:.1f} kB, database of {database / 1e6:.0f} MB"),
        Row("of it, this program computes", f"{busy / seconds:.0%}",
            "the rest it waits: for the disk, or its turn"),
        Row("only reading and parsing the sidecars, one after the other",
            f"{reading:.1f} s", f"{reading / seconds:.0%} of the rebuild"),
    ]  # fmt: skip


def _seconds_to_read(sidecars: list[Path]) -> float:
    begin = time.perf_counter()
    for path in sidecars:
        json.loads(path.read_bytes())
    return time.perf_counter() - begin


def _make_files(library: Path, count: int) -> list[Path]:
    """Originals of a few bytes, sidecars as the pipeline leaves them, an entry of the log each."""
    originals, paths = library / "originals", []
    previous = "0" * 64
    library.mkdir(parents=True)
    with (library / "audit.jsonl").open("w") as log:
        for number, text in enumerate(captions(count)):
            content = f"original {number}".encode()
            sha = hashlib.sha256(content).hexdigest()
            folder = originals / sha[:2]
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{sha}.jpg").write_bytes(content)
            path = folder / f"{sha}.sidecar.json"
            sidecar = _sidecar(sha, number, text, len(content))
            path.write_text(json.dumps(sidecar, indent=1, sort_keys=True))
            paths.append(path)
            entry = _entry(number + 1, sha, previous)
            previous = entry["hash"]
            log.write(json.dumps(entry, sort_keys=True) + "\n")
    return paths


def _entry(number: int, sha: str, previous: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": number,
        "at": _BEGIN.isoformat(timespec="milliseconds"),
        "actor": "tailscale://galaxy-s24",
        "action": "ingested",
        "sha": sha,
        "detail": {"name": f"IMG_{number}.jpg", "size": 3_000_000},
        "previous": previous,
    }
    return entry | {"hash": hash_of(entry)}


def _sidecar(sha: str, number: int, text: str, size: int) -> dict[str, Any]:
    taken = (_BEGIN + timedelta(minutes=37 * number)).isoformat()
    *_, latitude, longitude = PLACES[number % len(PLACES)]
    exif = {f"Tag{n}": f"value {n} of {number}" for n in range(40)}
    tags = list(dict.fromkeys(text.split()[:12]))
    caption = {"title": text[:30], "description": text, "model": "qwen", "engine": "onnx",
               "version": "qwen:1", "written_at": taken}  # fmt: skip
    claims = [
        _claim("captured_at", taken, "exif"), _claim("captured_at", taken, "name"),
        _claim("location", [latitude, longitude], "exif"), _claim("make", "Samsung", "exif"),
        _claim("camera", "Galaxy S24", "exif"), _claim("lens", "wide", "exif"),
        _claim("width", 4000, "container"), _claim("height", 3000, "container"),
    ]  # fmt: skip
    arrival = {"at": taken, "name": f"IMG_{number}.jpg", "folder": "DCIM", "source": "upload",
               "origin": "tailscale://galaxy-s24", "key": None, "modified_ns": 1,
               "size": size}  # fmt: skip
    machine = {"captured_at": taken, "claims": claims, "exif": {"exif": exif},
               "caption": caption, "tags": [{"tag": tag, "source": "caption", "score": 1.0}
                                            for tag in tags]}  # fmt: skip
    said = {"person": {"claims": [_claim("rating", 4, "person")], "tags": ["best"],
                       "caption": None, "refused_tags": [], "trashed_at": None,
                       "at": taken}}  # fmt: skip
    return {
        "schema": 1, "sha": sha, "sha1": sha[:40], "md5": sha[:32], "size": size,
        "extension": ".jpg", "mime": "image/jpeg", "kind": "photo", "claims": [],
        "collections": ["Best"] if number % 20 == 0 else [], "arrivals": [arrival],
        "machine": machine,
    } | (said if number % 20 == 0 else {})  # fmt: skip


def _claim(field: str, value: Any, source: str) -> dict[str, Any]:
    return {"field": field, "value": value, "source": source, "confidence": 0.9, "detail": "tag"}


def _forget(files: list[Path]) -> None:
    """Written, and out of memory."""
    os.sync()
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
