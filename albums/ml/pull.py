"""The one explicit download of Albums: all files of a model, and their hashes afterwards.

`pulled.json` beside the weights records what arrived: size, sha256, the hub's commit, and whether
the hash was published or is trusted because it was the first.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from albums.errors import Conflict
from albums.ml import engines
from albums.ml.hub import Fetched, Progress, fetch, sha256_of

if TYPE_CHECKING:
    from albums.ml.manifest import Known

_PULLED = "pulled.json"


@dataclass(frozen=True)
class Checked:
    """One file, hashed again: `expected` is the manifest's or the first pull's hash."""

    file: str
    ok: bool
    sha256: str | None
    expected: str | None


def pull_model(
    known: Known, folder: Path, hub: str, on_progress: Callable[[Progress], None]
) -> None:
    """Fetches what is missing; goes on where an earlier pull stopped. Errors as in hub.fetch."""
    import httpx

    folder.mkdir(parents=True, exist_ok=True)
    timeout = httpx.Timeout(30, read=60)
    with (
        _alone(folder),
        httpx.Client(base_url=hub, follow_redirects=True, timeout=timeout) as client,
    ):
        pulled = read_pulled(folder)
        for file in known.files:
            if (folder / file.name).exists() and file.name in pulled:
                continue
            fetched = fetch(client, known, file, folder, on_progress)
            if fetched:
                pulled[file.name] = _record(fetched)
                write_json(folder / _PULLED, pulled)
                _forget_derived(folder, [file.name for file in known.files])


def check_files(known: Known, folder: Path) -> Sequence[Checked]:
    """Hashes every file of the model again."""
    pulled = read_pulled(folder)
    checks = []
    for file in known.files:
        path = folder / file.name
        if file.optional and not path.exists():
            continue
        found = sha256_of(path) if path.exists() else None
        expected = file.sha256 or pulled.get(file.name, {}).get("sha256")
        ok = found is not None and expected in (None, found)
        checks.append(Checked(file.name, ok, found, expected))
    return checks


def read_pulled(folder: Path) -> dict[str, dict[str, Any]]:
    """File name -> bytes, sha256, trusted (manifest | hub | first use), commit."""
    return read_json(folder / _PULLED)


def read_json(path: Path) -> dict[str, Any]:
    """A small file of ours; empty where it does not exist."""
    if not path.exists():
        return {}
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def write_json(path: Path, content: dict[str, Any]) -> None:
    with engines.whole(path) as unfinished:
        unfinished.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _record(fetched: Fetched) -> dict[str, Any]:
    row = asdict(fetched)
    del row["name"]
    return row


def _forget_derived(folder: Path, published: Sequence[str]) -> None:
    """What was exported or measured belongs to the files that were here before."""
    for path in (*folder.glob("*.onnx"), *folder.glob("*.npy"), folder / "engine.json"):
        if path.name not in published:
            path.unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One pull of a model at a time, also between processes."""
    with (folder / ".pull.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("This model is being pulled already", hint="Wait for it") from error
        yield
