"""One file from the model hub over HTTPS: resumable, verified, all or nothing."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from albums.errors import AlbumsError, Conflict, DiskFull, NotFound, Refused

if TYPE_CHECKING:
    import httpx

    from albums.ml.manifest import Known, ModelFile

_ATTEMPTS = 5  # in a row without a byte of progress
_SPARE = 64 << 20  # left free on the disk


@dataclass(frozen=True)
class Progress:
    """Bytes of one file so far; `total` is None where the hub does not say."""

    file: str
    done: int
    total: int | None


@dataclass(frozen=True)
class Fetched:
    """One file as it arrived. `trusted` names what its hash was checked against."""

    name: str
    bytes: int
    sha256: str
    trusted: str  # manifest | hub | first use
    commit: str | None


class Corrupt(AlbumsError):
    """What arrived or lies on the disk is not the file that was published."""

    status, exit_code, code = 502, 11, "corrupt"


class Unreachable(AlbumsError):
    """The hub cannot be reached or broke off."""

    status, exit_code, code = 502, 12, "unreachable"


def fetch(
    client: httpx.Client,
    known: Known,
    file: ModelFile,
    folder: Path,
    on_progress: Callable[[Progress], None],
) -> Fetched | None:
    """Brings one file into `folder`; goes on where an earlier try stopped.

    None where the file is optional and the hub has none. Raises NotFound, Refused, DiskFull,
    Corrupt or Unreachable; only after a full disk or a wrong hash nothing of it stays.
    """
    part = folder / f"{file.name}.part"
    failures = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            return _receive(client, known, file, part, on_progress)
        except _NotThere:
            if file.optional:
                return None
            raise
        except OSError as error:
            part.unlink(missing_ok=True)
            raise _disk(error, file) from error
        except _broken() as error:
            after = part.stat().st_size if part.exists() else 0
            failures = 0 if after > before else failures + 1
            if failures >= _ATTEMPTS or _refused(error):
                raise _unreachable(error, known) from error


class _NotThere(NotFound):
    pass


def _receive(
    client: httpx.Client,
    known: Known,
    file: ModelFile,
    part: Path,
    on_progress: Callable[[Progress], None],
) -> Fetched:
    have = part.stat().st_size if part.exists() else 0
    url = f"/{known.hub}/resolve/{known.revision}/{file.folder}{file.name}"
    # A compressed answer could not be resumed, nor its length be known.
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    with client.stream("GET", url, headers=headers) as answer:
        if answer.status_code == 416:  # the part is longer than the file
            part.unlink()
            return _receive(client, known, file, part, on_progress)
        _check_status(answer, known, file)
        resumed = answer.status_code == 206 and _starts_at(answer, have)
        have = have if resumed else 0
        length = answer.headers.get("Content-Length")
        total = file.bytes or (have + int(length) if length else None)
        _check_room(part.parent, (total or have) - have, file)
        with part.open("ab" if resumed else "wb") as out:
            for piece in answer.iter_raw():
                out.write(piece)
                have += len(piece)
                on_progress(Progress(file.name, have, total))
            out.flush()
            os.fsync(out.fileno())
        return _settle(part, file, _said(answer))


def _settle(part: Path, file: ModelFile, said: dict[str, str | None]) -> Fetched:
    """Checks the whole file and gives it its name."""
    found = sha256_of(part)
    expected = file.sha256 or said["sha256"]
    if expected and found != expected:
        part.unlink()
        raise Corrupt(
            f"{file.name} is not the file that was published",
            why=f"its SHA-256 is {found[:12]}…, expected {expected[:12]}…",
            hint="Nothing of it was kept; try again, or look for a proxy in between",
        )
    name = part.with_suffix("")
    part.replace(name)
    _sync_folder(name.parent)
    trusted = "manifest" if file.sha256 else "hub" if expected else "first use"
    return Fetched(file.name, name.stat().st_size, found, trusted, said["commit"])


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _said(answer: httpx.Response) -> dict[str, str | None]:
    """What the hub says of the file, on the way to the storage it redirects to."""
    said: dict[str, str | None] = {"commit": None, "sha256": None}
    for response in (*answer.history, answer):
        said["commit"] = said["commit"] or response.headers.get("X-Repo-Commit")
        etag = response.headers.get("X-Linked-Etag", "").strip('"')
        if re.fullmatch(r"[0-9a-f]{64}", etag):  # a hash of large files; small ones have git's
            said["sha256"] = said["sha256"] or etag
    return said


def _starts_at(answer: httpx.Response, have: int) -> bool:
    return str(answer.headers.get("Content-Range", "")).startswith(f"bytes {have}-")


def _check_status(answer: httpx.Response, known: Known, file: ModelFile) -> None:
    if answer.status_code == 404:
        raise _NotThere(
            f"The hub has no file {file.name} of {known.id}",
            why=f"{known.hub} at revision {known.revision} answered 404",
            hint="A newer Albums may know where it went",
        )
    if answer.status_code in (401, 403):
        raise Refused(f"The hub does not give out {known.id}", why="it asks for an account")
    if answer.status_code not in (200, 206):
        raise Unreachable(
            f"The hub could not send {file.name}",
            why=f"it answered {answer.status_code}",
            hint="Try again later; what has arrived is kept",
        )


def _check_room(folder: Path, wanted: int, file: ModelFile) -> None:
    free = shutil.disk_usage(folder).free
    if wanted + _SPARE > free:
        raise DiskFull(
            f"There is no room for {file.name}",
            why=f"it needs {wanted >> 20} MB and {free >> 20} MB are free",
            hint="Make room, then pull again",
        )


def _disk(error: OSError, file: ModelFile) -> AlbumsError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"The disk filled up at {file.name}", hint="Make room, then pull again")
    return Conflict(f"{file.name} cannot be written", why=str(error))


def _broken() -> type[Exception]:
    import httpx

    return httpx.TransportError


def _refused(error: Exception) -> bool:
    import httpx

    return isinstance(error, httpx.ConnectError | httpx.UnsupportedProtocol)


def _unreachable(error: Exception, known: Known) -> Unreachable:
    return Unreachable(
        f"The download of {known.id} broke off",
        why=str(error) or type(error).__name__,
        hint="Run the pull again; it goes on where it stopped",
    )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
