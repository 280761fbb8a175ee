from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.media import formats, kinds
from albums.media.formats import Format, identify
from tests.media.pictures import corners, encoded


def ftyp(major: bytes, *brands: bytes) -> bytes:
    content = major + bytes(4) + b"".join(brands)
    return struct.pack(">I", 8 + len(content)) + b"ftyp" + content + bytes(32)


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "application/vnd.oasis.opendocument.text")
    return out.getvalue()


def tiff(tag: int) -> bytes:
    return b"II*\0" + struct.pack("<IHHHII", 8, 1, tag, 1, 1, 0) + bytes(4)


HEADS: list[tuple[bytes, str, str, str]] = [
    (encoded(corners(), "JPEG"), "", "image/jpeg", "photo"),
    (encoded(corners(), "PNG"), "", "image/png", "photo"),
    (encoded(corners(), "GIF"), "", "image/gif", "photo"),
    (encoded(corners(), "WEBP"), "", "image/webp", "photo"),
    (encoded(corners(), "TIFF"), "", "image/tiff", "photo"),
    (encoded(corners(), "BMP"), "", "image/bmp", "photo"),
    (encoded(corners(), "AVIF"), "", "image/avif", "photo"),
    (encoded(corners(), "ICO"), "", "image/x-icon", "photo"),
    (ftyp(b"heic", b"mif1"), "", "image/heic", "photo"),
    (ftyp(b"mif1", b"mif1", b"heic"), "", "image/heic", "photo"),
    (ftyp(b"mif1", b"mif1", b"avif"), "", "image/avif", "photo"),
    (ftyp(b"mif1", b"mif1"), "", "image/heif", "photo"),
    (b"\xff\x0a" + bytes(20), "", "image/jxl", "photo"),
    (b"8BPS" + bytes(20), "", "image/vnd.adobe.photoshop", "photo"),
    (b"II*\0\x10\0\0\0CR\2\0", "", "image/x-canon-cr2", "photo"),
    (ftyp(b"crx ", b"isom"), "", "image/x-canon-cr3", "photo"),
    (tiff(0xC612), "", "image/x-adobe-dng", "photo"),
    (tiff(0x0100), "DSC_1.NEF", "image/x-nikon-nef", "photo"),
    (tiff(0x0100), "DSC_1.arw", "image/x-sony-arw", "photo"),
    (b"FUJIFILMCCD-RAW " + bytes(20), "", "image/x-fuji-raf", "photo"),
    (b"IIRO\x08\0\0\0", "", "image/x-olympus-orf", "photo"),
    (b"IIU\0\x08\0\0\0", "", "image/x-panasonic-rw2", "photo"),
    (ftyp(b"isom", b"mp42"), "", "video/mp4", "video"),
    (ftyp(b"qt  "), "", "video/quicktime", "video"),
    (b"\0\0\0\x08wide\0\0\0\0mdat", "", "video/quicktime", "video"),
    (ftyp(b"3gp4"), "", "video/3gpp", "video"),
    (b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska", "", "video/x-matroska", "video"),
    (b"\x1a\x45\xdf\xa3\x93\x42\x82\x84webm", "", "video/webm", "video"),
    (b"RIFF\0\0\0\0AVI LIST", "", "video/x-msvideo", "video"),
    ((b"G" + bytes(187)) * 4, "", "video/mp2t", "video"),
    ((bytes(4) + b"G" + bytes(187)) * 4, "", "video/mp2t", "video"),
    (ftyp(b"M4A "), "", "audio/mp4", "audio"),
    (b"ID3\3" + bytes(20), "", "audio/mpeg", "audio"),
    (b"fLaC" + bytes(20), "", "audio/flac", "audio"),
    (b"RIFF\0\0\0\0WAVEfmt ", "", "audio/wav", "audio"),
    (b"%PDF-1.7\n%\xe2\xe3", "", "application/pdf", "document"),
    (zipped("mimetype"), "", "application/vnd.oasis.opendocument.text", "document"),
    (zipped("[Content_Types].xml", "word/document.xml"), "", (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ), "document"),
    (zipped("photo.jpg"), "", "application/zip", "other"),
    (b'{"title": "IMG_1.jpg"}', "", "application/json", "document"),
    (b"# Notes\n\nhello", "notes.md", "text/markdown", "document"),
    ("schön".encode(), "", "text/plain", "document"),
    ("schön".encode()[:4], "", "text/plain", "document"),
    (b'<x:xmpmeta xmlns:x="adobe:ns:meta/">', "", "application/rdf+xml", "document"),
    (b'<?xml version="1.0"?><a/>', "", "application/xml", "document"),
    (b"", "photo.jpg", "application/octet-stream", "other"),
    (bytes(100), "photo.jpg", "application/octet-stream", "other"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "name", "mime", "kind"),
    HEADS,
    ids=[f"{m}-{n}" for n, (_, _, m, _) in enumerate(HEADS)],
)
def test_a_file_is_known_by_its_first_bytes(head: bytes, name: str, mime: str, kind: str) -> None:
    found = identify(head[: formats.HEAD], name)
    assert (found.mime, found.kind) == (mime, kind)
    assert found.extension == kinds.EXTENSIONS.get(mime, "")


@pytest.mark.parametrize("name", ["x.pdf", "x.mp4", "x.nef", "", "x"])
def test_a_wrong_extension_changes_nothing(name: str) -> None:
    assert identify(encoded(corners(), "JPEG"), name) == Format("image/jpeg", "photo", ".jpg", True)


def test_what_has_no_decoder_is_known_all_the_same() -> None:
    found = identify(b"%!PS-Adobe-3.0")
    assert (found.kind, found.decodable) == ("document", False)
    assert formats.decoder_for(found) is None


@given(head=st.binary(max_size=400), name=st.text(max_size=20))
def test_no_bytes_are_refused(head: bytes, name: str) -> None:
    assert identify(head, name).mime


@given(cut=st.integers(0, 60), which=st.integers(0, len(HEADS) - 1))
def test_a_cut_off_head_is_no_error(cut: int, which: int) -> None:
    assert identify(HEADS[which][0][:cut]).kind


@pytest.mark.parametrize("decoder", formats.DECODERS, ids=lambda d: d.module)
def test_every_decoder_on_the_list_can_be_loaded(decoder: formats.Decoder) -> None:
    assert callable(decoder.load())
    assert set(decoder.scores) <= set(kinds.EXTENSIONS)


def test_identify_file_reads_no_more_than_the_head(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    path.write_bytes(encoded(corners(), "PNG"))
    assert formats.identify_file(path).mime == "image/png"
