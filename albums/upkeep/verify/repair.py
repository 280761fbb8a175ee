"""Brings back what is missing or damaged: originals from a folder that holds the same files,
sidecars from there or from the database.

A copy counts only if its bytes have the hash. A good file is never replaced, and a bad one is
never thrown away: it goes to `set-aside/` in the library, with the reason beside it.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from albums.library.assets import Asset
from albums.library.audit import Audit
from albums.library.checks import forget_findings, suspects
from albums.library.damage import DAMAGES
from albums.upkeep.verify.copies import Copies
from albums.upkeep.verify.examine import examine, sidecar_trouble
from albums.upkeep.verify.from_rows import sidecar_from_rows
from albums.upkeep.verify.sweep import Places
from albums.vault.aside import set_aside
from albums.vault.rereading import read_from_disk

_SIDECAR = ("no-sidecar", "bad-sidecar", "no-files")
_BATCH = 64

Known = Callable[[sqlite3.Connection, int], dict[str, Any]]


def nothing_known(db: sqlite3.Connection, asset_id: int) -> dict[str, Any]:
    """A library in which nobody ever said anything and nothing was found out."""
    return {}


@dataclass(frozen=True)
class Repaired:
    """What became of one damaged file."""

    path: str  # below the library's folder
    outcome: Literal["repaired", "no-copy", "bad-copy"]
    detail: str = ""

    def as_json(self) -> dict[str, str]:
        return dict(vars(self))


@dataclass(frozen=True)
class _Bench:
    """Where copies come from, and who repairs."""

    places: Places
    copies: Copies
    audit: Audit
    actor: str
    known: Known


def repair(
    places: Places, copies: Copies, audit: Audit, actor: str, known: Known = nothing_known
) -> Iterator[Repaired]:
    """Repair every asset that something is wrong with, one file at a time.

    `known(db, asset id)` are the parts `person` and `machine` of a sidecar as the database has
    them: a backup's sidecar may be older. A sidecar that has no whole copy is made from the
    database. Raises DiskFull with nothing lost.
    """
    bench, after = _Bench(places, copies, audit, actor, known), 0
    while True:
        with places.library.read() as db:
            batch = suspects(db, after, _BATCH)
        if not batch:
            return
        for asset in batch:
            yield from _repair(bench, asset)
        after = batch[-1].id


def _repair(bench: _Bench, asset: Asset) -> Iterator[Repaired]:
    """Look once more: what was found may be long ago."""
    places = bench.places
    found = examine(places.vault, places.folder, asset, places.on_read).findings
    wrong = {finding.kind: finding for finding in found}
    original = next((wrong[kind] for kind in DAMAGES if kind in wrong), None)
    if original:
        yield _bring_original(bench, asset, f"{original.kind}: {original.detail}")
    else:
        _forget(bench, asset, DAMAGES)
    sidecar = places.vault.sidecars.path(asset.sha)
    if "bad-sidecar" in wrong or not sidecar.exists():
        trouble = wrong["bad-sidecar"].detail if "bad-sidecar" in wrong else "missing"
        yield _bring_sidecar(bench, asset, trouble)
    else:
        _forget(bench, asset, _SIDECAR)


def _bring_original(bench: _Bench, asset: Asset, why: str) -> Repaired:
    places, originals = bench.places, bench.places.vault.originals
    final = originals.path(asset.sha, asset.extension)
    name = places.named(final)
    copy = bench.copies.original(final.name)
    if not copy:
        return Repaired(name, "no-copy")
    try:
        with copy.open("rb") as stream:
            staged = originals.stage(stream)
    except OSError as error:
        return Repaired(name, "bad-copy", error.strerror or str(error))
    if staged.sha != asset.sha:
        originals.discard(staged)
        return Repaired(name, "bad-copy", "the copy has other bytes, too")
    if os.path.lexists(final):
        originals.set_aside(asset.sha, asset.extension, why)
    originals.keep(staged, asset.extension)
    if read_from_disk(final, places.on_read).sha != asset.sha:
        return Repaired(name, "bad-copy", "the disk did not keep what was written")
    _note(bench, asset, name, why, DAMAGES)
    return Repaired(name, "repaired", why)


def _bring_sidecar(bench: _Bench, asset: Asset, why: str) -> Repaired:
    places, sidecars = bench.places, bench.places.vault.sidecars
    final = sidecars.path(asset.sha)
    name = places.named(final)
    copy = next(
        (c for c in bench.copies.sidecars(asset.sha) if not sidecar_trouble(c, asset.sha)), None
    )
    with places.library.read() as db:
        content = json.loads(copy.read_bytes()) if copy else sidecar_from_rows(db, asset)
        content |= bench.known(db, asset.id)
    if not content["arrivals"]:
        return Repaired(name, "no-copy", "the database does not know how it came in, either")
    if final.exists():
        set_aside(places.folder, final, why)

    def put(current: dict[str, Any]) -> None:
        newer = {part: current[part] for part in ("machine", "person") if part in current}
        current.update(content | newer)

    sidecars.update(asset.sha, put)
    _note(bench, asset, name, why, _SIDECAR)
    return Repaired(name, "repaired", why)


def _note(bench: _Bench, asset: Asset, name: str, why: str, kinds: tuple[str, ...]) -> None:
    with bench.places.library.write() as db:
        forget_findings(db, asset.sha, kinds)
        if kinds == DAMAGES:
            db.execute("update checks set finding = '' where asset_id = ?", (asset.id,))
        bench.audit.record(db, bench.actor, "repaired", asset.sha, path=name, why=why)


def _forget(bench: _Bench, asset: Asset, kinds: tuple[str, ...]) -> None:
    with bench.places.library.write(durable=False) as db:
        forget_findings(db, asset.sha, kinds)
