"""What an export says is told to the library: claims, papers, collections, and what is trashed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from albums.ingest.gathered import make_collections, put_in_order
from albums.ingest.late import Later, Paper, say
from albums.library.facts import Claim
from albums.library.imports import AlbumRow, Import, albums_of, put_album
from albums.sources.importing.importer import Asked, ExportProgress, Importer, Stopped
from albums.sources.importing.kind import Album, Said, Thing, Understood

_BATCH = 200  # assets told at once
_LONGEST_NAME = 200  # characters of a collection's name
_TRASHED = "trashed"  # the field of a claim: a person who restores it is not overruled again
_CERTAIN = {"owned": 0, "inherited": 1, "ambiguous": 2, "none": 3}


@dataclass
class _About:
    """All that is said of one asset, the surest first."""

    sha: str
    things: list[tuple[Thing, Said]] = field(default_factory=list)
    collections: list[str] = field(default_factory=list)

    @property
    def trashed(self) -> bool:
        """In the service every copy of it lies in the trash."""
        return bool(self.things) and all(said.trashed for _, said in self.things)


def tell(
    importer: Importer,
    whole: Import,
    source: str,
    things: Sequence[Thing],
    understood: Understood,
    asked: Asked,
    progress: ExportProgress,
) -> None:
    """Write it all down; saying it again changes nothing. Raises Stopped."""
    by_id = {thing.id: thing for thing in things}
    names, new = _make_collections(importer, whole, understood.albums)
    abouts = _abouts(things, understood, names)
    progress.begin_counting(len(abouts))
    for start in range(0, len(abouts), _BATCH):
        if asked.stop.is_set():
            raise Stopped
        batch = abouts[start : start + _BATCH]
        _trash(importer, source, [about.sha for about in batch if about.trashed])
        later = [_later(about, source, whole, by_id) for about in batch]
        say(importer.receiver, later, f"{source}://{whole.name}")
        progress.bytes_done += len(batch)
    _put_in_order(importer, understood.albums, names, new, by_id)


def _abouts(
    things: Sequence[Thing], understood: Understood, names: Mapping[str, str]
) -> list[_About]:
    """One for each asset, in the order in which the photos were taken."""
    found: dict[str, _About] = {}
    sha_of: dict[int, str] = {}
    for thing in things:
        if thing.sha and thing.status in ("ingested", "duplicate"):
            sha_of[thing.id] = thing.sha
            about = found.setdefault(thing.sha, _About(thing.sha))
            about.things.append((thing, understood.said.get(thing.id, Said())))
    for album in understood.albums:
        for member in album.members:
            if member in sha_of:
                found[sha_of[member]].collections.append(names[album.key])
    for about in found.values():
        about.things.sort(key=lambda pair: (_CERTAIN[pair[1].pairing], pair[0].path, pair[0].id))
    return sorted(found.values(), key=_taken)


def _taken(about: _About) -> tuple[str, str]:
    said = next((s.taken for _, s in about.things if s.taken), None)
    first = about.things[0][0]
    own = first.captured.isoformat() if first.captured else ""
    return said or own, first.path


def _later(about: _About, source: str, whole: Import, things: Mapping[int, Thing]) -> Later:
    claims: dict[str, Claim] = {}
    papers: dict[int, Paper] = {}
    for _, said in about.things:
        for claim in (*said.claims, *_relations(said, source, things)):
            _add(claims, claim)
        for number in said.papers:
            paper = things[number]
            papers[number] = Paper(f"{source}://{whole.name}", paper.path, paper.paper or b"")
    if about.trashed:
        claims[_TRASHED] = Claim(_TRASHED, True, source, 1.0, "in the trash of the export")
    return Later(
        about.sha,
        source,
        tuple(claims[name] for name in sorted(claims)),
        tuple(papers[number] for number in sorted(papers)),
        tuple(dict.fromkeys(about.collections)),
    )


def _add(claims: dict[str, Claim], claim: Claim) -> None:
    """What is surest stands; people are all of those whom anything names."""
    before = claims.get(claim.field)
    if before is None:
        claims[claim.field] = claim
    elif claim.field == "people":
        names = list(dict.fromkeys([*before.value, *claim.value]))
        claims["people"] = Claim("people", names, claim.source, before.confidence, before.detail)


def _relations(said: Said, source: str, things: Mapping[int, Thing]) -> Iterator[Claim]:
    for name, number in (("variant_of", said.variant_of), ("clip_of", said.clip_of)):
        original = things.get(number) if number is not None else None
        if original and original.sha:
            yield Claim(name, original.sha, source, 0.9, said.rule)


def _trash(importer: Importer, source: str, shas: Sequence[str]) -> None:
    """What lies in the trash there goes to ours, once."""
    with importer.receiver.library.read() as db:
        new = [sha for sha in shas if not _was_trashed(db, source, sha)]
    if new:
        importer.throw_away(new)


def _was_trashed(db: sqlite3.Connection, source: str, sha: str) -> bool:
    row = db.execute(
        """select trashed_at is not null or exists (
               select 1 from claims where asset_id = assets.id and field = ? and source = ?)
           from assets where sha = ?""",
        (_TRASHED, source, sha),
    ).fetchone()
    return row is None or bool(row[0])


def _make_collections(
    importer: Importer, whole: Import, albums: Sequence[Album]
) -> tuple[dict[str, str], set[str]]:
    """A collection for each album: its name by the album's key, and which are new. One of the same
    name that is there takes them in; two albums of one export stay two."""
    new: dict[str, str] = {}
    with importer.receiver.library.write() as db:
        names = albums_of(db, whole.id)
        taken = set(names.values())
        for album in sorted(albums, key=lambda album: album.key):
            if album.key not in names:
                name = names[album.key] = _free_name(album.title, taken)
                taken.add(name)
                put_album(db, AlbumRow(0, whole.id, album.key, name))
                new[name] = album.description
        make_collections(importer.receiver, db, new)
    importer.imports.append()
    return names, set(new)


def _put_in_order(
    importer: Importer, albums: Sequence[Album], names: Mapping[str, str], new: set[str],
    things: Mapping[int, Thing],
) -> None:  # fmt: skip
    """As the export has it; later the person's order counts."""
    orders = {
        names[album.key]: [sha for n in album.members if (sha := things[n].sha)]
        for album in albums
        if names[album.key] in new
    }
    with importer.receiver.library.write() as db:
        put_in_order(importer.receiver, db, orders)


def _free_name(title: str, taken: set[str]) -> str:
    name = " ".join(title.split())[:_LONGEST_NAME] or "Untitled"
    number = 2
    free = name
    while free in taken:
        free = f"{name} ({number})"
        number += 1
    return free
