"""Documents made on the spot. The PDFs are written by hand, so that every byte is known."""

from __future__ import annotations

from collections.abc import Sequence

Rows = Sequence[str]


def pdf(
    pages: Sequence[Rows],
    *,
    size: tuple[float, float] = (595, 842),
    info: str = "",
    rotate: int = 0,
    extra: str = "",
) -> bytes:
    """A PDF with these lines on these pages. `size`: points. `info`: what stands in its
    information dictionary, in PDF's own syntax; `extra`: in each page's dictionary."""
    objects: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        4: f"<< {info} >>".encode("latin-1"),
    }
    kids = []
    for index, rows in enumerate(pages):
        page, content = 5 + 2 * index, 6 + 2 * index
        kids.append(f"{page} 0 R")
        objects[page] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] /Rotate {rotate} "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {content} 0 R {extra} >>"
        ).encode("latin-1")
        stream = _drawn(rows, size[1])
        objects[content] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(pages)} >>".encode()
    return _put_together(objects)


def _drawn(rows: Rows, height: float) -> bytes:
    lines = [b"BT /F1 14 Tf 18 TL 60 %d Td" % (height - 80)]
    for row in rows:
        plain = row.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        lines.append(b"(" + plain.encode("cp1252") + b") Tj T*")
    return b"\n".join([*lines, b"ET"])


def _put_together(objects: dict[int, bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number in sorted(objects):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\n" % (len(offsets) + 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)
