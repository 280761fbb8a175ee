"""The matching of media with Google's JSON over all parts together, in a fixed order of rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from albums.sources.takeout.companions import pair_companions
from albums.sources.takeout.edited import pair_edited
from albums.sources.takeout.elsewhere import settle_leftovers
from albums.sources.takeout.owning import (
    OpenFolder,
    Round,
    bare_keys,
    exact_keys,
    second_keys,
    short_keys,
)
from albums.sources.takeout.pairing import Matching, Medium, Pairing, Sidecar
from albums.sources.takeout.plain import own_plain
from albums.sources.takeout.twins import pair_by_cut


def match(media: Iterable[Medium], sidecars: Iterable[Sidecar]) -> Matching:
    """Each medium's sidecar, and what became of the sidecars that no medium has.

    Folders are virtual: the same path in two parts is one folder. The order of the input does
    not matter. Time and memory grow with the number of files, also in one folder.
    """
    by_folder: dict[str, tuple[list[Medium], list[Sidecar]]] = defaultdict(lambda: ([], []))
    for medium in sorted(media, key=_place):
        by_folder[medium.folder][0].append(medium)
    for sidecar in sorted(sidecars, key=_place):
        by_folder[sidecar.folder][1].append(sidecar)
    pairings: list[Pairing] = []
    free: list[Sidecar] = []
    contested: list[Sidecar] = []
    for path in sorted(by_folder):
        folder = _match_folder(*by_folder[path])
        pairings += [folder.pairings[medium.id] for medium in by_folder[path][0]]
        free += folder.sidecars.values()
        contested += folder.contested.values()
    return Matching(tuple(pairings), settle_leftovers(pairings, free, contested))


def _match_folder(media: list[Medium], sidecars: list[Sidecar]) -> OpenFolder:
    folder = OpenFolder(media, sidecars)
    copies = _set_aside_copies(folder)
    own_plain(folder)
    for folded in (False, True):  # composed and without case only as a second chance
        if folder.media and folder.sidecars:
            here = Round(folder, folded)
            here.by_name(exact_keys)
            here.by_name(bare_keys)
            pair_by_cut(here)
            here.by_name(second_keys)
            here.by_name(short_keys)
    if folder.media:
        pair_edited(folder)
    if folder.media:
        pair_companions(folder)
    for medium in list(folder.media.values()):
        folder.pair(Pairing(medium, "none"))
    for copy, first in copies:
        folder.pair(_as_first(copy, folder.pairings[first.id]))
    return folder


def _set_aside_copies(folder: OpenFolder) -> list[tuple[Medium, Medium]]:
    """One virtual path in two parts with the same bytes: the second fares like the first."""
    copies = []
    for _, same in groupby(folder.all, key=lambda medium: medium.name):
        first: dict[str, Medium] = {}
        for medium in same:
            original = first.setdefault(medium.sha256, medium) if medium.sha256 else medium
            if original is not medium:
                copies.append((medium, original))
                del folder.media[medium.id]
    folder.all = list(folder.media.values())
    return copies


def _as_first(copy: Medium, first: Pairing) -> Pairing:
    kind = "inherited" if first.kind == "owned" else first.kind
    return replace(first, medium=copy, kind=kind, rule="same path", also=(), original=first.medium)


def _place(item: Medium | Sidecar) -> tuple[str, str, str]:
    return item.folder, item.name, item.id
