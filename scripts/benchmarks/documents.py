"""Documents: pages a second, as text and as pictures, and searching in thick ones.

All documents are made here: pages of 46 lines of words that are as unequally common as in a
language (Zipf's law).
"""

from __future__ import annotations

import io
import random
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path

from albums.assembly import Albums, open_albums
from albums.ingest.arrival import Arrival
from albums.ingest.steps.words import texts_of, write_texts
from albums.library.documents import keep_document
from albums.library.texts import Line, Page, replace_pages
from albums.media import pdf
from albums.media.documents import read_pages
from albums.search.dates import Moment
from albums.search.find import find
from albums.search.query import parse
from albums.settings import Settings
from albums.web.pages.leaves import leaf
from scripts.benchmarks.table import Row, spread

PAGES, LINES, WORDS = 300, 46, 12  # of a document to be read; of a page; of a line
THICK, THICK_PAGES = 30, 1_000  # documents that are searched
_KNOWN_WORDS = 40_000
_ROUNDS = 15
QUESTIONS = {
    "one rare word": "w39001",
    "one common word": "w7",
    "three words": "w800 w90 w3000",
    "a phrase": '"w3 w1"',
    "a beginning of a word": "w3999",
}


def run(scratch: Path) -> list[Row]:
    """Reading and drawing in one process; searching in a library of thick documents."""
    path = scratch / "document.pdf"
    path.write_bytes(_pdf(_pages(PAGES, seed=1)))
    word = scratch / "document.docx"
    word.write_bytes(_docx(_pages(PAGES, seed=2)))
    return [*_reading(path, word), *_searching(scratch / "documents")]


def _reading(path: Path, word: Path) -> list[Row]:
    text = _seconds(lambda: _whole(path))
    drawn = _seconds(lambda: [pdf.render_page(path, n, 1600) for n in range(1, 31)])
    flowing = _seconds(lambda: read_pages(word, 1, PAGES))
    laid_out = len(read_pages(word, 1, 10 * PAGES)["read"])
    return [
        Row("PDF: text with its places", f"{PAGES / text:.0f} pages/s", f"{LINES} lines a page"),
        Row("PDF: pictures, 1600 pixels", f"{30 / drawn:.1f} pages/s", "opened anew for each"),
        Row("Word: text, laid out", f"{laid_out / flowing:.0f} pages/s", f"{laid_out} pages"),
    ]


def _whole(path: Path) -> int:
    """As the step reads it, a hundred pages a call."""
    read = 0
    while read < PAGES:
        read = read_pages(path, read + 1, read + 100)["read"][-1][0]
    return read


def _searching(folder: Path) -> list[Row]:
    shutil.rmtree(folder, ignore_errors=True)
    albums = open_albums(Settings(library=folder, workers=1))
    try:
        written = [_fill(albums, seed) for seed in range(THICK)]
        note = f"{THICK} documents of {THICK_PAGES:,} pages"
        rows = [Row("A thick document into the library", spread([w * 1000 for w in written]), note)]
        rows += [_ask(albums, name, text) for name, text in QUESTIONS.items()]
        return [*rows, _open(albums)]
    finally:
        albums.close()
        shutil.rmtree(folder)


def _fill(albums: Albums, seed: int) -> float:
    """Seconds that the library needs for one more."""
    content = f"document {seed}".encode()
    arrival = Arrival(f"{seed}.txt", lambda: io.BytesIO(content), source="bench", origin="bench://")
    asset_id = albums.receiver.receive(arrival).asset_id
    assert asset_id is not None
    box = (0.1, 0.1, 0.9, 0.12)
    pages = [
        Page(number, tuple(Line(line, box) for line in lines))
        for number, lines in enumerate(_pages(THICK_PAGES, seed), 1)
    ]
    started = time.perf_counter()
    with albums.library.write(durable=False) as db:
        keep_document(db, asset_id, THICK_PAGES, THICK_PAGES)
        replace_pages(db, asset_id, "document", pages)
        write_texts(db, asset_id, texts_of(db, [asset_id])[asset_id])
    return time.perf_counter() - started


def _ask(albums: Albums, name: str, text: str) -> Row:
    query = parse(text, _today())
    took: list[float] = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        results = find(albums.library, query)
        took.append((time.perf_counter() - started) * 1000)
    pages = max((len(row["why"]["pages"]) for row in results.assets), default=0)
    return Row(f"Search: {name}", spread(took), f"{results.total} found, up to {pages} pages named")


def _open(albums: Albums) -> Row:
    """The page of an asset, at the best of the pages that have a common word."""
    query = parse("w7 w90", _today())
    took: list[float] = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        with albums.library.read() as db:
            asset_id = db.execute("select max(asset_id) from documents").fetchone()[0]
            assert leaf(db, asset_id, None, query)
        took.append((time.perf_counter() - started) * 1000)
    return Row("Opening at the page that was found", spread(took), "with the words marked")


def _today() -> Moment:
    from datetime import date

    return Moment(date(2026, 6, 15))


def _seconds(act: Callable[[], object], rounds: int = 3) -> float:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        act()
        times.append(time.perf_counter() - started)
    return min(times)


def _pages(count: int, seed: int) -> Iterator[list[str]]:
    rng = random.Random(seed)
    weights = list(accumulate(1 / rank for rank in range(1, _KNOWN_WORDS + 1)))
    names = [f"w{rank}" for rank in range(1, _KNOWN_WORDS + 1)]
    for _ in range(count):
        words = rng.choices(names, cum_weights=weights, k=LINES * WORDS)
        yield [" ".join(words[at : at + WORDS]) for at in range(0, len(words), WORDS)]


def _pdf(pages: Iterator[Sequence[str]]) -> bytes:
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 "
               b"/BaseFont /Helvetica >>"]  # fmt: skip
    kids: list[int] = []
    for lines in pages:
        drawn = "".join(f"({line}) Tj T*\n" for line in lines)
        stream = f"BT /F1 10 Tf 15 TL 50 780 Td\n{drawn}ET".encode()
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (listed, len(kids))
    out = bytearray(b"%PDF-1.4\n")
    for number, content in enumerate(objects, 1):  # without a table of objects, which is made anew
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return bytes(out + b"trailer << /Root 1 0 R >>\n")


def _docx(pages: Iterator[Sequence[str]]) -> bytes:
    lines = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for page in pages for line in page)
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{space}"><w:body>{lines}</w:body></w:document>',
        )
    return out.getvalue()
