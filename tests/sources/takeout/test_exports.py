"""The generated exports themselves: what they hold is real, and read as it was meant."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from albums.media import moment
from albums.sources.archives import find_parts
from albums.sources.importing.dates import captured
from tests.sources.archives.made import read
from tests.sources.takeout.exports.archives import Archive, make_export
from tests.sources.takeout.exports.contents import Content
from tests.sources.takeout.exports.files import Export
from tests.sources.takeout.exports.layout import is_empty
from tests.sources.takeout.exports.score import score


def small(folder: Path, kind: Archive = "zip") -> Export:
    return make_export(folder, 300, 7, kind=kind, sizes=(1500, 2500))


@pytest.mark.parametrize("kind", ["zip", "tgz"])
def test_every_entry_is_read_under_its_own_name_with_its_own_bytes(
    tmp_path: Path, kind: Archive
) -> None:
    export = small(tmp_path, kind)
    found = {}
    parts = find_parts([tmp_path])
    assert not parts.gaps
    for number, part in enumerate(parts.parts):
        for entry, data in read(part):
            assert entry.whole, entry
            found[number, entry.path] = hashlib.sha256(data).hexdigest()
    assert found == {(file.part, file.path): file.sha256 for file in export.files}


def test_two_files_are_the_same_bytes_only_where_they_are_the_same_content(tmp_path: Path) -> None:
    export = small(tmp_path)
    by_sha: dict[str, set[str]] = {}
    for file in export.of("medium"):
        by_sha.setdefault(file.sha256, set()).add(repr(file.content))
    empty = [c for c in by_sha.values() if "'empty'" in next(iter(c))]
    assert len(empty) <= 1
    assert all(len(contents) == 1 for contents in by_sha.values() if contents not in empty)
    contents = {content for some in by_sha.values() for content in some}
    assert len(contents) < len(export.of("medium")), "no copy in any album"


def true_receipt(export: Export) -> list[dict[str, Any]]:
    """What an importer that knows the truth would write."""
    parts = [path.name for path in export.archives]
    lines: list[dict[str, Any]] = []
    for file in export.files:
        paired = file.role == "medium" and file.expect in ("owned", "inherited")
        fate = {"medium": "new", "sidecar": "sidecar", "album": "album"}.get(
            file.role, "other-json"
        )
        fate = "empty" if is_empty(file) else fate
        fate = "not-media" if file.role in ("other", "document", "apple-double") else fate
        lines.append({
            "type": "entry", "part": parts[file.part], "path": file.path, "fate": fate, "rule": "",
            "sha256": None if is_empty(file) else file.sha256, "verdict": "proven",
            "pairing": file.expect if paired else "ambiguous",
            "sidecar": file.sidecar.path if paired and file.sidecar else None,
        })  # fmt: skip
    lines += [
        {"type": "announced", "sidecar": file.path, "url": file.photo.said.url}
        for file in export.announced if file.photo
    ]  # fmt: skip
    for album in export.albums:
        paths = {file.path for file in album.members if not is_empty(file)}
        landed = len(paths) + len(album.json_only)
        lines.append({"type": "collection", "key": album.folder, "title": album.title,
                      "landed": landed})  # fmt: skip
    return lines


def test_a_receipt_is_faulty_where_any_of_its_lines_is_untrue(tmp_path: Path) -> None:
    export = small(tmp_path)
    receipt = true_receipt(export)
    assert score(export, receipt).faults == []
    paired = next(n for n, line in enumerate(receipt) if line.get("sidecar"))
    for change, kind in (
        ({"sidecar": "another.json"}, "wrong"),
        ({"pairing": "ambiguous", "sidecar": None}, "missed"),
        ({"sha256": "0" * 64}, "amiss"),
        ({"fate": "failed"}, "amiss"),
        ({"path": "nowhere.jpg"}, "amiss"),
    ):
        untrue = [line | change if n == paired else line for n, line in enumerate(receipt)]
        assert getattr(score(export, untrue), kind), change
    for what in ("announced", "collection"):
        assert score(export, [line for line in receipt if line["type"] != what]).amiss


def test_the_same_seed_makes_the_same_export(tmp_path: Path) -> None:
    first, second = small(tmp_path / "a"), small(tmp_path / "b")
    assert [f.sha256 for f in first.files] == [f.sha256 for f in second.files]
    assert [f.path for f in first.files] == [f.path for f in second.files]


def test_the_media_say_themselves_when_they_were_taken_and_whose_clips_they_are(
    tmp_path: Path,
) -> None:
    """As the box reads them."""
    unlike = []
    seen: Counter[tuple[str, bool]] = Counter()
    for file in small(tmp_path).of("medium"):
        content = file.content
        assert isinstance(content, Content)
        path = tmp_path / "one"
        path.write_bytes(content.make())
        said = moment.read(path, file.name)
        written = captured(said)
        found = datetime.fromisoformat(written) if written else None
        seen[content.kind, found is not None] += 1
        if (found, said.get("content_id", "")) != (content.captured, content.content_id):
            unlike.append(f"{file.path}: {found}, meant is {content.captured}")
    assert unlike == []
    assert {(kind, True) for kind in ("jpeg", "heic", "mov", "mp4")} <= seen.keys()
