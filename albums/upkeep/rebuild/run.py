"""Makes the database anew from what is the truth: originals, sidecars and the library-wide files.

It grows beside the old one and takes its place in one step, so whenever this is cut off there is
the old database or the new one. What steps make (pictures, vectors, words) is left to them: they
find it missing. Nothing but the database is changed, except that an original without a usable
sidecar is given one.
"""

from __future__ import annotations

import logging
import re
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any

from albums.errors import LibraryUnusable
from albums.library import receipts, tombstones
from albums.library.audit import Audit, add_entry
from albums.library.database import Library
from albums.library.devices import Devices
from albums.library.exchange import exchange, remove_database
from albums.library.looks import hide_kept_out, with_look
from albums.library.trash import purging
from albums.upkeep.rebuild.from_sidecar import restore_asset
from albums.upkeep.rebuild.library_wide import (
    AUDIT,
    DEVICES,
    CarriedOver,
    Memberships,
    carried_over,
    carry_over,
    put_collections_back,
    put_records_back,
)
from albums.upkeep.rebuild.without_sidecar import SOURCE, sidecar_for
from albums.vault import Vault, open_vault
from albums.vault.durable import replace_synced

log = logging.getLogger(__name__)

_BATCH = 500  # assets a transaction
_READERS = 4  # threads that read sidecars ahead
_SIDECAR = re.compile(r"([0-9a-f]{64})\.sidecar\.json")
_ORIGINAL = re.compile(r"([0-9a-f]{64})(\.(?!damaged)\w+)?", re.ASCII)
_NO_SENSE = (KeyError, TypeError, ValueError, AttributeError, IndexError, sqlite3.Error)

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Trouble:
    """Something a person should look at. The file is where it was, if `what` says nothing else."""

    path: str  # below the library's folder
    what: str


@dataclass
class Rebuilt:
    """What the new database holds, and what was odd on the way."""

    assets: int = 0
    counts: dict[str, int] = field(default_factory=dict)  # audit, receipts, collections, ...
    anew: list[Trouble] = field(default_factory=list)  # taken in anew: no usable sidecar
    missing: list[Trouble] = field(default_factory=list)  # sidecars without their original
    left_out: list[Trouble] = field(default_factory=list)
    before: str | None = None  # the old database's name now

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def rebuild(
    folder: Path,
    home: tzinfo,
    on_progress: OnProgress = lambda done, total: None,
    *,
    pictures: bool = False,
) -> Rebuilt:
    """Make `albums.db` in this library's folder anew. The caller holds its lock.

    `home` is the zone of local times that do not say theirs; `on_progress` is told assets done and
    in all. With `pictures` the derived pictures are thrown away, too. Raises LibraryUnusable, with
    the old database untouched, when something here was written by a newer program or a library-wide
    file is damaged.
    """
    old, new = folder / "albums.db", folder / "albums.db.rebuilding"
    over = _settle(old)
    remove_database(new)
    library = Library(new)
    try:
        done = _Rebuilding(library, folder, home, on_progress).run()
        with library.write(durable=False) as db:
            carry_over(db, over)
    finally:
        library.close()
    aside = exchange(new, old)
    done.before = aside.name if aside else None
    if pictures:
        shutil.rmtree(folder / "pictures", ignore_errors=True)  # what stays is written over
    return done


def _settle(database: Path) -> CarriedOver:
    """Write down what the old database has and the library-wide files do not have yet: the process
    may have ended between the two. Returns what is only of use as long as nobody misses it. A
    database that cannot be read keeps what it has."""
    if not database.exists():
        return {}
    try:
        library = Library(database)
        try:
            Audit(library, database.with_name(AUDIT))
            receipts.Receipts(library, database.with_name(receipts.FILE))
            Devices(library, database.with_name(DEVICES), replace_synced)
            with library.read() as db:
                if purging(db):
                    replace_synced(database.with_name(tombstones.FILE), tombstones.as_file(db))
                return carried_over(db)
        finally:
            library.close()
    except LibraryUnusable as error:
        if error.facts.get("newer"):
            raise
        log.warning("the old database is left as it is: %s", error)
        return {}


class _Rebuilding:
    """One run over the files of a library."""

    def __init__(
        self, library: Library, folder: Path, home: tzinfo, on_progress: OnProgress
    ) -> None:
        self.library = library
        self.folder = folder
        self.vault: Vault = open_vault(folder)
        self.home = home
        self.on_progress = on_progress
        self.done = Rebuilt()
        self.originals: dict[str, Path] = {}
        self.memberships: Memberships = {}

    def run(self) -> Rebuilt:
        with self.library.write(durable=False) as db:
            self.done.counts = put_records_back(db, self.folder)
            shas = self._list(db)
        with ThreadPoolExecutor(_READERS, thread_name_prefix="sidecars") as readers:
            for start in range(0, len(shas), _BATCH):
                batch = shas[start : start + _BATCH]
                self._restore_batch(batch, list(readers.map(self._read, batch)))
                self.on_progress(start + len(batch), len(shas))
        with self.library.write(durable=False) as db:
            self.done.counts["collections"] = put_collections_back(
                db, self.folder, self.memberships
            )
            hide_kept_out(db, with_look(db), self.home)
        return self.done

    def _list(self, db: sqlite3.Connection) -> list[str]:
        """Every asset that files speak of, in the order in which they came in as far as known.

        An arrival that was cut off is finished by the next start, from its draft.
        """
        coming = {content["sha"] for _, content in self.vault.sidecars.drafts()}
        shas = set()
        for path in self.vault.originals.root.glob("[0-9a-f][0-9a-f]/*"):
            if sidecar := _SIDECAR.fullmatch(path.name):
                shas.add(sidecar[1])
            elif original := _ORIGINAL.fullmatch(path.name):
                self.originals[original[1]] = path
        shas |= self.originals.keys() - coming
        rows = db.execute("""select sha, max(id) as place from audit
                             where action = 'ingested' and sha is not null group by sha""")
        place = {row["sha"]: row["place"] for row in rows}
        return sorted(shas, key=lambda sha: (place.get(sha, 1 << 62), sha))

    def _read(self, sha: str) -> dict[str, Any] | str | None:
        """The sidecar, why it cannot be read, or None where there is none."""
        try:
            content = self.vault.sidecars.read(sha)
        except (ValueError, AttributeError, RecursionError) as error:
            return f"the sidecar cannot be read: {error}"
        except OSError as error:
            return f"the sidecar cannot be read: {error.strerror or error}"
        if content is not None and content.get("sha") != sha:
            return "the sidecar speaks of another original"
        return content

    def _restore_batch(
        self, shas: Sequence[str], read: Sequence[dict[str, Any] | str | None]
    ) -> None:
        with self.library.write(durable=False) as db:
            for sha, content in zip(shas, read, strict=True):
                self._restore(db, sha, content)

    def _restore(
        self, db: sqlite3.Connection, sha: str, content: dict[str, Any] | str | None
    ) -> None:
        original = self.originals.get(sha)
        file = original or self.vault.sidecars.path(sha)
        if tombstones.deleted_at(db, sha):
            self._leave_out(file, "deleted for good by its owner; the file was left over")
            return
        why = self._put(db, content) if isinstance(content, dict) else content or "no sidecar"
        if why and original is None:
            self._leave_out(file, f"{why}, and there is no original")
        elif why and original:
            self._take_anew(db, sha, original, content, why)
        elif original is None:
            self.done.missing.append(Trouble(self._named(file), "the original is missing"))

    def _put(self, db: sqlite3.Connection, content: dict[str, Any]) -> str:
        """Write an asset's rows. Returns why that makes no sense, else nothing."""
        db.execute("savepoint asset")
        try:
            restore_asset(db, content, self.home)
            at = str(content["arrivals"][0]["at"])
            for name in content.get("collections", []):
                self.memberships.setdefault(str(name), {})[content["sha"]] = at
        except _NO_SENSE as error:
            db.execute("rollback to asset")
            return f"the sidecar makes no sense: {type(error).__name__}: {error}"
        finally:
            db.execute("release asset")
        self.done.assets += 1
        return ""

    def _take_anew(
        self,
        db: sqlite3.Connection,
        sha: str,
        original: Path,
        content: dict[str, Any] | str | None,
        why: str,
    ) -> None:
        """With what the bytes say, and of the sidecar what fits to it."""
        try:
            plain = sidecar_for(original, sha)
        except OSError as error:
            self._leave_out(original, f"{why}, and it cannot be read: {error.strerror or error}")
            return
        if plain is None:
            self._leave_out(original, f"{why}, and its bytes are not those of its name")
            return
        whole = plain | content if isinstance(content, dict) else plain
        if content is not None:
            why += f"; it is kept as {self._set_sidecar_aside(sha)}"
        if self._put(db, whole):
            whole = plain
            self._put(db, plain)
        self.vault.sidecars.write(sha, whole)
        add_entry(db, f"local://{SOURCE}", "found", sha, {"name": original.name, "why": why})
        self.done.anew.append(Trouble(self._named(original), why))

    def _set_sidecar_aside(self, sha: str) -> str:
        path = self.vault.sidecars.path(sha)
        aside = path.with_name(f"{path.name}.damaged")
        path.replace(aside)
        return aside.name

    def _leave_out(self, path: Path, what: str) -> None:
        self.done.left_out.append(Trouble(self._named(path), what))

    def _named(self, path: Path) -> str:
        return str(path.relative_to(self.folder))
