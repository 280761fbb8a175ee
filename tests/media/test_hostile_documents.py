"""Documents made to harm, and documents that are damaged: each gives pages or a reason."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from albums.errors import Undecodable
from albums.media import documents, exif, package, picture, plain
from albums.media.sandbox import Sandbox
from tests.media.papers import ODT, W, docx, epub, form, locked, odf, pdf, pptx, xlsx

SEEDS: dict[str, bytes] = {
    "a.pdf": pdf([["Dear Ana,", "one"], ["Tax form 2024"]], info="/Title (x) /Author (y)"),
    "form.pdf": form("Ana Sousa"),
    "a.docx": docx("Dear Bo,\nthe rent"),
    "a.odt": odf("text", ODT),
    "a.txt": "Straße, façade\nand a second line\n".encode() * 4,
    "a.xlsx": xlsx(),
    "a.pptx": pptx(),
    "a.epub": epub(["<h1>First</h1><p>It was night</p>"]),
    "a.rtf": rb"{\rtf1\ansi{\info{\title Will}}\b Caf\'e9\b0\par \u8364? Two}",
    "a.eml": b"From: a@b.c\r\nDate: Tue, 5 Mar 2024 10:00:00 +0100\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\nHello\r\n--x--\r\n',
    "a.html": b"<!doctype html><title>T</title><p>Caf&eacute;<table><tr><td>a<td>b</table>",
    "a.csv": b'name;age\n"Bo; the dog";4\n',
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(workers=1, seconds=60, memory_mb=1024, niceness=0) as sandbox:
        yield sandbox


Put = Callable[[bytes, str], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def put(content: bytes, name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return put


def reason(sandbox: Sandbox, path: Path) -> str:
    """Why nothing of it can be read; its picture must say the same."""
    with pytest.raises(Undecodable) as reading:
        sandbox.call(documents.read_pages, path, 1, 10)
    with pytest.raises(Undecodable) as drawing:
        sandbox.call(picture.render, path)
    assert drawing.value.facts["reason"] == reading.value.facts["reason"]
    assert reading.value.hint
    assert isinstance(sandbox.call(exif.read, path, path.name)["warnings"], list)
    return f"{reading.value.facts['reason']}: {reading.value}"


def test_a_locked_pdf_says_so(sandbox: Sandbox, put: Put) -> None:
    assert reason(sandbox, put(locked(), "a.pdf")).startswith("locked: The PDF is locked")


def test_a_locked_document_says_so(sandbox: Sandbox, put: Put) -> None:
    content = bytearray(docx("secret"))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # a flag of every part
        start = content.find(mark)
        while start >= 0:
            content[start + at] |= 1
            start = content.find(mark, start + 1)
    assert reason(sandbox, put(bytes(content), "a.docx")).startswith("locked: The document is")


def test_a_pdf_without_its_table_of_objects_is_still_read(sandbox: Sandbox, put: Put) -> None:
    whole = SEEDS["a.pdf"]
    broken = whole[: whole.index(b"xref")] + b"trailer << /Root 1 0 R >>"
    answer = sandbox.call(documents.read_pages, put(broken, "a.pdf"), 1, 10)
    assert [line[0] for line in answer["read"][1][1]] == ["Tax form 2024"]


def test_a_pdf_of_which_only_the_beginning_is_there_is_broken(sandbox: Sandbox, put: Put) -> None:
    assert reason(sandbox, put(SEEDS["a.pdf"][:60], "a.pdf")).startswith("broken: The file could")


@pytest.mark.parametrize("size", [(28_346, 842), (200, 1_000_000), (1e9, 1), (0.01, 0.01)])
def test_a_page_as_wide_as_a_house_is_a_picture(
    sandbox: Sandbox, put: Put, size: tuple[float, float]
) -> None:
    path = put(pdf([["wide"]], size=size), "a.pdf")
    assert sandbox.call(picture.render, path).pictures[300]
    assert sandbox.call(documents.render_page, path, 1, 1600)


def test_pages_are_read_in_parts_whatever_their_number(sandbox: Sandbox, put: Put) -> None:
    path = put(pdf([[f"page {number}"] for number in range(1, 10_001)]), "a.pdf")
    answer = sandbox.call(documents.read_pages, path, 9_990, 20_000)
    assert answer["pages"] == 10_000
    assert [page[0] for page in answer["read"]] == [*range(9_990, 10_001)]
    assert answer["read"][-1][1][0][0] == "page 10000"


def test_a_count_of_pages_that_lies_is_no_work(sandbox: Sandbox, put: Put) -> None:
    lying = SEEDS["a.pdf"].replace(b"/Count 2", b"/Count 2000000000")
    answer = sandbox.call(documents.read_pages, put(lying, "a.pdf"), 1, 100)
    assert len(answer["read"]) <= 100


def test_a_rotated_page_has_its_lines_where_they_are_seen(sandbox: Sandbox, put: Put) -> None:
    path = put(pdf([["top left when upright"]], rotate=90), "a.pdf")
    [[_, [[_, (left, top, right, bottom), _, turn]]]] = sandbox.call(
        documents.read_pages, path, 1, 1
    )["read"]
    assert left > 0.85  # a quarter turn clockwise brings the top to the right
    assert bottom - top > right - left
    assert turn == 1


def bomb(size: int) -> bytes:
    """A part that unpacks to `size` bytes of text."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as part:
            part.write(f"<w:document {W}><w:body><w:p><w:r><w:t>".encode())
            for _ in range(size // 1_000_000):
                part.write(b" " * 1_000_000)
            part.write(b"</w:t></w:r></w:p></w:body></w:document>")
    return out.getvalue()


def test_a_zip_bomb_is_too_large(sandbox: Sandbox, put: Put) -> None:
    path = put(bomb(package.LARGEST + 2_000_000), "a.docx")
    assert path.stat().st_size < 200_000
    assert reason(sandbox, path).startswith("too-large: The document is too large to open")


def test_an_xml_bomb_is_refused(sandbox: Sandbox, put: Put) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 30))
    laughs = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><x {W}><w:p>&e29;</w:p></x>'
    path = put(docx("x", **{"word/document.xml": laughs}), "a.docx")
    assert reason(sandbox, path) == (
        "too-large: The document is too large to open. its XML defines entities. "
        "The original is kept as it is."
    )


def test_xml_that_reads_a_file_of_the_box_reads_nothing(sandbox: Sandbox, put: Put) -> None:
    secret = put(b"the secret of the box", "secret.txt")
    reading = (
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]><x {W}><w:p><w:t>&e;</w:t></w:p></x>'
    )
    path = put(docx("x", **{"word/document.xml": reading}), "a.docx")
    assert "defines entities" in reason(sandbox, path)


def test_xml_without_end_of_depth_is_refused(sandbox: Sandbox, put: Put) -> None:
    deep = f"<x {W}>" + "<w:p>" * 1_000_000
    path = put(docx("x", **{"word/document.xml": deep}), "a.docx")
    assert "nested too deeply" in reason(sandbox, path)


def test_a_repeated_cell_is_not_a_million_cells(sandbox: Sandbox, put: Put) -> None:
    cell = '<table:table-cell table:number-columns-repeated="1000000000"><text:p>x</text:p>'
    row = f"""<table:table><table:table-row table:number-rows-repeated="1000000000">
        {cell}</table:table-cell></table:table-row></table:table>"""
    path = put(odf("spreadsheet", row), "a.ods")
    assert len(sandbox.call(documents.read_pages, path, 1, 10)["read"]) == 1


def test_a_text_that_never_ends_is_read_as_far_as_it_is_worth(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain, "LARGEST", 1_000_000)
    answer = documents.read_pages(put(b"word " * 300_000, "a.txt"), 1, 10)
    assert answer["cut"] == "Only the first 1 MB were read."
    words = [line[0].count("word") for _, lines in answer["read"] for line in lines]
    assert sum(words) == 200_000


def test_an_empty_text_says_so(sandbox: Sandbox, put: Put) -> None:
    assert reason(sandbox, put(b"\r\n \n", "a.txt")).startswith("empty: The file is empty")


def mutated(seed: bytes, rng: random.Random) -> bytes:
    """Damaged: bytes changed, a stretch taken out, put twice, or the end cut off. Inside a zip too,
    for what is damaged in its packed parts ends at a checksum."""
    if seed.startswith(b"PK") and rng.random() < 0.7:
        return _mutated_inside(seed, rng)
    content = bytearray(seed)
    for _ in range(rng.choice([1, 1, 2, 12])):
        content[rng.randrange(len(content))] = rng.randrange(256)
    start = rng.randrange(len(content))
    stretch = slice(start, start + rng.randint(1, 60))
    choice = rng.random()
    if choice < 0.15:
        del content[stretch]
    elif choice < 0.3:
        content[start:start] = content[stretch] * rng.choice([1, 3, 50])
    elif choice < 0.4:
        del content[start:]
    elif choice < 0.6:
        number = str(rng.choice([-1, 0, 1, 65_535, 2**31 - 1, 2**32, 10**20])).encode()
        content[stretch] = number
    return bytes(content)


def _mutated_inside(seed: bytes, rng: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(seed)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        victim = rng.choice(names)
        for name in names:
            content = old.read(name)
            if name == victim and content:
                content = mutated(content, rng)
            new.writestr(name, content)
    return out.getvalue()


T = TypeVar("T")


def patient(call: Callable[[], T]) -> T:
    """Twice, if time ran out: what a busy machine does says nothing of the file."""
    try:
        return call()
    except Undecodable as undecodable:
        if undecodable.facts["reason"] != "timeout":
            raise
    return call()


def attempt(sandbox: Sandbox, path: Path) -> bool:
    """Whether it could be read; that it cannot must have a reason, and never the clock's."""
    assert isinstance(patient(lambda: sandbox.call(exif.read, path, path.name))["warnings"], list)
    refusals: list[Undecodable] = []
    for call in (
        lambda: sandbox.call(documents.read_pages, path, 1, 5)["pages"],
        lambda: len(sandbox.call(documents.render_page, path, 1, 400)),
        lambda: sandbox.call(picture.render, path, (300,)).width,
    ):
        try:
            assert patient(call) > 0
        except Undecodable as undecodable:
            refusals.append(undecodable)
    passing = [str(r) for r in refusals if r.facts["reason"] in ("timeout", "memory", "crash")]
    assert not passing, path.read_bytes()
    return not refusals


@pytest.mark.parametrize("name", SEEDS)
def test_a_damaged_document_gives_pages_or_a_reason(sandbox: Sandbox, put: Put, name: str) -> None:
    fuzz(sandbox, put, name, rounds=20)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", SEEDS)
def test_two_thousand_damaged_documents_give_pages_or_a_reason(
    sandbox: Sandbox, put: Put, name: str
) -> None:
    fuzz(sandbox, put, name, rounds=2_000)


def fuzz(sandbox: Sandbox, put: Put, name: str, rounds: int) -> None:
    rng = random.Random(name)
    read = sum(attempt(sandbox, put(mutated(SEEDS[name], rng), name)) for _ in range(rounds))
    assert read, "nothing was read: the damage is too great to find anything"
    assert attempt(sandbox, put(SEEDS[name], name))
