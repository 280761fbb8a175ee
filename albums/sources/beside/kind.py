"""Originals with sidecars: what lies beside a file, or in PhotoPrism's other tree, speaks of it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from albums.library.facts import Claim
from albums.sources.archives import Part
from albums.sources.beside.collections import albums_of
from albums.sources.beside.naming import Match, fold, match_xmp, stem
from albums.sources.beside.papers import Papers, is_paper
from albums.sources.beside.photoprism_tree import match_yaml, previews
from albums.sources.importing.kind import Said, Thing, Understood
from albums.sources.typed import counted

SOURCE = "sidecars"
_THERE = ("ingested", "duplicate", "deleted", "failed", "empty")
_SECOND_TREES = ("sidecar", "storage", "albums", "backup")
_VERSION = re.compile(r"(.+)_[0-9]{2}(\.[^./]+)", re.ASCII)  # darktable: IMG_1_01.CR2.xmp
_ORDER = {"owned": 0, "inherited": 1, "ambiguous": 2, "none": 3}
_INHERITED = 0.6  # most that a moment or place of another file is worth


class Sidecars:
    name = SOURCE
    about = "a folder of originals with XMP or PhotoPrism's YAML beside them, as of Immich"

    def import_name(self, part: Part) -> str | None:
        """A folder is one by where it lies. PhotoPrism's second tree and archives, whose names say
        nothing, belong to what they are brought with."""
        place = part.path.resolve()
        if part.kind != "folder" or place.name.lower() in _SECOND_TREES:
            return None
        return "/".join(place.parts[-2:]).lstrip("/") or None

    def is_paper(self, path: str, size: int | None) -> bool:
        return is_paper(path, size)

    def understand(self, things: Sequence[Thing]) -> Understood:
        return _Folder(things).understood()


class _Folder:
    def __init__(self, things: Iterable[Thing]) -> None:
        ordered = sorted(things, key=lambda t: (t.part, t.path, t.id))
        self.media = [t for t in ordered if t.status in _THERE and t.kind != "paper"]
        self.papers = Papers.of(ordered)
        self.previews = previews(self.media)
        self.matches = self._match()

    def _match(self) -> dict[int, list[Match]]:
        """By number of the file, the closest sidecars first."""
        sidecars = [self.papers.things[number] for number in self.papers.xmp]
        yamls = [self.papers.things[number] for number in self.papers.photos]
        found: dict[int, list[Match]] = defaultdict(list)
        for match in (*match_xmp(sidecars, self.media), *match_yaml(yamls, self.media)):
            found[match.thing.id].append(match)
        for number, original in self.previews.items():
            lent = [replace(m, pairing="inherited") for m in found.get(original.id, ())]
            if lent:
                found[number] += lent
        return found

    def understood(self) -> Understood:
        said = {t.id: self._said(t) for t in self.media if t.id in self.matches}
        for number, original in self.previews.items():
            before = said.get(number, Said(rule="made by PhotoPrism"))
            said[number] = replace(before, variant_of=original.id)
        alone = self._alone()
        return Understood(
            said=said,
            albums=albums_of(self.papers, self.media, self.matches),
            papers=self.papers.kinds,
            notes=self._notes(said, len(alone)),
            warnings=list(self._warnings(alone)),
        )

    def _said(self, thing: Thing) -> Said:
        matches = sorted(self.matches[thing.id], key=lambda match: _ORDER[match.pairing])
        first = matches[0]
        claims: dict[str, Claim] = {}
        for match in matches:
            if match.pairing in ("owned", "inherited"):
                for claim in self._claims(match, thing.captured):
                    claims.setdefault(claim.field, claim)
        taken = self.papers.sidecar(first.paper.id).taken
        return Said(
            claims=tuple(claims[field] for field in sorted(claims)),
            papers=tuple(dict.fromkeys(match.paper.id for match in matches)),
            pairing=first.pairing,
            rule=first.rule,
            taken=taken.isoformat() if taken else None,
        )

    def _claims(self, match: Match, captured: datetime | None) -> Iterator[Claim]:
        for claim in self.papers.sidecar(match.paper.id).claims(SOURCE, captured):
            if match.pairing == "inherited" and claim.field in ("captured_at", "location"):
                claim = replace(claim, confidence=min(claim.confidence, _INHERITED))
            yield claim

    def _alone(self) -> list[str]:
        """Sidecars of files that are not here. Nobody promised those: a photo that was deleted
        leaves its sidecar behind."""
        spoken = {match.paper.id for matches in self.matches.values() for match in matches}
        paths = {fold(thing.path) for thing in self.media}
        alone = []
        for number in sorted(self.papers.xmp.keys() | self.papers.photos.keys()):
            paper = self.papers.things[number]
            if number not in spoken and _is_version(paper, paths):
                self.papers.kinds[number] = "other"
            elif number not in spoken:
                alone.append(paper.name)
        return alone

    def _notes(self, said: dict[int, Said], alone: int) -> dict[str, int]:
        fields = Counter(claim.field for one in said.values() for claim in one.claims)
        conflicts = sum(
            claim.field == "captured_at" and "otherwise" in claim.detail
            for one in said.values()
            for claim in one.claims
        )
        counts = {
            "favourite": fields["favourite"],
            "hidden": fields["hidden"],
            "archived": sum(photo.archived for photo in self.papers.photos.values()),
            "conflicts": conflicts,
            "sidecars without a file": alone,
        }
        return {name: count for name, count in counts.items() if count}

    def _warnings(self, alone: list[str]) -> Iterator[str]:
        names = self.papers.unreadable
        if names:
            one, many = "XMP file cannot be read", "XMP files cannot be read"
            yield counted(len(names), one, many, names)
        if alone:
            one = "sidecar speaks of a file that is not here"
            many = "sidecars speak of files that are not here"
            yield counted(len(alone), one, many, alone)


def _is_version(paper: Thing, paths: set[str]) -> bool:
    """darktable keeps further ways to develop a photo in sidecars with a number."""
    found = _VERSION.fullmatch(fold(stem(paper.path)))
    return found is not None and found[1] + found[2] in paths
