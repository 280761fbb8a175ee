"""Reads an exported folder back from the disk: is every asset of the library there, whole?

It trusts nothing that the export remembers: only the library, and the lists and files on the disk.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from albums.upkeep.export.manifest import SUMS, read_places, read_sums
from albums.upkeep.export.progress import Progress
from albums.upkeep.export.tree import SIDECAR, Leaving
from albums.vault.rereading import OnDisk, read_from_disk

_READERS = 4  # threads
_BATCH = 1000  # files that are asked for at once


def check(
    folder: Path, assets: Iterable[Leaving], progress: Progress, stop: threading.Event
) -> None:
    """Count what is whole into `progress`, and name what is not."""
    places, sums = read_places(folder), read_sums(folder)
    originals = {places[a.sha]: a for a in assets if a.sha in places}
    paths = list(sums)
    with ThreadPoolExecutor(_READERS, thread_name_prefix="check") as readers:
        for start in range(0, len(paths), _BATCH):
            batch = paths[start : start + _BATCH]
            found = readers.map(lambda path: _read(folder, path, stop), batch)
            for path, on_disk in zip(batch, found, strict=True):
                if on_disk is None:
                    return
                _judge(path, on_disk, sums[path], originals.get(path), progress)
    for path in originals.keys() - sums.keys():
        progress.wrong.add(path, f"It is not in {SUMS}")


def _read(folder: Path, path: str, stop: threading.Event) -> OnDisk | str | None:
    """What lies there, why it cannot be read, or None when the check is to stop."""
    if stop.is_set():
        return None
    try:
        return read_from_disk(folder / path)
    except OSError as error:
        return error.strerror or str(error)


def _judge(
    path: str, found: OnDisk | str, sha: str, asset: Leaving | None, progress: Progress
) -> None:
    if isinstance(found, str):
        progress.wrong.add(path, found)
    elif found.sha != sha or (asset and found.sha != asset.sha):
        progress.wrong.add(path, "It is damaged: delete it and run the export again")
    elif asset:
        progress.checked_original(found.size)
    elif path.endswith(SIDECAR):
        progress.checked_sidecar()
