"""Motion photos as phones write them: Google's two ways, Samsung's trailer, the box in HEIC."""

from __future__ import annotations

import io
import struct
from functools import cache

from PIL import Image

_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_RDF = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"
 xmlns:Container="http://ns.google.com/photos/1.0/container/"
 xmlns:Item="http://ns.google.com/photos/1.0/container/item/" {attributes}>{inside}
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def clip(frames: bytes = b"frames" * 50, seconds: float = 2.5) -> bytes:
    """A film by its boxes, without pictures."""
    mvhd = box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 1000, round(seconds * 1000)) + bytes(80))
    return box(b"ftyp", b"mp42\0\0\0\0mp42") + box(b"mdat", frames) + box(b"moov", mvhd)


@cache
def still() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((64, 48)).save(out, "JPEG")
    return out.getvalue()


def with_xmp(jpeg: bytes, attributes: str, inside: str = "") -> bytes:
    packet = _XMP + _RDF.format(attributes=attributes, inside=inside).encode()
    segment = b"\xff\xe1" + struct.pack(">H", len(packet) + 2) + packet
    return jpeg[:2] + segment + jpeg[2:]


def items(*listed: tuple[str, int, int]) -> str:
    """A container of (semantic, length, padding)."""
    written = "".join(
        f'<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="{semantic}"'
        f' Item:Mime="image/jpeg" Item:Length="{length}" Item:Padding="{padding}"/></rdf:li>'
        for semantic, length, padding in listed
    )
    return f"<Container:Directory><rdf:Seq>{written}</rdf:Seq></Container:Directory>"


MOTION = 'GCamera:MotionPhoto="1" GCamera:MotionPhotoPresentationTimestampUs="1500000"'


def micro_video(film: bytes, offset: int | None = None) -> bytes:
    said = offset if offset is not None else len(film)
    written = f'GCamera:MicroVideo="1" GCamera:MicroVideoOffset="{said}"'
    return with_xmp(still(), written) + film


def motion_photo(film: bytes, gain_map: bytes = b"", padding: int = 0) -> bytes:
    """A container of the still, perhaps a gain map, and the film."""
    listed = [("Primary", 0, padding)]
    listed += [("GainMap", len(gain_map), 0)] if gain_map else []
    photo = with_xmp(still(), MOTION, items(*listed, ("MotionPhoto", len(film), 0)))
    return photo + bytes(padding) + gain_map + film


def sef(*blocks: tuple[int, bytes, bytes]) -> bytes:
    """Samsung's trailer of (type, name, content)."""
    written = [
        struct.pack("<HHI", 0, kind, len(name)) + name + content for kind, name, content in blocks
    ]
    entries = b""
    for number, (kind, _, _) in enumerate(blocks):
        back = sum(map(len, written[number:]))
        entries += struct.pack("<HHII", 0, kind, back, len(written[number]))
    directory = b"SEFH" + struct.pack("<II", 107, len(blocks)) + entries
    return b"".join(written) + directory + struct.pack("<I", len(directory)) + b"SEFT"


def samsung(film: bytes) -> bytes:
    return still() + sef(
        (0x0A01, b"Image_UTC_Data", b"1700000000000"),
        (0x0A30, b"MotionPhoto_Data", film),
        (0x0A31, b"MotionPhoto_Version", b"mpv3"),
    )


def heic(film: bytes, *, after: bytes = b"") -> bytes:
    """A HEIC by its boxes, with the film in `mpvd` and Samsung's trailer behind it."""
    picture = box(b"ftyp", b"heic\0\0\0\0heicmif1") + box(b"mdat", bytes(500)) + box(b"meta", b"")
    where = b"mpv2" + struct.pack(">II", len(picture) + 8, len(film))
    trailer = sef((0x0A30, b"MotionPhoto_Data", where))
    return picture + box(b"mpvd", film) + after + box(b"sefd", trailer)
