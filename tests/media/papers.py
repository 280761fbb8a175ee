"""Documents made on the spot. The PDFs are written by hand, so that every byte is known."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from html import escape

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


def form(value: str) -> bytes:
    """A PDF with one field of a form, and what was written into it."""
    field = f"""<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V ({value}) /F 4
        /Rect [100 600 300 620] /DA (/Helv 12 Tf 0 g) >>"""
    content = pdf([["Name:"]], extra=f"/Annots [{field}]")
    return content.replace(
        b"/Type /Catalog", b"/Type /Catalog /AcroForm << /Fields [] /NeedAppearances true >>"
    )


def locked() -> bytes:
    """A PDF that nobody's empty password opens."""
    secret = "ab" * 32
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{secret}> /U <{secret}> /P -4 >>"
    return pdf([["secret"]]).replace(b"/Info 4 0 R", f"/ID [<00> <00>] {lock}".encode())


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


def package(parts: Mapping[str, str | bytes], mimetype: str = "") -> bytes:
    """A zip of these parts. OpenDocument and EPUB begin with their type, unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype, zipfile.ZIP_STORED)
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


_TYPES = {"[Content_Types].xml": "<Types/>", "_rels/.rels": "<Relationships/>"}
_CORE = """<cp:coreProperties xmlns:cp="core" xmlns:dc="dc" xmlns:dcterms="terms">
    <dc:title>{title}</dc:title><dc:creator>Ana Sousa</dc:creator>
    <cp:keywords>home, tax</cp:keywords>
    <dcterms:created>2024-03-05T10:20:00Z</dcterms:created>
    <dcterms:modified>2024-04-01T08:00:00Z</dcterms:modified></cp:coreProperties>"""
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
NEW_PAGE = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'


def docx(body: str, title: str = "A letter", **parts: str | bytes) -> bytes:
    """`body`: the document's XML, or plain text without markup, of which each line is a paragraph.
    `parts`: more parts, by their names."""
    if "<" not in body:
        lines = (f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in body.split("\n"))
        body = "".join(lines)
    return package(
        _TYPES
        | {
            "word/document.xml": f"<w:document {W}><w:body>{body}</w:body></w:document>",
            "docProps/core.xml": _CORE.format(title=title),
        }
        | parts
    )


def xlsx() -> bytes:
    """Two sheets; shared strings, a number and a date. The list of types comes last, as some
    programs put it."""
    sheet = """<worksheet><sheetData>
        <row><c t="s"><v>1</v></c><c t="s"><v>0</v></c></row>
        <row><c s="1"><v>45356</v></c><c><v>12.5</v></c><c t="b"><v>1</v></c></row>
        </sheetData></worksheet>"""
    return package(
        {
            "docProps/app.xml": "<Properties/>",
            "xl/workbook.xml": f"""<workbook xmlns:r="{_RELATION}"><sheets>
                <sheet name="Rent" sheetId="1" r:id="rId2"/><sheet name="Food" r:id="rId1"/>
                </sheets></workbook>""",
            "xl/_rels/workbook.xml.rels": """<Relationships>
                <Relationship Id="rId1" Target="worksheets/sheet1.xml"/>
                <Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>""",
            "xl/sharedStrings.xml": """<sst><si><t>Amount</t></si>
                <si><r><t>Da</t></r><r><t>y</t></r></si></sst>""",
            "xl/styles.xml": """<styleSheet><cellStyleXfs><xf numFmtId="0"/></cellStyleXfs>
                <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>""",
            "xl/worksheets/sheet2.xml": sheet,
            "xl/worksheets/sheet1.xml": """<worksheet><row>
                <c t="inlineStr"><is><t>Bread</t></is></c></row></worksheet>""",
            **_TYPES,
        }
    )


def pptx() -> bytes:
    """Two slides, in another order than their names, and notes of the first."""
    slide = """<p:sld xmlns:p="p" xmlns:a="a"><p:sp><p:nvPr><p:ph type="title"/></p:nvPr>
        <p:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:txBody></p:sp></p:sld>"""
    return package(
        _TYPES
        | {
            "ppt/presentation.xml": f"""<p:presentation xmlns:p="p" xmlns:r="{_RELATION}">
                <p:sldIdLst>
                <p:sldId id="256" r:id="rId9"/><p:sldId id="257" r:id="rId3"/></p:sldIdLst>
                </p:presentation>""",
            "ppt/_rels/presentation.xml.rels": """<Relationships>
                <Relationship Id="rId9" Target="slides/slide2.xml"/>
                <Relationship Id="rId3" Target="slides/slide1.xml"/></Relationships>""",
            "ppt/slides/slide1.xml": slide.format("The end"),
            "ppt/slides/slide2.xml": slide.format("Our holiday"),
            "ppt/slides/_rels/slide2.xml.rels": """<Relationships><Relationship
                Id="rId1" Target="../notesSlides/notesSlide1.xml"/></Relationships>""",
            "ppt/notesSlides/notesSlide1.xml": slide.format("Speak slowly"),
        }
    )


ODF = "application/vnd.oasis.opendocument."
_META = """<office:document-meta xmlns:office="o" xmlns:meta="m" xmlns:dc="d"><office:meta>
    <dc:title>Recipes</dc:title><meta:initial-creator>Ana Sousa</meta:initial-creator>
    <meta:creation-date>2023-12-24T18:00:00.5</meta:creation-date><meta:keyword>cake</meta:keyword>
    <meta:keyword>bread</meta:keyword></office:meta></office:document-meta>"""


def odf(kind: str, body: str, **parts: str | bytes) -> bytes:
    """`kind`: text, spreadsheet, presentation. `body`: XML of what stands in it."""
    content = f"""<office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="b"
        xmlns:draw="w"><office:body>{body}</office:body></office:document-content>"""
    return package({"content.xml": content, "meta.xml": _META} | parts, ODF + kind)


ODT = '<text:h text:outline-level="1">Cake</text:h><text:p>Two<text:s text:c="2"/>eggs</text:p>'


def epub(chapters: Sequence[str], cover: bytes = b"") -> bytes:
    """Each chapter is the inside of an HTML page's body."""
    numbers = range(len(chapters))
    items = "".join(f'<item id="c{n}" href="text/c%20{n}.xhtml"/>' for n in numbers)
    order = "".join(f'<itemref idref="c{n}"/>' for n in numbers)
    pages = {
        f"OPS/text/c {n}.xhtml": f"<html><title>x</title><body>{text}</body></html>"
        for n, text in enumerate(chapters)
    }
    return package(
        {
            "META-INF/container.xml": '<container><rootfile full-path="OPS/book.opf"/></container>',
            "OPS/book.opf": f"""<package xmlns:dc="d"><metadata><dc:title>A book</dc:title>
                <dc:creator>Ana Sousa</dc:creator><dc:date>1999</dc:date></metadata><manifest>
                <item id="cover" href="cover.jpg" properties="cover-image"/>{items}</manifest>
                <spine>{order}</spine></package>""",
            "OPS/cover.jpg": cover,
            **pages,
        },
        "application/epub+zip",
    )
