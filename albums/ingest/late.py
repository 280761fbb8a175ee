"""What is said later of assets that are in: claims, papers and collections of an export, once it is
understood.

Sidecars first, then the rows: cut off between the two, files say more than the database, and saying
the same again makes both whole.
"""

from __future__ import annotations

import base64
import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from albums.ingest.receive import Receiver
from albums.library import collections
from albums.library.facts import Claim, claim_from_json, claims_of, replace_claims, settle
from albums.vault.durable import replace_synced

log = logging.getLogger(__name__)

# Which claims a step reads; `record` reads them all.
_READ_BY = {
    "facts": {"instant", "location", "keywords"},
    "place": {"location"},
    "companions": {"captured_at", "clip_of"},
    "stack": {"variant_of"},
    "words": {"title", "description", "people"},
    "rules": {"captured_at", "location", "hidden"},
}


@dataclass(frozen=True)
class Paper:
    """A file that speaks of others, as it is. `path` says where it lay in the export."""

    source: str
    path: str
    raw: bytes

    def as_json(self) -> dict[str, str]:
        """As sidecars hold it."""
        known = {"source": self.source, "path": self.path}
        try:
            return known | {"text": self.raw.decode()}
        except UnicodeDecodeError:
            return known | {"base64": base64.b64encode(self.raw).decode()}


@dataclass(frozen=True)
class Later:
    """All that `source` claims of an asset (and nothing else any more), papers that say so, and
    collections it is in."""

    sha: str
    source: str
    claims: tuple[Claim, ...] = ()
    papers: tuple[Paper, ...] = ()
    collections: tuple[str, ...] = ()


def say(receiver: Receiver, later: Sequence[Later], origin: str) -> int:
    """Write down what is said of assets, in one transaction. Returns how many changed.

    What `source` claimed of each before is replaced; papers and collections are added to what is
    there. Of several about one asset by one source, all counts; of two claims of a field the later
    one. Assets that are gone are left out, and collections that the person took one out of. Both
    database and sidecars have it when this returns. Raises DiskFull, LibraryUnusable.
    """
    with receiver.library.write() as db:
        said = [(asset_id, one) for asset_id, one in _known(db, _merged(later))]
        news = _put_claims(db, receiver, said)
        gathered = _put_into_collections(db, receiver, said)
        shelved = _put_beside(receiver, said)
        changed = news.keys() | gathered | shelved
        if gathered:
            collections.write_file(db, receiver.library.path.parent, replace_synced)
        _reopen(db, receiver, news)
        if changed:
            sources = sorted({one.source for _, one in said})
            receiver.audit.record(db, origin, "told", sources=sources, assets=len(changed))
    if changed:
        receiver.on_received()
    return len(changed)


def _merged(later: Iterable[Later]) -> Iterable[Later]:
    """One for each asset and source: the same bytes may lie in an export more than once."""
    merged: dict[tuple[str, str], Later] = {}
    for one in map(_writable, later):
        known = merged.setdefault((one.sha, one.source), Later(one.sha, one.source))
        merged[one.sha, one.source] = replace(
            known,
            claims=tuple({c.field: c for c in known.claims + one.claims}.values()),
            papers=known.papers + one.papers,
            collections=known.collections + one.collections,
        )
    return merged.values()


def _writable(one: Later) -> Later:
    """As it is read back from JSON: lists for tuples, and no half characters."""
    if wrong := {claim.source for claim in one.claims} - {one.source}:
        raise ValueError(f"{one.source} cannot claim for {', '.join(sorted(wrong))}")
    text = json.dumps([c.as_json() for c in one.claims], ensure_ascii=False)
    claims = map(claim_from_json, json.loads(_whole(text)))
    return replace(one, claims=tuple(claims), collections=tuple(map(_whole, one.collections)))


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _known(db: sqlite3.Connection, later: Iterable[Later]) -> Iterator[tuple[int, Later]]:
    listed = list(later)
    rows = db.execute(
        "select sha, id from assets where sha in (select value from json_each(?))",
        (json.dumps([one.sha for one in listed]),),
    )
    ids = {row["sha"]: int(row["id"]) for row in rows}
    return ((ids[one.sha], one) for one in listed if one.sha in ids)


def _put_claims(
    db: sqlite3.Connection, receiver: Receiver, said: Sequence[tuple[int, Later]]
) -> dict[int, set[str]]:
    """Returns, by asset, the fields of which something else is claimed now."""
    news: dict[int, set[str]] = {}
    for asset_id, one in said:
        before = {c.field: c for c in claims_of(db, asset_id) if c.source == one.source}
        after = {c.field: c for c in one.claims}
        other = {f for f in before.keys() | after.keys() if before.get(f) != after.get(f)}
        if other:
            replace_claims(db, asset_id, (one.source,), one.claims)
            settle(db, asset_id, receiver.home)
            news.setdefault(asset_id, set()).update(other)
    return news


def _put_into_collections(
    db: sqlite3.Connection, receiver: Receiver, said: Sequence[tuple[int, Later]]
) -> set[int]:
    """At the end of each, in the order in which they are said. Returns the ids of who was added."""
    wanted: dict[str, dict[int, str]] = {}
    for asset_id, one in said:
        for name in one.collections:
            wanted.setdefault(name, {})[asset_id] = one.sha
    if not wanted:
        return set()
    removed = collections.removed_in(receiver.library.path.with_name(collections.FILE))
    added = set()
    for called, shas in wanted.items():
        name = collections.current_name(db, called)
        stay_out, inside = removed.get(name, set()), _inside(db, name, shas)
        new = [i for i, sha in shas.items() if i not in inside and sha not in stay_out]
        if new:
            collections.add_to_collection(db, name, new)
            added |= set(new)
    return added


def _inside(db: sqlite3.Connection, name: str, asset_ids: Iterable[int]) -> set[int]:
    rows = db.execute(
        """select asset_id from collection_assets join collections on id = collection_id
           where name = ? and asset_id in (select value from json_each(?))""",
        (name, json.dumps(list(asset_ids))),
    )
    return {row["asset_id"] for row in rows}


def _put_beside(receiver: Receiver, said: Sequence[tuple[int, Later]]) -> set[int]:
    """Into the sidecars. Returns the ids of those that were altered; one that is lost or damaged is
    left to be made anew from the database."""
    sidecars = receiver.vault.sidecars
    by_sha: dict[str, list[Later]] = {}
    for _, one in said:
        by_sha.setdefault(one.sha, []).append(one)
    lost = [sha for sha in by_sha if not sidecars.path(sha).exists()]
    for sha in lost:
        log.warning("the sidecar of %s is missing", sha)
        del by_sha[sha]
    written, damaged = sidecars.update_all(
        {sha: partial(_put, several) for sha, several in by_sha.items()}
    )
    for error in damaged:
        log.warning("%s", error)
    return {asset_id for asset_id, one in said if one.sha in written}


def _put(several: Sequence[Later], content: dict[str, Any]) -> None:
    for one in several:
        _put_claims_beside(one, content)
        _append(content, "papers", [paper.as_json() for paper in one.papers])
        _append(content, "collections", list(one.collections))


def _append(content: dict[str, Any], key: str, items: list[Any]) -> None:
    """Each once."""
    known = content.get(key, [])
    if new := [item for i, item in enumerate(items) if item not in known + items[:i]]:
        content[key] = known + new


def _put_claims_beside(one: Later, content: dict[str, Any]) -> None:
    said = [claim.as_json() for claim in one.claims]
    claims = content.get("claims", [])
    if [c for c in claims if c["source"] == one.source] != said:
        content["claims"] = [c for c in claims if c["source"] != one.source] + said
    _forget_found(one, said, content)


def _forget_found(one: Later, said: list[dict[str, Any]], content: dict[str, Any]) -> None:
    """The machine's part repeats all claims: what is no longer said would come back with it."""
    machine = content.get("machine", {})
    found = machine.get("claims", [])
    kept = [c for c in found if c["source"] != one.source or c in said]
    if kept != found:
        content["machine"] = machine | {"claims": kept}


def _reopen(db: sqlite3.Connection, receiver: Receiver, news: dict[int, set[str]]) -> None:
    """Steps that would do better with what is said now."""
    plans = receiver.ledger.plans
    for step, fields in _READ_BY.items():
        if step in plans:
            receiver.ledger.reopen(db, step, [i for i, new in news.items() if new & fields])
    if "record" in plans:
        receiver.ledger.reopen(db, "record", news)
