"""When each original was last read against its hash, and everything that is wrong with the files.

The library is read in rounds: a round ends when every original was read in it. What is read next
is what was read longest ago, so a round that was cut off goes on where it was.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from albums.library.assets import Asset, now
from albums.library.damage import DAMAGES
from albums.library.stacks import bring_up

# Kind -> what it means.
KINDS = {
    "missing": "the original is gone",
    "no-files": "original and sidecar are gone; only the database knows of it",
    "changed": "the original has other bytes than those that were kept",
    "unreadable": "the disk or the system does not let it be read",
    "no-sidecar": "the original has no sidecar",
    "bad-sidecar": "the sidecar cannot be read, or speaks of another original",
    "no-original": "a sidecar without an original",
    "unknown": "a file that this library did not put there, or no longer knows of",
    "doubled": "the same bytes a second time",
    "unfinished": "left by a write that was cut off",
    "pictures": "pictures of an asset that is gone",
}
LOSSES = frozenset(list(KINDS)[:7])  # something that was kept may be lost; the others cost room
_NOTE = "verify"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong."""

    kind: str
    path: str  # below the library's folder
    sha: str | None = None  # of the asset concerned, as its name says
    detail: str = ""
    found_at: str = ""  # first, UTC

    def as_json(self) -> dict[str, Any]:
        return vars(self) | {"may_be_lost": self.kind in LOSSES, "about": KINDS[self.kind]}


@dataclass(frozen=True)
class Checked:
    """One original was read: what is wrong with it or its sidecar; nothing is good."""

    asset: Asset
    findings: tuple[Finding, ...]
    sha1: str | None = None  # made on the way, where they were not known
    md5: str | None = None


def begin_round(db: sqlite3.Connection, *, anew: bool = False) -> int:
    """The number of the round that is being read; a new one if the last has ended, or `anew`.

    What was found of assets that were deleted since is forgotten.
    """
    db.execute("""delete from findings where found_in = '' and sha is not null
                  and sha not in (select sha from assets)""")
    note = _note(db)
    if anew or not note.get("reading"):
        note |= {"round": note.get("round", 0) + 1, "reading": True}
        _write_note(db, note)
    return int(note["round"])


def current_round(db: sqlite3.Connection) -> int:
    """The number of the round that is being read, or was read last; 0 before the first."""
    return int(_note(db).get("round", 0))


def end_run(db: sqlite3.Connection, run: dict[str, Any], *, round_ended: bool) -> None:
    """Remember how the last run went, and whether its round is through."""
    note = _note(db)
    _write_note(db, note | {"last": run, "reading": note.get("reading") and not round_ended})


def last_run(db: sqlite3.Connection) -> dict[str, Any] | None:
    """As given to `end_run`, or None before the first."""
    last = _note(db).get("last")
    return dict(last) if last else None


def never_read(db: sqlite3.Connection, after: int, limit: int) -> list[Asset]:
    """Assets with an id above `after` whose original was never read again, by id."""
    return _assets(
        db,
        """where a.id > ? and not exists (select 1 from checks where asset_id = a.id)
           order by a.id limit ?""",
        (after, limit),
    )


def read_longest_ago(db: sqlite3.Connection, round_: int, limit: int) -> list[Asset]:
    """Assets that were read, but not in this round, oldest check first."""
    return _assets(
        db,
        """join checks c on c.asset_id = a.id where c.round < ?
           order by c.round, c.checked_at, c.asset_id limit ?""",
        (round_, limit),
    )


def suspects(db: sqlite3.Connection, after: int, limit: int) -> list[Asset]:
    """Assets with an id above `after` that something is wrong with, by id."""
    return _assets(
        db,
        """where a.id > ? and a.sha in (select sha from findings where sha is not null)
           order by a.id limit ?""",
        (after, limit),
    )


def without_digests(db: sqlite3.Connection, ids: Iterable[int]) -> set[int]:
    """Which of these assets have no SHA-1 and MD5 yet."""
    rows = db.execute(
        """select id from assets where (sha1 is null or md5 is null)
           and id in (select value from json_each(?))""",
        (json.dumps(list(ids)),),
    )
    return {row["id"] for row in rows}


def left_to_read(db: sqlite3.Connection, round_: int) -> tuple[int, int]:
    """Originals and their bytes that this round has not read yet."""
    row = db.execute(
        """select count(*), coalesce(sum(size), 0) from assets a
           where not exists (select 1 from checks where asset_id = a.id and round >= ?)""",
        (round_,),
    ).fetchone()
    return row[0], row[1]


def record_checks(db: sqlite3.Connection, round_: int, checked: Iterable[Checked]) -> None:
    """Write down what was read; of assets that are gone meanwhile, nothing."""
    for check in checked:
        of_original = [f.kind for f in check.findings if f.kind != "bad-sidecar"]
        here = db.execute(
            """insert or replace into checks (asset_id, round, checked_at, finding)
               select id, ?, ?, ? from assets where id = ? and sha = ?""",
            (round_, now(), "".join(of_original), check.asset.id, check.asset.sha),
        ).rowcount
        if here and check.sha1:
            db.execute(
                "update assets set sha1 = ?, md5 = ? where id = ?",
                (check.sha1, check.md5, check.asset.id),
            )
        if here:
            # The plus: SQLite is to look by hash, not at all that was ever found by reading.
            _replace(db, "sha = ? and +found_in = ''", check.asset.sha, check.findings, "")


def note_damage(db: sqlite3.Connection, finding: Finding) -> None:
    """What somebody found in between, of an asset that is still here."""
    db.execute(
        """insert or ignore into findings (kind, path, sha, detail, found_at, found_in)
           select ?, ?, sha, ?, ?, '' from assets where sha = ?""",
        (finding.kind, finding.path, finding.detail, now(), finding.sha),
    )
    _bring_up(db, {finding.sha})


def record_listing(db: sqlite3.Connection, folder: str, findings: Sequence[Finding]) -> None:
    """What a folder's listing shows takes the place of what it showed before."""
    _replace(db, "found_in = ?", folder, findings, folder)


def known_of_listing(db: sqlite3.Connection, folder: str) -> set[tuple[str, str]]:
    """Kind and path of what this folder's listing showed before."""
    rows = db.execute("select kind, path from findings where found_in = ?", (folder,))
    return {(row["kind"], row["path"]) for row in rows}


def forget_findings(db: sqlite3.Connection, sha: str, kinds: Iterable[str]) -> None:
    """They were put right."""
    db.executemany(
        "delete from findings where sha = ? and kind = ?", [(sha, kind) for kind in kinds]
    )
    _bring_up(db, {sha})


def findings(db: sqlite3.Connection, limit: int = 1000) -> list[Finding]:
    """What is wrong now, the worst kinds first."""
    order = "".join(f" when {kind!r} then {place}" for place, kind in enumerate(KINDS))
    rows = db.execute(
        f"""select kind, path, sha, detail, found_at from findings
            order by case kind{order} end, path limit ?""",
        (limit,),
    )
    return [Finding(**dict(row)) for row in rows]


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """How many findings of each kind there are."""
    rows = dict(db.execute("select kind, count(*) from findings group by kind").fetchall())
    return {kind: rows[kind] for kind in KINDS if kind in rows}


def losses(db: sqlite3.Connection) -> int:
    """How many findings mean that something may be lost."""
    return sum(count for kind, count in counts(db).items() if kind in LOSSES)


def oldest_check(db: sqlite3.Connection) -> tuple[int, str | None]:
    """How many originals were never read again, and when the one read longest ago was (UTC)."""
    never = db.execute(
        "select (select count(*) from assets) - (select count(*) from checks)"
    ).fetchone()[0]
    oldest = db.execute(
        "select checked_at from checks order by round, checked_at, asset_id limit 1"
    ).fetchone()
    return never, oldest["checked_at"] if oldest else None


def _assets(db: sqlite3.Connection, clause: str, parameters: tuple[int, int]) -> list[Asset]:
    rows = db.execute(
        f"""select a.id, a.sha, a.name, a.folder, a.extension, a.mime, a.kind, a.size
            from assets a {clause}""",
        parameters,
    )
    return [Asset(**dict(row)) for row in rows]


def _replace(
    db: sqlite3.Connection, condition: str, value: str, found: Sequence[Finding], found_in: str
) -> None:
    """Findings that stay keep the time at which they were first found."""
    old = db.execute(
        f"select kind, path, found_at, sha from findings where {condition}", (value,)
    ).fetchall()
    since = {(row["kind"], row["path"]): row["found_at"] for row in old}
    before = {row["sha"] for row in old if row["kind"] in DAMAGES}
    db.execute(f"delete from findings where {condition}", (value,))
    db.executemany(
        """insert or ignore into findings (kind, path, sha, detail, found_at, found_in)
           values (?, ?, ?, ?, ?, ?)""",
        [
            (f.kind, f.path, f.sha, f.detail, since.get((f.kind, f.path), now()), found_in)
            for f in found
        ],
    )
    _bring_up(db, before ^ {f.sha for f in found if f.kind in DAMAGES})


def _bring_up(db: sqlite3.Connection, shas: set[str | None]) -> None:
    """Of a stack whose top is damaged, the next best is shown."""
    rows = db.execute(
        "select id from assets where sha in (select value from json_each(?))",
        (json.dumps(list(shas)),),
    )
    bring_up(db, [row["id"] for row in rows])


def _note(db: sqlite3.Connection) -> dict[str, Any]:
    row = db.execute("select value from notes where name = ?", (_NOTE,)).fetchone()
    return dict(json.loads(row["value"])) if row else {}


def _write_note(db: sqlite3.Connection, note: dict[str, Any]) -> None:
    db.execute("insert or replace into notes values (?, ?)", (_NOTE, json.dumps(note)))
