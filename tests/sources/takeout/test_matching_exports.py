"""Whole exports with every quirk, made by names that know nothing of the matching, and matched."""

from __future__ import annotations

import random

import pytest

from albums.sources.takeout.matching import match
from albums.sources.takeout.pairing import Leftover, Matching, Medium, Pairing, Sidecar
from tests.sources.takeout.exports.contents import Content
from tests.sources.takeout.exports.files import Export, File
from tests.sources.takeout.exports.layout import plan

LANGUAGES = (("en", "de"), ("de",), ("es", "fr"))


def matched(export: Export, missing: int | None = None) -> Matching:
    """Of all parts, or of all but one."""
    here = [file for file in export.files if file.part != missing]
    media = [as_medium(file) for file in here if file.role == "medium"]
    sidecars = [as_sidecar(file) for file in here if file.role == "sidecar"]
    order = random.Random(len(here))
    order.shuffle(media)
    order.shuffle(sidecars)
    return match(media, sidecars)


def as_medium(file: File) -> Medium:
    assert isinstance(file.content, Content)
    content = file.content
    identifier = content.content_id or None
    return Medium(
        file.id, file.folder, file.name, content.captured, identifier, sha256=repr(content)
    )


def as_sidecar(file: File) -> Sidecar:
    photo = file.photo
    assert photo
    title = photo.title or photo.name
    return Sidecar(file.id, file.folder, file.name, title, photo.taken, photo.said.url)


def fault(file: File, found: Pairing) -> str:
    """What is wrong with a pairing, in words; nothing where all is right."""
    true = file.sidecar.id if file.sidecar else None
    words = f"{file.path}: {found.kind} {found.rule}, true is {file.expect} {true}"
    if found.sidecar and found.sidecar.id != true:
        return f"{words}, not {found.sidecar.id}"
    if file.expect == "open":
        known = {candidate.id for candidate in found.candidates}
        return f"{words}, which is no candidate" if known and true not in known else ""
    if file.twice and found.rule == "same path":  # it is either of the two
        return "" if found.kind == {"owned": "inherited"}.get(file.expect, file.expect) else words
    return words if found.kind != file.expect else ""


def wrong_original(file: File, found: Pairing, by_id: dict[str, File]) -> str:
    """An edited copy or clip must not be given to another photo."""
    true = file.original or file.clip_of
    if found.rule == "same path" or not found.original or not true:
        return ""
    said = by_id[found.original.id]
    return "" if said.path == true.path else f"{file.path}: made from {said.path}, not {true.path}"


def misplaced(file: File, found: Leftover, by_id: dict[str, File]) -> str:
    words = f"{file.path}: {found.kind} {found.rule}, true is {file.expect} {len(file.elsewhere)}"
    if found.kind == "elsewhere":
        photo = by_id[found.medium.id].photo if found.medium else None
        return "" if photo in [other.photo for other in file.elsewhere] else words
    if file.expect == "open" or not file.alone:
        return ""
    return words if file.elsewhere or found.kind != "missing" else ""


@pytest.mark.parametrize("languages", LANGUAGES)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_decidable_medium_of_an_export_has_its_sidecar_and_none_a_wrong_one(
    seed: int, languages: tuple[str, ...]
) -> None:
    export = plan(1500, seed, languages)
    by_id = {file.id: file for file in export.files}
    found = matched(export)
    faults = [fault(by_id[p.medium.id], p) for p in found.pairings]
    faults += [wrong_original(by_id[p.medium.id], p, by_id) for p in found.pairings]
    faults += [misplaced(by_id[left.sidecar.id], left, by_id) for left in found.leftovers]
    assert [words for words in faults if words] == []
    left = {leftover.sidecar.id for leftover in found.leftovers if leftover.kind == "missing"}
    assert {file.id for file in export.announced} <= left
    media = export.of("medium")
    assert sum(file.expect == "open" for file in media) < len(media) / 30


@pytest.mark.parametrize("seed", [3, 4])
def test_of_an_export_without_one_part_nothing_is_paired_wrongly(seed: int) -> None:
    export = plan(1000, seed)
    by_id = {file.id: file for file in export.files}
    for missing in range(export.parts):
        found = matched(export, missing).pairings
        assert [pairing for pairing in found if is_wrong(by_id[pairing.medium.id], pairing)] == []


def is_wrong(file: File, found: Pairing) -> bool:
    """Another sidecar than its own. Of a file without a moment nothing tells that it is another's;
    what was made from a copy "X~2" may take X's."""
    if found.sidecar is None or (file.sidecar and file.sidecar.id == found.sidecar.id):
        return False
    if isinstance(file.content, Content) and file.content.captured is None:
        return False
    return not ("~2" in file.name and found.kind == "inherited")
