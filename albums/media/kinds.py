"""The types of file that we have names for: mime type -> canonical extension and kind."""

from __future__ import annotations

from typing import Literal

EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "image/avif": ".avif",
    "image/tiff": ".tif",
    "image/bmp": ".bmp",
    "image/jxl": ".jxl",
    "image/jp2": ".jp2",
    "image/x-icon": ".ico",
    "image/vnd.adobe.photoshop": ".psd",
    "image/x-canon-cr2": ".cr2",
    "image/x-canon-cr3": ".cr3",
    "image/x-canon-crw": ".crw",
    "image/x-nikon-nef": ".nef",
    "image/x-nikon-nrw": ".nrw",
    "image/x-sony-arw": ".arw",
    "image/x-sony-sr2": ".sr2",
    "image/x-adobe-dng": ".dng",
    "image/x-fuji-raf": ".raf",
    "image/x-olympus-orf": ".orf",
    "image/x-panasonic-rw2": ".rw2",
    "image/x-pentax-pef": ".pef",
    "image/x-samsung-srw": ".srw",
    "image/x-hasselblad-3fr": ".3fr",
    "image/x-phaseone-iiq": ".iiq",
    "image/x-kodak-dcr": ".dcr",
    "image/x-kodak-kdc": ".kdc",
    "image/x-epson-erf": ".erf",
    "image/x-mamiya-mef": ".mef",
    "image/x-leaf-mos": ".mos",
    "image/x-minolta-mrw": ".mrw",
    "image/x-sigma-x3f": ".x3f",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/3gpp": ".3gp",
    "video/3gpp2": ".3g2",
    "video/x-matroska": ".mkv",
    "video/webm": ".webm",
    "video/x-msvideo": ".avi",
    "video/mp2t": ".mts",
    "video/mpeg": ".mpg",
    "video/x-ms-wmv": ".wmv",
    "video/x-flv": ".flv",
    "video/ogg": ".ogv",
    "video/dv": ".dv",
    "video/mxf": ".mxf",
    "video/vnd.rn-realvideo": ".rm",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/aac": ".aac",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/aiff": ".aif",
    "audio/amr": ".amr",
    "audio/midi": ".mid",
    "application/pdf": ".pdf",
    "application/postscript": ".ps",
    "application/rtf": ".rtf",
    "application/msword": ".doc",
    "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
    "image/svg+xml": ".svg",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "text/html": ".html",
    "message/rfc822": ".eml",
    "application/json": ".json",
    "application/xml": ".xml",
    "application/rdf+xml": ".xmp",
    "application/zip": ".zip",
    "application/gzip": ".gz",
    "application/x-7z-compressed": ".7z",
    "application/vnd.rar": ".rar",
    "application/x-tar": ".tar",
}

ARCHIVES = {
    "application/zip",
    "application/gzip",
    "application/x-7z-compressed",
    "application/vnd.rar",
    "application/x-tar",
}
# What the sensor of a camera saw, in the maker's own format.
RAWS = {mime for mime in EXTENSIONS if mime.startswith("image/x-")} - {"image/x-icon"}
DRAWINGS = {"image/svg+xml"}  # drawn, not taken


# Documents whose text flows, and is laid out on pages of our own (paper.py).
TEXTS = (
    "text/plain", "text/markdown", "text/csv", "text/html", "application/json", "application/xml",
    "application/rdf+xml", "application/rtf", "message/rfc822",
)  # fmt: skip
_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
PAPERS = (
    *TEXTS, "application/epub+zip", f"{_OFFICE}wordprocessingml.document",
    f"{_OFFICE}spreadsheetml.sheet", f"{_OFFICE}presentationml.presentation",
    f"{_ODF}text", f"{_ODF}spreadsheet", f"{_ODF}presentation",
)  # fmt: skip


def kind_of(mime: str) -> Literal["photo", "video", "document", "audio", "other"]:
    """What a person would call it."""
    if mime in ARCHIVES or mime not in EXTENSIONS:
        return "other"
    family = mime.split("/", 1)[0]
    if family == "image" and mime not in DRAWINGS:
        return "photo"
    if family == "video":
        return "video"
    return "audio" if family == "audio" else "document"
