"""Every original of an import is read back from the disk: what the stream said is no proof."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice

from albums.ingest.proof import damage_to
from albums.library.assets import Asset
from albums.library.checks import Checked, Finding, current_round, record_checks
from albums.library.imports import Import
from albums.sources.importing.importer import Asked, ExportProgress, Importer, Stopped

_READERS = 3  # threads; more do not help a disk
_BATCH = 256  # originals written down at once


def prove(
    importer: Importer, whole: Import, asked: Asked, progress: ExportProgress
) -> dict[str, str]:
    """Read back what was not read since this import began: SHA-256 -> what is wrong ("": nothing).

    Raises Stopped; what was read until then is not read again.
    """
    with importer.receiver.library.read() as db:
        kept = list(_kept(db, whole))
    results = {asset.sha: "" for asset, read_since in kept if read_since}
    waiting = iter([asset for asset, read_since in kept if not read_since])
    progress.begin_counting(sum(a.size for a, since in kept if not since))
    with ThreadPoolExecutor(_READERS, thread_name_prefix="import-prove") as readers:
        while batch := list(islice(waiting, _BATCH)):
            if asked.stop.is_set():
                raise Stopped
            progress.now = batch[0].name
            found = list(readers.map(partial(damage_to, importer.receiver.vault), batch))
            _note(importer, batch, found)
            results |= {a.sha: f.kind if f else "" for a, f in zip(batch, found, strict=True)}
            progress.bytes_done += sum(asset.size for asset in batch)
    return results


def _kept(db: sqlite3.Connection, whole: Import) -> Iterator[tuple[Asset, bool]]:
    """Assets of the import, each once, and whether they were read back since it began."""
    rows = db.execute(
        """select a.id, a.sha, a.name, a.folder, a.extension, a.mime, a.kind, a.size,
                  c.checked_at >= ?2 and c.finding = '' and not exists (
                      select 1 from findings where findings.sha = a.sha) as read_since
           from assets a left join checks c on c.asset_id = a.id
           where a.sha in (
               select e.sha from import_entries e join import_parts p on p.id = e.part_id
               where p.import_id = ?1 and not p.superseded and e.status in
                     ('ingested', 'duplicate'))
           order by a.id""",
        (whole.id, whole.began_at),
    )
    for row in rows:
        content = dict(row)
        since = bool(content.pop("read_since"))
        yield Asset(**content), since


def _note(importer: Importer, assets: Sequence[Asset], found: Sequence[Finding | None]) -> None:
    with importer.receiver.library.write() as db:
        checked = [
            Checked(asset, (finding,) if finding else ())
            for asset, finding in zip(assets, found, strict=True)
        ]
        record_checks(db, current_round(db), checked)
