"""The last line of a receipt: green or red, why, and what to do. All times are here."""

from __future__ import annotations

from collections.abc import Iterator

from albums.library.assets import now
from albums.library.import_receipts import Line
from albums.library.imports import PartRow
from albums.sources.importing.receipt_lines import Lines
from albums.sources.importing.tally import Named
from albums.sources.importing.verdicts import AMBIGUOUS, UNCERTAIN, UNSPOKEN
from albums.sources.importing.wording import LAST_PART, advice, amount, fixed, number

_UNCERTAIN = {
    AMBIGUOUS: "nobody can say which of several the export speaks of",
    UNSPOKEN: "the export says nothing of them",
}


def make_seal(lines: Lines) -> Line:
    """Of lines that were all taken."""
    brought, tally = lines.brought, lines.tally
    red = list(_red(lines))
    return {
        "type": "seal",
        "began_at": brought.began_at,
        "ended_at": now(),
        "reread": tally.reread.as_json() | {"differ": tally.differ},
        "verdict": "red" if red else "green",
        "reasons": [_landed(lines), *red],
        "remarks": list(_remarks(lines)),
        "counts": _counts(lines),
        "notes": dict(brought.understood.notes),
        "advice": advice(brought.second_copy_at, brought.began_at, brought.whole.source),
    } | fixed(brought.whole.source)


def _landed(lines: Lines) -> str:
    tally = lines.tally
    kept, all_ = tally.kept, number(tally.with_bytes, "file")
    said = f"{kept.files:,} of {all_}, {amount(kept.bytes)}, read back and equal."
    if tally.photos:
        photos = number(tally.photos, "photo or video", "photos and videos")
        said += f" {tally.verdicts['proven']:,} of {photos} proven."
    return said


def _red(lines: Lines) -> Iterator[str]:
    """Each reason why nobody should delete everything yet."""
    tally = lines.tally
    for why, lost in sorted(tally.lost.items()):
        yield f"{number(lost.count, 'file')} {why}: {_names(lost)}."
    for why, count in sorted(tally.uncertain.items()):
        yield f"{number(count, 'photo')} landed, but {_UNCERTAIN[why]}."
    if tally.announced:
        service = "Google" if lines.brought.whole.source == "takeout" else "the export"
        yield (
            f"{number(tally.announced, 'photo')} announced by {service} "
            f"{_was(tally.announced)} not in the export: see the links."
        )
    yield from _broken_parts(lines)
    for part, rest in sorted(tally.differences().items()):
        yield (
            f"The sums of {part} do not come out: {number(rest.files, 'file')} and "
            f"{number(rest.bytes, 'byte')} are unaccounted for."
        )
    if not tally.with_bytes:
        yield "Nothing was brought."


def _broken_parts(lines: Lines) -> Iterator[str]:
    if gaps := lines.gaps:
        named = ", ".join(map(str, gaps[:20])) + (" ..." if len(gaps) > 20 else "")
        yield f"{number(len(gaps), 'part')} of the export {_is(len(gaps))} missing: {named}."
    for unreadable in lines.brought.found.unreadable:
        yield f"{unreadable.path.name} was not read: {_inside(unreadable.problem)}."
    for part in lines.current:
        if not part.whole:
            yield _not_whole(lines.labels[part.id], part)


def _not_whole(label: str, part: PartRow) -> str:
    why = part.problem or "It was not read to its end"
    return f"{label} is not whole: {why.rstrip('.')}. Download it again and import it once more."


def _remarks(lines: Lines) -> Iterator[str]:
    """What is worth knowing and no reason to be red."""
    found, tally = lines.brought.found, lines.tally
    highest = max((part.number or 0 for part in lines.current), default=0)
    if highest and lines.brought.whole.source == "takeout":
        yield f"Parts were brought up to number {highest}. {LAST_PART}"
    if old := len(lines.parts) - len(lines.current):
        yield f"{number(old, 'part')} came again whole: the earlier no longer {_count(old)}."
    if twice := len(found.repeated):
        yield f"{number(twice, 'part')} lay there twice and {_was(twice)} read once."
    if tally.empty.count:
        yield f"{number(tally.empty.count, 'file')} came empty: {_names(tally.empty)}."
    if found.beside:
        yield (
            f"{number(len(found.beside), 'file')} lay beside the archives and belonged to none "
            "of them: not taken in."
        )
    if found.twins:
        yield f"{number(len(found.twins), 'file')} made by macOS beside the archives left out."
    yield from lines.brought.understood.warnings


def _counts(lines: Lines) -> dict[str, int]:
    tally = lines.tally
    fates = tally.all()
    return {
        "parts": len(lines.current),
        "files": tally.with_bytes,
        "bytes": sum(held.bytes for held in tally.held_by_parts.values()),
        "kept": tally.kept.files,
        "bytes_kept": tally.kept.bytes,
        "photos": tally.photos,
        "proven": tally.verdicts["proven"],
        "uncertain": tally.verdicts[UNCERTAIN],
        "not_landed": tally.verdicts["not landed"],
        "announced": tally.announced,
        "new": fates["new"].files,
        "duplicates": fates["duplicate"].files,
        "captured_conflicts": tally.conflicts,
        "collections": len(lines.brought.understood.albums),
    }


def _inside(sentence: str) -> str:
    """A sentence as it goes on after a colon."""
    sentence = sentence.rstrip(".")
    return sentence[:1].lower() + sentence[1:]


def _names(group: Named) -> str:
    more = group.count - len(group.names)
    return ", ".join(group.names) + (f" and {more:,} more" if more else "")


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _count(count: int) -> str:
    return "counts" if count == 1 else "count"
