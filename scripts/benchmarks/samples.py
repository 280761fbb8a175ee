"""What becomes of every file of the sample data: it is kept, and has a picture or a stated reason
why not. `python -m scripts.benchmarks samples` with ALBUMS_SAMPLES set."""

from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from albums.assembly import Albums, open_albums
from albums.ingest.runner import Runner
from albums.settings import Settings
from albums.sources.folder import import_folder
from albums.sources.source import Progress
from scripts.benchmarks.table import Row

STEPS = ("facts", "pictures")
LONGEST = 1800.0  # seconds
EXAMPLES = 6  # names of files that share a reason

_ENDS = """
    select a.name, a.mime, w.state, w.error, pic.asset_id is not null as pictured
    from assets a join work w on w.asset_id = a.id and w.step = 'pictures'
    left join pictures pic on pic.asset_id = a.id"""


def run(scratch: Path, samples: Path) -> list[Row]:
    """Rows for README: the whole, the kinds of file, and every reason."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        albums = open_albums(Settings(library=Path(folder) / "library"))
        try:
            begun = time.perf_counter()
            progress = Progress(str(samples))
            import_folder(samples, albums.receiver, progress, threading.Event())
            _work(albums)
            seconds = time.perf_counter() - begun
            with albums.library.read() as db:
                ends = [dict(row) for row in db.execute(_ENDS)]
            return [*_whole(albums, progress, ends, seconds), *_kinds(ends), *_reasons(ends)]
        finally:
            albums.close()


def _work(albums: Albums) -> None:
    """Until every asset was opened. Raises TimeoutError."""
    runner = Runner(
        albums.ledger, [s for s in albums.runner.steps if s.name in STEPS], albums.tools
    )
    runner.start()
    try:
        deadline = time.monotonic() + LONGEST
        while _left(albums):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{_left(albums)} pieces of work do not come to an end")
            time.sleep(0.5)
    finally:
        runner.stop()


def _left(albums: Albums) -> int:
    with albums.library.read() as db:
        progress = albums.ledger.progress(db)
    return sum(progress[step].get(state, 0) for step in STEPS for state in ("open", "waiting"))


def _whole(
    albums: Albums, progress: Progress, ends: list[dict[str, Any]], seconds: float
) -> list[Row]:
    pictured = [end for end in ends if end["pictured"]]
    reasoned = [end for end in ends if not end["pictured"] and end["error"]]
    silent = [end["name"] for end in ends if not end["pictured"] and not end["error"]]
    taken = progress.ingested + progress.duplicate
    return [
        Row(
            "files in the folder",
            f"{progress.found:,}",
            f"{taken:,} taken in ({progress.duplicate} the same bytes as another), "
            f"{progress.skipped} passed over, {progress.failed} failed",
        ),
        Row("assets with a picture", f"{len(pictured):,} of {len(ends):,}", f"{seconds:.0f} s"),
        Row("assets with a stated reason instead", f"{len(reasoned)}"),
        Row("assets with neither", f"{len(silent)}", ", ".join(silent[:EXAMPLES])),
    ]


def _kinds(ends: list[dict[str, Any]]) -> list[Row]:
    all = Counter(end["mime"] for end in ends)
    pictured = Counter(end["mime"] for end in ends if end["pictured"])
    return [Row(mime, f"{pictured[mime]} of {count} pictured") for mime, count in all.most_common()]


def _reasons(ends: list[dict[str, Any]]) -> list[Row]:
    by_reason: dict[str, list[str]] = {}
    for end in ends:
        if not end["pictured"]:
            by_reason.setdefault(end["error"], []).append(end["name"])
    return [Row(_some(names), reason) for reason, names in by_reason.items()]


def _some(names: Iterable[str]) -> str:
    shown = sorted(names)
    more = f" and {len(shown) - EXAMPLES} more" if len(shown) > EXAMPLES else ""
    return ", ".join(shown[:EXAMPLES]) + more
