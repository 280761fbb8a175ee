"""Google's Takeout: photos with their JSON, albums, and whatever else a person had there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from albums.library.facts import Claim
from albums.sources.archives import Part
from albums.sources.importing.kind import Announced, PaperIs, Said, Thing, Understood
from albums.sources.takeout import claims
from albums.sources.takeout.claims import AlbumSaid, PhotoSaid
from albums.sources.takeout.collecting import (
    FolderOfPhotos,
    albums_in,
    descriptors,
    folders_as_albums,
)
from albums.sources.takeout.judging import FolderContents, Judged, judge
from albums.sources.takeout.matching import match
from albums.sources.takeout.moments import contradict
from albums.sources.takeout.names import is_medium_extension, split_extension
from albums.sources.takeout.pairing import Leftover, Matching, Medium, Pairing, Sidecar
from albums.sources.takeout.saying import SOURCE, claims_of, note
from albums.sources.takeout.tree import key_of, number_of, photos_roots, root_of

_LARGEST_JSON = 16 << 20  # bytes
_MEDIA = ("photo", "video", "audio", "other")
_VARIANTS = ("edited", "edited, cut", "edited, cut away", "variant")
_HIDDEN = Claim("hidden", True, SOURCE, 0.9, "Google's own page, not a photo")
_CLIPS = ("content identifier", "companion", "companion by time")


class Takeout:
    """All parts of one export, as Google names them."""

    name = SOURCE
    about = "a Google Takeout: all its zips, tgzs or unpacked folders"

    def import_name(self, part: Part) -> str | None:
        return f"takeout-{part.export}" if part.export else None

    def is_paper(self, path: str, size: int | None) -> bool:
        return path.lower().endswith(".json") and (size is None or size <= _LARGEST_JSON)

    def understand(self, things: Sequence[Thing]) -> Understood:
        papers = [(thing, claims.read(thing.paper)) for thing in things if thing.paper is not None]
        roots = photos_roots(things, papers)
        photos = _Photos(
            [t for t in things if root_of(t.path) in roots],
            [(t, said) for t, said in papers if root_of(t.path) in roots],
        )
        others = [t for t in things if root_of(t.path) not in roots and t.sha]
        understood = photos.understood()
        understood.papers.update({t.id: "document" for t in others if t.kind == "paper"})
        own = [t for t in others if "/" in t.path and t.folder.lower() != "takeout"]
        understood.albums.extend(folders_as_albums(own))
        named = {thing.id for thing in own}
        beside = [t for t in others if t.id not in named] + photos.beside()
        understood.said.update({t.id: Said((_HIDDEN,)) for t in beside if t.kind != "paper"})
        return understood


class _Photos:
    """The part of the export that holds the photos."""

    def __init__(
        self, things: Sequence[Thing], papers: Sequence[tuple[Thing, claims.Said]]
    ) -> None:
        self.media = {thing.id: thing for thing in things if _is_medium(thing)}
        self.papers = papers
        self.photo_papers = {t.id: said for t, said in papers if isinstance(said, PhotoSaid)}
        self.things = {thing.id: thing for thing in things}
        self.notes: Counter[str] = Counter()

    def beside(self) -> list[Thing]:
        """What Google put among the photos and is none."""
        return [t for t in self.things.values() if t.sha and t.id not in self.media]

    def understood(self) -> Understood:
        matching = match(
            map(_medium, self.media.values()),
            [_sidecar(self.things[n], said) for n, said in self.photo_papers.items()],
        )
        for said_by_google in self.photo_papers.values():
            note(self.notes, said_by_google)
        said = self._shared({number_of(p.medium.id): self._said(p) for p in matching.pairings})
        return Understood(
            said=said,
            albums=list(albums_in(*self._folders(matching), said)),
            announced=[self._announced(left) for left in matching.leftovers if _lost(left)],
            papers={thing.id: _what(paper) for thing, paper in self.papers},
            notes={name: count for name, count in sorted(self.notes.items()) if count},
        )

    def _said(self, pairing: Pairing) -> Said:
        original = number_of(pairing.original.id) if pairing.original else None
        speaker = pairing.sidecar if pairing.kind in ("owned", "inherited") else None
        found = self.photo_papers[number_of(speaker.id)] if speaker else None
        if speaker and pairing.kind == "owned" and contradict(pairing.medium, speaker):
            self.notes["times that the file says otherwise"] += 1
        return Said(
            claims=claims_of(found, inherited=pairing.kind == "inherited") if found else (),
            papers=tuple(number_of(s.id) for s in (speaker, *pairing.also) if s),
            pairing=pairing.kind,
            rule=pairing.rule,
            url=found.url if found else None,
            taken=found.taken.isoformat() if found and found.taken else None,
            uploaded=found.uploaded.isoformat() if found and found.uploaded else None,
            variant_of=original if pairing.rule in _VARIANTS else None,
            clip_of=original if self._is_clip(pairing) else None,
            trashed=bool(found and found.trashed),
        )

    def _shared(self, said: dict[int, Said]) -> dict[int, Said]:
        """The copy of a photo in an album has the photo's JSON, where it has none of its own."""
        owners = {
            self.media[number].sha: number
            for number, one in sorted(said.items(), key=self._place, reverse=True)
            if one.pairing == "owned"
        }
        return {
            number: _as_copy(said[owners[sha]])
            if one.pairing == "none" and (sha := self.media[number].sha) in owners
            else one
            for number, one in said.items()
        }

    def _place(self, pair: tuple[int, Said]) -> tuple[int, int]:
        """The same in whatever order the parts came."""
        return self.media[pair[0]].part, pair[0]

    def _is_clip(self, pairing: Pairing) -> bool:
        """Of a still that is here."""
        if pairing.original is None or pairing.rule not in _CLIPS:
            return False
        still = self.media[number_of(pairing.original.id)]
        return self.media[number_of(pairing.medium.id)].kind == "video" and still.kind == "photo"

    def _folders(self, matching: Matching) -> tuple[dict[str, Judged], dict[str, FolderOfPhotos]]:
        described = descriptors(self.papers)
        folders: dict[str, FolderOfPhotos] = defaultdict(FolderOfPhotos)
        for thing in self.media.values():
            folders[thing.folder].media.append(thing)
        for number, said in self.photo_papers.items():
            folders[self.things[number].folder].said.append(said)
        for left in matching.leftovers:
            folders[left.sidecar.folder].leftovers.append(left)
        for path in described:
            folders[path]  # also an album without photos
        judged = judge(
            FolderContents(path, len(f.media), len(f.said), tuple(described.get(path, ())))
            for path, f in folders.items()
        )
        return judged, dict(folders)

    def _announced(self, left: Leftover) -> Announced:
        sidecar = left.sidecar
        return Announced(
            paper=number_of(sidecar.id),
            title=sidecar.title or sidecar.name,
            url=sidecar.url,
            taken=sidecar.taken.isoformat() if sidecar.taken else None,
            perhaps=tuple(self.media[number_of(m.id)].path for m in left.candidates),
        )


def _as_copy(owner: Said) -> Said:
    return replace(owner, pairing="inherited", rule="same bytes")


def _is_medium(thing: Thing) -> bool:
    """Also what could not be read: its JSON speaks of it."""
    if thing.kind in _MEDIA and thing.status not in ("failed", "empty", "skipped"):
        return True
    extension = split_extension(thing.name)[1]
    return thing.kind != "paper" and is_medium_extension(extension)


def _medium(thing: Thing) -> Medium:
    return Medium(
        key_of(thing), thing.folder, thing.name, thing.captured, thing.content_id, thing.sha
    )


def _sidecar(thing: Thing, said: PhotoSaid) -> Sidecar:
    return Sidecar(key_of(thing), thing.folder, thing.name, said.title, said.taken, said.url)


def _what(said: claims.Said) -> PaperIs:
    if isinstance(said, PhotoSaid):
        return "sidecar"
    return "album" if isinstance(said, AlbumSaid) else "other"


def _lost(left: Leftover) -> bool:
    """Its photo is not here, or nobody can say which one it is."""
    return left.kind in ("missing", "ambiguous")
