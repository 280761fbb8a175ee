"""IPTC-IIM, as Photoshop's blocks carry it: caption, keywords, place and date as typed in."""

from __future__ import annotations

NAMES = {
    5: "ObjectName",
    7: "EditStatus",
    10: "Urgency",
    15: "Category",
    20: "SupplementalCategories",
    25: "Keywords",
    40: "SpecialInstructions",
    55: "DateCreated",
    60: "TimeCreated",
    62: "DigitalCreationDate",
    63: "DigitalCreationTime",
    65: "OriginatingProgram",
    80: "By-line",
    85: "By-lineTitle",
    90: "City",
    92: "Sub-location",
    95: "Province-State",
    100: "Country-PrimaryLocationCode",
    101: "Country-PrimaryLocationName",
    103: "OriginalTransmissionReference",
    105: "Headline",
    110: "Credit",
    115: "Source",
    116: "CopyrightNotice",
    118: "Contact",
    120: "Caption-Abstract",
    122: "Writer-Editor",
}
REPEATED = {20, 25, 80, 85, 118, 122}
UTF8 = b"\x1b%G"


def read(block: bytes) -> dict[str, object]:
    """Data sets of the application record by name; those that may repeat are lists."""
    found: dict[str, object] = {}
    utf8 = False
    at = 0
    while at + 5 <= len(block):
        if block[at] != 0x1C:
            at += 1
            continue
        record, number = block[at + 1], block[at + 2]
        size = int.from_bytes(block[at + 3 : at + 5], "big")
        content = block[at + 5 : at + 5 + size]
        at += 5 + size
        if (record, number) == (1, 90):
            utf8 = content.startswith(UTF8)
        elif record == 2 and number in NAMES:
            _keep(found, number, _text(content, utf8))
    return found


def of_photoshop(block: bytes) -> bytes:
    """The IPTC inside Photoshop's image resources."""
    return resource(block, 0x0404)


def resource(block: bytes, wanted: int) -> bytes:
    """One of Photoshop's image resources (8BIM blocks), by its number; b"" where it is missing."""
    at = 0
    while (at := block.find(b"8BIM", at)) >= 0 and at + 12 <= len(block):
        kind = int.from_bytes(block[at + 4 : at + 6], "big")
        named = at + 6
        start = named + (block[named] + 2) // 2 * 2  # a Pascal string, padded to even
        size = int.from_bytes(block[start : start + 4], "big")
        if kind == wanted:
            return block[start + 4 : start + 4 + size]
        at = start + 4 + size
    return b""


def _keep(found: dict[str, object], number: int, value: str) -> None:
    name = NAMES[number]
    if number in REPEATED:
        values = found.setdefault(name, [])
        if isinstance(values, list):
            values.append(value)
    else:
        found.setdefault(name, value)


def _text(content: bytes, utf8: bool) -> str:
    plain = content.rstrip(b"\0")
    if utf8:
        return plain.decode("utf-8", "replace")
    try:
        return plain.decode("utf-8")
    except UnicodeDecodeError:
        return plain.decode("latin-1")
