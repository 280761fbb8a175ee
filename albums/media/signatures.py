"""Magic bytes -> mime type. One small function for each family of containers."""

from __future__ import annotations

import re
import struct

UNKNOWN = "application/octet-stream"
DNG_VERSION = 0xC612  # the tag that every DNG must have in its first IFD

PREFIXES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\xff\x0a", "image/jxl"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x4f\xff\x51", "image/jp2"),
    (b"\x00\x00\x01\x00", "image/x-icon"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"II\x1a\x00\x00\x00HEAPCCDR", "image/x-canon-crw"),
    (b"FUJIFILMCCD-RAW", "image/x-fuji-raf"),
    (b"IIRO", "image/x-olympus-orf"),
    (b"IIRS", "image/x-olympus-orf"),
    (b"MMOR", "image/x-olympus-orf"),
    (b"IIU\x00", "image/x-panasonic-rw2"),
    (b"\x00MRM", "image/x-minolta-mrw"),
    (b"FOVb", "image/x-sigma-x3f"),
    (b"\x00\x00\x01\xba", "video/mpeg"),
    (b"\x00\x00\x01\xb3", "video/mpeg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-wmv"),
    (b"FLV\x01", "video/x-flv"),
    (b"\x1f\x07\x00\x3f", "video/dv"),
    (b"\x1f\x07\x00\xbf", "video/dv"),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01", "video/mxf"),
    (b".RMF\x00", "video/vnd.rn-realvideo"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"MThd", "audio/midi"),
    (b"%PDF-", "application/pdf"),
    (b"%!PS", "application/postscript"),
    (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
)

# RAW photos whose bytes begin like any TIFF: here the name must tell.
TIFF_RAWS = {
    ".nef": "image/x-nikon-nef",
    ".nrw": "image/x-nikon-nrw",
    ".arw": "image/x-sony-arw",
    ".sr2": "image/x-sony-sr2",
    ".dng": "image/x-adobe-dng",
    ".pef": "image/x-pentax-pef",
    ".srw": "image/x-samsung-srw",
    ".3fr": "image/x-hasselblad-3fr",
    ".iiq": "image/x-phaseone-iiq",
    ".dcr": "image/x-kodak-dcr",
    ".kdc": "image/x-kodak-kdc",
    ".erf": "image/x-epson-erf",
    ".mef": "image/x-mamiya-mef",
    ".mos": "image/x-leaf-mos",
}

TEXTS = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".csv": "text/csv",
    ".json": "application/json",
    ".xml": "application/xml",
    ".xmp": "application/rdf+xml",
    ".html": "text/html",
    ".htm": "text/html",
    ".eml": "message/rfc822",
}
# Where bytes of a text stand for letters in a way that they do not say, the name must tell.
NAMED_TEXTS = {*TEXTS, ".txt", ".text", ".log", ".srt", ".ini", ".nfo", ".tsv"}
MAIL = ("from", "received", "return-path", "delivered-to", "message-id", "mime-version", "date")

# ISO base media brands, in the order in which they decide when a file names several.
BRANDS = (
    ({b"avif", b"avis"}, "image/avif"),
    ({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}, "image/heic"),
    ({b"mif1", b"msf1", b"mif2", b"jpeg", b"avci", b"avcs", b"miaf"}, "image/heif"),
    ({b"crx "}, "image/x-canon-cr3"),
)
MAJOR_BRANDS = {b"qt  ": "video/quicktime", b"M4A ": "audio/mp4", b"M4B ": "audio/mp4"}

OFFICE = "application/vnd.openxmlformats-officedocument."
ZIP_MEMBERS = (
    (b"word/", ".docx", OFFICE + "wordprocessingml.document"),
    (b"xl/", ".xlsx", OFFICE + "spreadsheetml.sheet"),
    (b"ppt/", ".pptx", OFFICE + "presentationml.presentation"),
)
PACKAGE = (b"[Content_Types].xml", b"_rels/.rels", b"docProps/")  # of an Office document


def mime_of(head: bytes, suffix: str = "") -> str:
    """The mime type of a file that begins with `head`; `suffix` (".nef") only breaks ties."""
    for prefix, mime in PREFIXES:
        if head.startswith(prefix):
            return mime
    for family in (_tiff, _iso_media, _riff, _matroska, _ogg, _zip, _bare, _text):
        if found := family(head, suffix):
            return found
    return UNKNOWN


def _tiff(head: bytes, suffix: str) -> str | None:
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        return None
    version, offset = struct.unpack_from(order + "HI", head, 2)
    if version == 43:
        return "image/tiff"
    if version != 42:
        return None
    if head[8:10] == b"CR":
        return "image/x-canon-cr2"
    if DNG_VERSION in _first_tags(head, order, offset):
        return "image/x-adobe-dng"
    return TIFF_RAWS.get(suffix, "image/tiff")


def _first_tags(head: bytes, order: str, offset: int) -> set[int]:
    """The tag numbers of the first IFD, as far as they lie in the head."""
    if offset + 2 > len(head):
        return set()
    (count,) = struct.unpack_from(order + "H", head, offset)
    starts = range(offset + 2, min(offset + 2 + 12 * count, len(head) - 1), 12)
    return {struct.unpack_from(order + "H", head, start)[0] for start in starts}


def _iso_media(head: bytes, suffix: str) -> str | None:
    box = head[4:8]
    if box in (b"moov", b"mdat", b"wide", b"pnot", b"free", b"skip") and len(head) >= 8:
        return "video/quicktime"  # from before there was an ftyp box
    if box != b"ftyp":
        return None
    size = min(max(int.from_bytes(head[:4], "big"), 12), len(head))
    major = head[8:12]
    brands = {major} | {head[at : at + 4] for at in range(16, size - 3, 4)}
    for names, mime in BRANDS:
        if major in names:
            # mif1 only says "an image": what the image is made of stands behind it.
            return next(m for n, m in BRANDS if brands & n) if major in BRANDS[2][0] else mime
    if major[:3] == b"3gp":
        return "video/3gpp"
    if major[:3] == b"3g2":
        return "video/3gpp2"
    return MAJOR_BRANDS.get(major, "video/mp4")


def _riff(head: bytes, suffix: str) -> str | None:
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "audio/aiff"
    if head[:4] != b"RIFF":
        return None
    forms = {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo", b"WAVE": "audio/wav"}
    return forms.get(head[8:12])


def _matroska(head: bytes, suffix: str) -> str | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return "video/webm" if b"webm" in head[:64] else "video/x-matroska"


def _ogg(head: bytes, suffix: str) -> str | None:
    if not head.startswith(b"OggS"):
        return None
    return "video/ogg" if b"\x80theora" in head[:256] else "audio/ogg"


def _zip(head: bytes, suffix: str) -> str | None:
    if head[:4] not in (b"PK\x03\x04", b"PK\x05\x06"):
        return None
    if head[30:38] == b"mimetype":
        stored = head[38 : 38 + 80].split(b"PK", 1)[0].decode("ascii", "replace")
        if stored.startswith(("application/vnd.oasis.opendocument.", "application/epub+zip")):
            return stored
    return _office(head, suffix) or "application/zip"


def _office(head: bytes, suffix: str) -> str | None:
    """Told by the parts that come first; they come in any order, so the name may have to help."""
    starts = [match.end() for match in re.finditer(rb"PK\x03\x04", head)]
    names = [head[at + 26 : at + 26 + 60] for at in starts]
    packed = any(name.startswith(PACKAGE) for name in names)
    for member, extension, mime in ZIP_MEMBERS:
        inside = any(name.startswith(member) for name in names)
        if (packed or suffix == extension) and (inside or (packed and suffix == extension)):
            return mime
    return None


def _bare(head: bytes, suffix: str) -> str | None:
    """Formats with a weak signature, so more than the first bytes must fit."""
    if head[:2] == b"BM" and len(head) >= 26 and _le32(head, 14) in (12, 40, 52, 56, 64, 108, 124):
        return "image/bmp"
    for start, step in ((0, 188), (4, 192)):  # MPEG transport stream: a sync byte each packet
        if len(head) > start + 2 * step and head[start::step][:3] == b"GGG":
            return "video/mp2t"
    if head[257:262] == b"ustar":
        return "application/x-tar"
    if len(head) >= 4 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    if len(head) >= 4 and head[0] == 0xFF and head[1] in (0xFB, 0xFA, 0xF3, 0xF2):
        return "audio/mpeg"
    return None


def _le32(head: bytes, at: int) -> int:
    return int.from_bytes(head[at : at + 4], "little")


def _text(head: bytes, suffix: str) -> str | None:
    """Text is what decodes as text and holds no control characters."""
    text = _decoded(head, suffix)
    if not text or any(ord(c) < 32 and c not in "\t\n\r\f\x1b" for c in text):
        return None
    start = text.lstrip("\ufeff \t\r\n")[:1024]
    if start.startswith("<"):
        return _markup(start, text, suffix)
    if suffix in TEXTS:
        return TEXTS[suffix]
    if _is_mail(start):
        return "message/rfc822"
    return "application/json" if start.startswith(('{"', "[{", "{\n", "{\r")) else "text/plain"


def _markup(start: str, text: str, suffix: str) -> str:
    if "x:xmpmeta" in text or start.startswith("<?xpacket") or "<rdf:RDF" in text:
        return "application/rdf+xml"
    if "<svg" in start:
        return "image/svg+xml"
    if "<html" in start.lower() or start.lower().startswith("<!doctype html"):
        return "text/html"
    return "application/xml" if start.startswith("<?xml") else TEXTS.get(suffix, "text/plain")


def _is_mail(start: str) -> bool:
    """Several headers that mail has, and one of them first."""
    lines = [line.partition(":")[0].lower() for line in start.splitlines() if ":" in line]
    return bool(lines) and lines[0] in MAIL and sum(name in lines for name in MAIL) >= 3


def _decoded(head: bytes, suffix: str) -> str:
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    if head[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        encoding = "utf-32"
    for cut in range(4):  # the head may end inside a character
        try:
            return head[: len(head) - cut].decode(encoding)
        except UnicodeDecodeError:
            continue
    return _as_named(head) if suffix in NAMED_TEXTS else ""


def _as_named(head: bytes) -> str:
    """What the name says is text: UTF-16 without its mark, or one byte a letter."""
    for encoding, noughts in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if noughts and noughts.count(0) > 0.4 * len(noughts):
            return head[: len(head) // 2 * 2].decode(encoding, "replace")
    return head.decode("cp1252", "replace")
