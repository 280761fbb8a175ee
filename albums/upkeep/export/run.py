"""The export: choose places, copy what is not there, write sidecars and lists, read all back."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path

from albums.library.database import Library
from albums.upkeep.export import links
from albums.upkeep.export.check import check
from albums.upkeep.export.manifest import (
    COLLECTIONS,
    MANIFEST,
    SUMS,
    Before,
    as_csv,
    as_sums,
    read_before,
)
from albums.upkeep.export.progress import Progress
from albums.upkeep.export.said import Said, leaving, said_of
from albums.upkeep.export.target import NotExported, Target, open_target
from albums.upkeep.export.tree import SIDECAR, Leaving, places, twin_of, twins
from albums.upkeep.export.xmp import MARK, packet
from albums.vault import Vault

_COPIERS = 4  # threads; while one waits for the disk another hashes
_BATCH = 64  # assets that come to the disk together
_BATCH_BYTES = 128 << 20  # or so many bytes: that much a run that is killed does again


@dataclass
class _Run:
    """One export under way."""

    target: Target
    vault: Vault
    before: Before
    progress: Progress
    places: dict[str, str]  # SHA-256 -> path
    twins: dict[str, str]  # SHA-256 of a RAW photo -> path of its sidecar for Lightroom
    sums: dict[str, str] = field(default_factory=dict)  # path -> SHA-256


def export(
    folder: Path,
    library: Library,
    vault: Vault,
    progress: Progress,
    stop: threading.Event,
    *,
    with_trash: bool = False,
) -> None:
    """Write the library to `folder` as a tree; `progress.complete` says whether all is there.

    A second run copies only what is not there yet. Raises BadInput for a folder that cannot be
    exported to, DiskFull, and AlbumsError when the disk does not take any more.
    """
    target = open_target(folder, library.path.parent)
    try:
        before = read_before(target.root)
        with library.read() as db:
            assets = leaving(db, with_trash=with_trash)
        progress.assets, progress.bytes_total = len(assets), sum(a.size for a in assets)
        chosen = places(assets, before.places, partial(_free, target, before))
        run = _Run(target, vault, before, progress, chosen, twins(assets, chosen))
        _copy_all(run, assets, library, stop)
        if not stop.is_set():
            _write_lists(run, assets, library)
            progress.state = "checking"
            check(target.root, assets, progress, stop)
        progress.end("stopped" if stop.is_set() else "done")
    finally:
        target.close()


def _free(target: Target, before: Before, path: str, asset: Leaving) -> bool:
    """Whether this asset may lie at `path`: nothing is there, or the asset itself."""
    if os.path.lexists(target / path) and not _holds(target, path, asset):
        return False
    sidecar = path + SIDECAR
    return (
        sidecar in before.sums
        or not os.path.lexists(target / sidecar)
        or _is_sidecar_of_ours(target / sidecar)
    )


def _holds(target: Target, path: str, asset: Leaving) -> bool:
    return target.holds(path, asset.sha, asset.size, asset.seconds)


def _is_sidecar_of_ours(path: Path) -> bool:
    with path.open("rb") as file:
        return MARK in file.read(400)


def _copy_all(
    run: _Run, assets: Sequence[Leaving], library: Library, stop: threading.Event
) -> None:
    _move(run, assets)
    new = [asset for asset in assets if not os.path.lexists(run.target / run.places[asset.sha])]
    run.target.expect_room(sum(asset.size for asset in new))
    run.progress.state = "copying"
    with ThreadPoolExecutor(_COPIERS, thread_name_prefix="export") as copiers:
        for batch in _batches(assets):
            if stop.is_set():
                return
            with library.read() as db:
                said = said_of(db, [asset.id for asset in batch])
            work = [(asset, said[asset.id]) for asset in batch if asset.id in said]
            for sums in copiers.map(lambda one: _one(run, one[0], one[1], stop), work):
                run.sums |= sums
            for path in run.target.finish():
                del run.sums[path]
                run.progress.fail(path, "A file of another program came to lie under this name")


def _batches(assets: Sequence[Leaving]) -> Iterator[Sequence[Leaving]]:
    batch: list[Leaving] = []
    for asset in assets:
        batch.append(asset)
        if len(batch) == _BATCH or sum(a.size for a in batch) >= _BATCH_BYTES:
            yield batch
            batch = []
    yield batch


def _move(run: _Run, assets: Sequence[Leaving]) -> None:
    """What lies where its date or name had it before goes where they have it now."""
    by_sha = {asset.sha: asset for asset in assets}
    for sha, old in run.before.places.items():
        asset, new = by_sha.get(sha), run.places.get(sha)
        if asset is None or new is None:
            if os.path.lexists(run.target / old):
                run.progress.gone.add(old, "It does not leave any more; it stays here")
        elif new != old and not os.path.lexists(run.target / new):
            _move_one(run, asset, old, new)


def _move_one(run: _Run, asset: Leaving, old: str, new: str) -> None:
    if _holds(run.target, old, asset):
        run.target.move(old, new)
        _move_sidecar(run, old + SIDECAR, new + SIDECAR)
        twin = run.twins.get(asset.sha)
        if twin and twin_of(old) in run.before.sums.keys() - set(run.before.places.values()):
            _move_sidecar(run, twin_of(old), twin)
        run.progress.moved += 1


def _move_sidecar(run: _Run, old: str, new: str) -> None:
    if os.path.lexists(run.target / old) and not os.path.lexists(run.target / new):
        run.target.move(old, new)
        run.before.sums[new] = run.before.sums.pop(old, "")


def _one(run: _Run, asset: Leaving, said: Said, stop: threading.Event) -> dict[str, str]:
    """Original and sidecar of one asset; returns their hashes by path."""
    path = run.places[asset.sha]
    if stop.is_set():
        return {}
    try:
        if _holds(run.target, path, asset):
            run.target.date(path, asset.seconds)
            run.progress.present_already(asset.size)
        else:
            source = run.vault.originals.path(asset.sha, asset.extension)
            size = run.target.put(path, source, asset.sha, asset.seconds)
            run.progress.copy_done(size)
        content = packet(said)
        sums = {path: asset.sha} | _sidecar(run, path + SIDECAR, content)
        if twin := run.twins.get(asset.sha):
            sums |= _sidecar(run, twin, content)
        return sums
    except NotExported as error:
        run.progress.fail(path, str(error))
        return {}


def _sidecar(run: _Run, path: str, content: bytes) -> dict[str, str]:
    """Write it where it is new or ours. What another program wrote into it stays."""
    try:
        there = (run.target / path).read_bytes()
    except FileNotFoundError:
        there = None
    if there == content:
        return {path: sha256(content).hexdigest()}
    if there is not None and not _may_replace(there, run.before.sums.get(path)):
        run.progress.keep(path, "Another program changed it; it stays as it is")
        return {}
    written = run.target.write(path, content, over=there is not None)
    run.progress.sidecar_written()
    return {path: written}


def _may_replace(there: bytes, written_before: str | None) -> bool:
    if written_before:
        return sha256(there).hexdigest() == written_before
    return MARK in there[:400]


def _write_lists(run: _Run, assets: Sequence[Leaving], library: Library) -> None:
    there = {sha: path for sha, path in run.places.items() if path in run.sums}
    with library.read() as db:
        found = links.collections(db, there)
    kind = links.kind_of_links(run.target)
    rows = links.link(run.target, found, run.before.links, kind)
    run.progress.collections, run.progress.linked = len(found), kind
    manifest = as_csv(
        MANIFEST,
        (
            (there[a.sha], a.sha, a.size, a.captured_at, a.received_at, a.name)
            for a in assets
            if a.sha in there
        ),
    )
    for name, content in ((MANIFEST, manifest), (COLLECTIONS, as_csv(COLLECTIONS, rows))):
        run.sums[name] = run.target.write(name, content, over=True)
    run.target.write(SUMS, as_sums(run.sums), over=True)
    run.target.finish()
