"""Figure 10: uploads against a plain hash + write + fsync loop; memory meanwhile."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import httpx

from scripts.benchmarks.box import Box, serving
from scripts.benchmarks.ingest import floor
from scripts.benchmarks.table import Row

_MB = 1_000_000
_HEADERS = {"tus-resumable": "1.0.0", "content-type": "application/offset+octet-stream"}
_CHUNK = 8 << 20  # what clients send in pieces
_BLOCK = 256 * 1024
_SIZES = ((100 * _MB, 10, 1, "100 MB"), (3 * _MB, 100, 4, "3 MB"))  # bytes, files, at once
_FILMS, _FILM = 8, 1_000_000_000


def run(scratch: Path, films: int = _FILMS, film: int = _FILM) -> list[Row]:
    """Both sides write the same bytes to the same disk, in the same run, each into a folder that
    was never there: see `ingest`."""
    scratch = Path(tempfile.mkdtemp(dir=scratch))
    try:
        return [*_speed(scratch), _memory(scratch / "films", films, film)]
    finally:
        shutil.rmtree(scratch)


def _speed(scratch: Path) -> Iterator[Row]:
    for size, count, at_once, label in _SIZES:
        files = [os.urandom(size) for _ in range(count)]
        least = floor(scratch / f"floor {label}", files)
        yield Row(f"plain loop, files of {label}", _rate(files, least))
        for number, (name, upload) in enumerate(_WAYS.items()):
            seconds = _upload(scratch / f"{label} {number}", files, at_once, upload)
            share = f"{least / seconds:.2f} of the loop"
            what = f"{name}, files of {label}, {at_once} at once"
            yield Row(what, _rate(files, seconds), share)


def _rate(files: list[bytes], seconds: float) -> str:
    megabytes = sum(map(len, files)) / _MB
    return f"{len(files) / seconds:.1f} files/s, {megabytes / seconds:.0f} MB/s"


def _upload(
    library: Path,
    files: list[bytes],
    at_once: int,
    upload: Callable[[httpx.Client, bytes], None],
) -> float:
    with _paused(library) as box, box.client(120) as client, ThreadPoolExecutor(at_once) as pool:
        begin = time.perf_counter()
        list(pool.map(lambda content: upload(client, content), files))
        return time.perf_counter() - begin


@contextmanager
def _paused(library: Path) -> Iterator[Box]:
    """A box with an empty library that works on nothing else."""
    with serving(library) as box:
        box.ask("POST", "/api/v1/work/pause").raise_for_status()
        yield box


def _whole(client: httpx.Client, content: bytes) -> None:
    length = str(len(content))
    headers = _HEADERS | {"upload-length": length, "content-length": length}
    client.post("/uploads", headers=headers, content=_blocks(content)).raise_for_status()


def _in_pieces(client: httpx.Client, content: bytes) -> None:
    at = _begin(client, len(content))
    for offset in range(0, len(content), _CHUNK):
        piece = content[offset : offset + _CHUNK]
        headers = _HEADERS | {"upload-offset": str(offset), "content-length": str(len(piece))}
        client.patch(at, headers=headers, content=_blocks(piece)).raise_for_status()


def _form(client: httpx.Client, content: bytes) -> None:
    before = b'--b\r\ncontent-disposition: form-data; name="file"; filename="film.mov"\r\n\r\n'
    after = b"\r\n--b--\r\n"
    length = len(before) + len(content) + len(after)
    headers = {"content-type": "multipart/form-data; boundary=b", "content-length": str(length)}
    body = chain([before], _blocks(content), [after])
    client.post("/ingest", headers=headers, content=body).raise_for_status()


_WAYS = {
    "POST /ingest": _form,
    "/uploads in one request": _whole,
    "/uploads in pieces of 8 MiB": _in_pieces,
}


def _blocks(content: bytes) -> Iterator[bytes]:
    """httpx copies what is left of a large body again and again."""
    for begin in range(0, len(content), _BLOCK):
        yield content[begin : begin + _BLOCK]


def _begin(client: httpx.Client, length: int) -> str:
    headers = {"tus-resumable": "1.0.0", "upload-length": str(length)}
    answer = client.post("/uploads", headers=headers)
    answer.raise_for_status()
    return answer.headers["location"]


def _memory(library: Path, films: int, film: int) -> Row:
    """Each film in one request, all at once; the most that the box had meanwhile."""
    with _paused(library) as box, box.client(600) as client, ThreadPoolExecutor(films) as pool:
        _whole(client, os.urandom(_MB))  # the first upload loads what all need
        idle, highest, over = box.resident_mb(), 0.0, threading.Event()

        def watch() -> None:
            nonlocal highest
            while not over.wait(0.05):
                highest = max(highest, box.resident_mb())

        watching = threading.Thread(target=watch)
        watching.start()
        begin = time.perf_counter()
        list(pool.map(lambda number: _stream(client, number, film), range(films)))
        seconds = time.perf_counter() - begin
        over.set()
        watching.join()
    what = f"memory above idle, {films} x {film / 1e9:.1f} GB at once"
    note = f"{films * film / _MB / seconds:.0f} MB/s together"
    return Row(what, f"{highest - idle:.0f} MB", note)


def _stream(client: httpx.Client, number: int, length: int) -> None:
    at = _begin(client, length)
    headers = _HEADERS | {"upload-offset": "0", "content-length": str(length)}
    client.patch(at, headers=headers, content=_bytes(number, length)).raise_for_status()


def _bytes(number: int, length: int) -> Iterator[bytes]:
    block = os.urandom(_MB - 8) + number.to_bytes(8, "big")
    for begin in range(0, length, _MB):
        yield block[: length - begin]
