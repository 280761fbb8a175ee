"""Apple's copy of iCloud Photos, and folders that Apple's Photos exported."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from albums.library.facts import Claim
from albums.sources.apple.collecting import collect
from albums.sources.apple.matching import Match, in_trash, match
from albums.sources.apple.papers import Papers, is_paper
from albums.sources.apple.relations import Relation, relations
from albums.sources.apple.tables import Row
from albums.sources.archives import Part
from albums.sources.beside.naming import Match as Sidecar
from albums.sources.beside.naming import match_xmp
from albums.sources.importing.kind import Announced, Pairing, Said, Thing, Understood
from albums.sources.typed import counted

SOURCE = "apple"
_THERE = ("ingested", "duplicate", "deleted", "failed", "empty")
_NOT_OURS = ("paper", "document")
_PART = re.compile(  # iCloud Photos Part 1 of 6, iCloud-bilder Del 1 av 6
    r"(?P<name>i?cloud\b.*?\S)\s+(?P<number>\d{1,3})\s+\S{1,8}\s+(?P<all>\d{1,3})\b.*",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_ARCHIVES = (".zip", ".tar", ".tgz", ".gz")
_INHERITED = 0.6  # most that a moment or place of another file is worth


class Apple:
    name = SOURCE
    about = "a copy of iCloud Photos from privacy.apple.com: all its parts, zipped or unpacked"

    def import_name(self, part: Part) -> str | None:
        """ "iCloud Photos Part 1 of 6" is of the export of six parts."""
        found = _PART.fullmatch(part.path.name)
        return f"{found['name']}, {int(found['all'])} parts" if found else None

    def is_paper(self, path: str, size: int | None) -> bool:
        return is_paper(path, size)

    def understand(self, things: Sequence[Thing]) -> Understood:
        return _Export(things).understood()


class _Export:
    def __init__(self, things: Iterable[Thing]) -> None:
        self.things = sorted(things, key=lambda t: (t.part, t.path, t.id))
        self.files = [t for t in self.things if t.status in _THERE and t.kind not in _NOT_OURS]
        self.papers = Papers.of(self.things)
        self.matching = match(self.papers.rows, self.files)
        self.relations = relations(self.files)
        self.sidecars: dict[int, list[Sidecar]] = defaultdict(list)
        for sidecar in match_xmp([paper for _, paper in self.papers.xmp.values()], self.files):
            self.sidecars[sidecar.thing.id].append(sidecar)
        self.albums, self.flagged = collect(
            self.papers.lists, self.papers.shared, self.files, self._flags()
        )

    def _flags(self) -> dict[str, set[int]]:
        owned = [(n, m.row) for n, m in self.matching.matches.items() if m.row]
        return {
            "favourite": {number for number, row in owned if row.favourite},
            "hidden": {number for number, row in owned if row.hidden},
        }

    def understood(self) -> Understood:
        listed: dict[int, list[Claim]] = defaultdict(list)
        for one in self.flagged:
            for number in one.files:
                listed[number].append(Claim(one.field, True, SOURCE, 0.85, "Apple's own list"))
        own = {thing.id: self._own(thing, listed[thing.id]) for thing in self.files}
        said = {t.id: self._with_relation(t, own) for t in self.files}
        said = {number: one for number, one in said.items() if one != Said()}
        return Understood(
            said=said,
            albums=self.albums,
            announced=list(self._announced()),
            papers=self.papers.kinds,
            notes=self._notes(said),
            warnings=sorted(self._warnings()),
        )

    def _own(self, thing: Thing, listed: Sequence[Claim]) -> Said:
        """What tables and sidecars say of the file itself."""
        found = self.matching.matches.get(thing.id, Match(None, "none", ""))
        row = found.row
        claims = {claim.field: claim for claim in (*listed, *_claims(row))}
        pairing, rule = found.pairing, found.rule
        papers: list[int] = []
        for sidecar in self.sidecars.get(thing.id, ()):
            papers.append(sidecar.paper.id)
            pairing, rule = _surer((pairing, rule), (sidecar.pairing, sidecar.rule))
            if sidecar.pairing in ("owned", "inherited"):
                said = self.papers.xmp[sidecar.paper.id][0].claims(SOURCE, thing.captured)
                claims |= {claim.field: claim for claim in said}
        return Said(
            claims=tuple(claims[field] for field in sorted(claims)),
            papers=tuple(papers),
            pairing=pairing,
            rule=rule,
            taken=row.taken.isoformat() if row and row.taken else None,
            uploaded=row.imported.isoformat() if row and row.imported else None,
            trashed=bool(row and row.deleted) or in_trash(thing),
        )

    def _with_relation(self, thing: Thing, own: dict[int, Said]) -> Said:
        """A clip or edited copy has what is said of its original, unless it has its own."""
        relation, said = self.relations.get(thing.id), own[thing.id]
        if relation is None:
            return said
        original = own[relation.original.id]
        if said.pairing in ("none", "ambiguous") and original.pairing == "owned":
            said = replace(
                said,
                claims=tuple(_lent(original.claims)),
                papers=original.papers,
                pairing="inherited",
                rule=relation.rule,
                trashed=original.trashed or said.trashed,
            )
        return _related(said, relation)

    def _announced(self) -> Iterator[Announced]:
        for row in self.matching.left:
            if not row.deleted:
                taken = row.taken.isoformat() if row.taken else None
                why = "Apple's table lists it and no such file is here"
                yield Announced(row.paper, row.name, taken=taken, why=why)

    def _notes(self, said: dict[int, Said]) -> dict[str, int]:
        fields = Counter(claim.field for one in said.values() for claim in one.claims)
        counts = {
            "favourite": fields["favourite"],
            "hidden": fields["hidden"],
            "trashed": sum(one.trashed for one in said.values()),
            "memories": self.papers.memories,
            "deleted before the export": sum(row.deleted for row in self.matching.left),
        }
        return {name: count for name, count in counts.items() if count}

    def _warnings(self) -> Iterator[str]:
        names = self.papers.unreadable
        if names:
            one, many = "XMP file cannot be read", "XMP files cannot be read"
            yield counted(len(names), one, many, names)
        spoken = {sidecar.paper.id for found in self.sidecars.values() for sidecar in found}
        alone = [paper.name for n, (_, paper) in self.papers.xmp.items() if n not in spoken]
        if alone:
            one = "sidecar speaks of a file that is not here"
            many = "sidecars speak of files that are not here"
            yield counted(len(alone), one, many, alone)
        if self.papers.odd_dates:
            yield f"{self.papers.odd_dates} dates in Apple's tables cannot be understood"
        packed = [t.name for t in self.files if t.name.lower().endswith(_ARCHIVES)]
        if packed:
            one = "archive lies inside the export; unpack it and import what is in it too"
            many = "archives lie inside the export; unpack them and import what is in them too"
            yield counted(len(packed), one, many, packed)
        missing = _missing_parts(self.things)
        if missing:
            yield f"Parts of the export are missing: {missing}"


def _claims(row: Row | None) -> Iterator[Claim]:
    if row is None:
        return
    if row.taken:
        yield Claim("instant", row.taken.isoformat(), SOURCE, 0.6, f"Photo Details: {row.line}")
    if row.favourite:
        yield Claim("favourite", True, SOURCE, 0.9, "favorite")
    if row.hidden:
        yield Claim("hidden", True, SOURCE, 0.9, "hidden")


def _surer(one: tuple[Pairing, str], other: tuple[Pairing, str]) -> tuple[Pairing, str]:
    order: tuple[Pairing, ...] = ("owned", "inherited", "ambiguous", "none")
    return min(one, other, key=lambda pair: order.index(pair[0]))


def _lent(claims: Iterable[Claim]) -> Iterator[Claim]:
    for claim in claims:
        if claim.field in ("captured_at", "location", "instant"):
            claim = replace(claim, confidence=min(claim.confidence, _INHERITED))
        yield claim


def _related(said: Said, relation: Relation) -> Said:
    if relation.kind == "clip":
        return replace(said, clip_of=relation.original.id)
    return replace(said, variant_of=relation.original.id)


def _missing_parts(things: Iterable[Thing]) -> str:
    """As far as the names of folders tell: "2, 3 of 6"."""
    here: dict[tuple[str, int], set[int]] = defaultdict(set)
    for folder in {part for thing in things for part in thing.folder.split("/")}:
        found = _PART.fullmatch(folder)
        if found:
            here[found["name"], int(found["all"])].add(int(found["number"]))
    gaps = []
    for (_, parts), numbers in sorted(here.items()):
        missing = [str(n) for n in range(1, parts + 1) if n not in numbers]
        if missing:
            gaps.append(f"{', '.join(missing)} of {parts}")
    return "; ".join(gaps)
