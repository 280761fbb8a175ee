"""XMP packets -> {"dc:subject": ["beach"], "xmp:Rating": "5", ...}, with the usual prefixes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
DEPTH = 20
LARGEST = 8_000_000  # bytes of one packet

# The prefix that everybody expects, whatever the file calls it.
PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://cipa.jp/exif/1.0/": "exifEX",
    "http://ns.adobe.com/exif/1.0/aux/": "aux",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.google.com/photos/1.0/panorama/": "GPano",
    "http://ns.google.com/photos/1.0/camera/": "GCamera",
    "http://ns.google.com/photos/1.0/container/": "Container",
    "http://ns.google.com/photos/1.0/container/item/": "Item",
    "http://ns.adobe.com/hdr-gain-map/1.0/": "hdrgm",
    "http://ns.apple.com/HDRGainMap/1.0/": "HDRGainMap",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.adobe.com/lightroom/1.0/": "lr",
    "http://www.digikam.org/ns/1.0/": "digiKam",
    "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs",
    "http://ns.microsoft.com/photo/1.0/": "MicrosoftPhoto",
    "http://ns.acdsee.com/iptc/1.0/": "acdsee",
}


def read(packet: bytes) -> dict[str, object]:
    """Properties of an XMP packet, as written. Raises ValueError where it is not XMP."""
    if len(packet) > LARGEST:
        raise ValueError(f"The XMP packet has {len(packet)} bytes.")
    try:
        return _parse(packet)
    except (ParseError, DefusedXmlException, LookupError, UnicodeError) as error:
        raise ValueError(f"The XMP packet is not valid XML ({error}).") from error


def _parse(packet: bytes) -> dict[str, object]:
    packet = _utf8(packet).strip(b"\0 \t\r\n")
    prefixes: dict[str, str] = {}
    found: dict[str, object] = {}
    depth = 0
    for event, item in iterparse(io.BytesIO(packet), events=("start-ns", "start", "end")):
        if event == "start-ns":
            prefixes.setdefault(item[1], item[0])
            continue
        depth += 1 if event == "start" else -1
        if depth > 4 * DEPTH:
            raise ValueError("The XMP packet is nested too deeply.")
        if event == "end" and item.tag == f"{RDF}RDF":
            for description in item:
                found |= _properties(description, prefixes | PREFIXES, 0)
    return found


def _utf8(packet: bytes) -> bytes:
    """The packet in UTF-8, whatever it came in: some are UTF-16, and some say UTF-8 and lie."""
    if packet[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return packet.decode("utf-16", "replace").encode("utf-8")
    try:
        packet.decode("utf-8")
    except UnicodeDecodeError:
        return packet.decode("latin-1").encode("utf-8")
    return packet


def _properties(element: Element, prefixes: dict[str, str], depth: int) -> dict[str, object]:
    """The properties of a description or structure: its attributes and its children."""
    found: dict[str, object] = {}
    for name, value in element.attrib.items():
        if not name.startswith((RDF, "{http://www.w3.org/XML/")):
            found[_name(name, prefixes)] = value.strip()
    if depth < DEPTH:
        for child in element:
            found[_name(child.tag, prefixes)] = _value(child, prefixes, depth + 1)
    return found


def _value(element: Element, prefixes: dict[str, str], depth: int) -> object:
    if len(element) == 1 and element[0].tag in (f"{RDF}Bag", f"{RDF}Seq"):
        return [_value(item, prefixes, depth + 1) for item in element[0]] if depth < DEPTH else []
    if len(element) == 1 and element[0].tag == f"{RDF}Alt":
        return _alternative(element[0])
    if len(element) == 1 and element[0].tag == f"{RDF}Description":
        return _properties(element[0], prefixes, depth)
    if len(element) or any(not n.startswith((RDF, LANGUAGE)) for n in element.attrib):
        return _properties(element, prefixes, depth)
    return element.attrib.get(f"{RDF}resource", (element.text or "").strip())


def _alternative(element: Element) -> str:
    """The default language of a text that is given in several."""
    items = sorted(element, key=lambda item: item.attrib.get(LANGUAGE) != "x-default")
    return (items[0].text or "").strip() if items else ""


def _name(tag: str, prefixes: dict[str, str]) -> str:
    namespace, _, name = tag.removeprefix("{").rpartition("}")
    prefix = prefixes.get(namespace, "")
    return f"{prefix}:{name}" if prefix else name
