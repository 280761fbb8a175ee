"""The XMP sidecar of one asset, in the terms that digiKam, darktable, Lightroom and exiftool read.

It is called name.ext.xmp, as darktable, digiKam and Immich have it: IMG_1.JPG and IMG_1.MOV lie in
one folder and each has its own. Lightroom wants IMG_1.xmp and reads it for RAW photos only: these
have both (tree.twins). What no standard has a word for is in a namespace of ours.
Source: the XMP specification, parts 1 and 2; IPTC Photo Metadata; MWG guidelines 2.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from albums.upkeep.export.said import Said

TOOLKIT = "Albums 1"
MARK = f'x:xmptk="{TOOLKIT}"'.encode()  # by this a sidecar of ours is known
NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "albums": "http://albums.invalid/ns/1.0/",  # .invalid: it can never be anybody else's
}
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# When a file came to be is no proof of when a photo was taken: no reader is to take it for that.
_OF_THE_FILE = {"file", "arrival"}
_FAVOURITE = 5  # stars: the only word that every reader has for it
_BEGIN = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="{TOOLKIT}">\n'
    ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
    '  <rdf:Description rdf:about=""'
    + "".join(f'\n    xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    + ">\n"
)
_END = '  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>\n'


def packet(said: Said) -> bytes:
    """UTF-8. What XML cannot hold (control characters) is left out of texts."""
    lines = (*_words(said), *_tags(said), *_when_and_where(said), *_ours(said))
    return (_BEGIN + "".join(lines) + _END).encode()


def _words(said: Said) -> Iterator[str]:
    model = said.caption
    yield from _text("dc:title", said.title or (model.title if model else None))
    yield from _text("dc:description", said.description or (model.description if model else None))
    rating = said.rating or (_FAVOURITE if said.favourite else None)
    yield from _plain("xmp:Rating", rating)
    yield from _many("Iptc4xmpExt:PersonInImage", "Bag", said.people)


def _tags(said: Said) -> Iterator[str]:
    yield from _many("dc:subject", "Bag", said.tags)
    # These two are paths; a word with their separator in it would become two.
    yield from _many("lr:hierarchicalSubject", "Bag", (t for t in said.tags if "|" not in t))
    yield from _many("digiKam:TagsList", "Seq", (t for t in said.tags if "/" not in t))


def _when_and_where(said: Said) -> Iterator[str]:
    if said.date_from not in _OF_THE_FILE:
        yield from _plain("exif:DateTimeOriginal", said.captured_at)
        yield from _plain("photoshop:DateCreated", said.captured_at)
    yield from _plain("xmp:CreateDate", said.captured_at)
    if said.latitude is not None and said.longitude is not None:
        yield from _plain("exif:GPSVersionID", "2.3.0.0")
        yield from _plain("exif:GPSLatitude", degrees(said.latitude, "NS"))
        yield from _plain("exif:GPSLongitude", degrees(said.longitude, "EW"))
    yield from _plain("photoshop:City", said.city)
    yield from _plain("photoshop:State", said.region)
    yield from _plain("photoshop:Country", said.country)
    yield from _plain("Iptc4xmpCore:CountryCode", said.country_code)


def degrees(value: float, directions: str) -> str:
    """As XMP writes a coordinate: "38,42.50000000N". Eight digits of a minute are 0.02 mm."""
    whole, minutes = divmod(round(abs(value) * 60, 8), 60)
    return f"{int(whole)},{minutes:.8f}{directions[value < 0]}"


def _ours(said: Said) -> Iterator[str]:
    yield from _plain("albums:sha256", said.sha)
    yield from _plain("albums:originalName", said.name)
    yield from _plain("albums:receivedAt", said.received_at)
    yield from _plain("albums:dateFrom", said.date_from)
    yield from _plain("albums:rating", said.rating)  # xmp:Rating may be a favourite's
    yield from _plain("albums:favourite", said.favourite or None)
    yield from _plain("albums:hidden", said.hidden or None)
    yield from _many("albums:collections", "Bag", said.collections)
    yield from _many("albums:machineTags", "Bag", said.machine_tags)
    model = said.caption
    if model:
        yield from _plain("albums:titleBy", "human" if said.title else "machine")
        yield from _plain("albums:descriptionBy", "human" if said.description else "machine")
        yield from _plain("albums:machineTitle", model.title)
        yield from _plain("albums:machineDescription", model.description)
        yield from _plain("albums:machineModel", model.model)
        yield from _plain("albums:machineVersion", model.version)
        yield from _plain("albums:machineWrittenAt", model.written_at)


def _plain(name: str, value: object) -> Iterator[str]:
    text = "" if value is None else _clean(str(value))
    if text:
        yield f"   <{name}>{text}</{name}>\n"


def _text(name: str, value: str | None) -> Iterator[str]:
    """In the language that a reader takes where it is not told which."""
    text = _clean(value or "")
    if text:
        item = f'<rdf:li xml:lang="x-default">{text}</rdf:li>'
        yield f"   <{name}><rdf:Alt>{item}</rdf:Alt></{name}>\n"


def _many(name: str, kind: str, values: Iterable[str]) -> Iterator[str]:
    items = "".join(f"<rdf:li>{text}</rdf:li>" for text in map(_clean, values) if text)
    if items:
        yield f"   <{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>\n"


def _clean(text: str) -> str:
    # A parser would make a line feed of a carriage return that is not written as a number.
    return escape(_NOT_IN_XML.sub("", text).strip(), {"\r": "&#13;"})
