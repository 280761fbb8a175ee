"""One name a camera and a lens, however the file spells it.

"NIKON CORPORATION NIKON D850" and "Nikon D850" are one camera; a phone's model code gets its
market name, the code stays beside it: "Samsung Galaxy S22+ (SM-S906U)".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from albums.library.facts import Claim

# What a maker's name begins with in files, lowercase -> what people call it. Longest first wins.
_MAKERS = {
    "agfaphoto": "AgfaPhoto",
    "apple": "Apple",
    "arashi vision": "Insta360",
    "asahi optical": "Pentax",
    "asus": "Asus",
    "blackberry": "BlackBerry",
    "canon": "Canon",
    "casio": "Casio",
    "dji": "DJI",
    "eastman kodak": "Kodak",
    "fairphone": "Fairphone",
    "fuji photo film": "Fujifilm",
    "fujifilm": "Fujifilm",
    "google": "Google",
    "gopro": "GoPro",
    "hasselblad": "Hasselblad",
    "hewlett-packard": "HP",
    "hmd global": "HMD",
    "honor": "Honor",
    "htc": "HTC",
    "huawei": "Huawei",
    "insta360": "Insta360",
    "jolla": "Jolla",
    "kodak": "Kodak",
    "konica minolta": "Konica Minolta",
    "leica": "Leica",
    "lenovo": "Lenovo",
    "lg electronics": "LG",
    "lg mobile": "LG",
    "lge": "LG",
    "meizu": "Meizu",
    "microsoft": "Microsoft",
    "minolta": "Minolta",
    "motorola": "Motorola",
    "nikon": "Nikon",
    "nokia": "Nokia",
    "nothing": "Nothing",
    "olympus": "Olympus",
    "om digital solutions": "OM System",
    "oneplus": "OnePlus",
    "oppo": "Oppo",
    "panasonic": "Panasonic",
    "pentax": "Pentax",
    "pentax ricoh": "Ricoh",
    "phase one": "Phase One",
    "polaroid": "Polaroid",
    "realme": "realme",
    "research in motion": "BlackBerry",
    "ricoh": "Ricoh",
    "samsung": "Samsung",
    "sanyo": "Sanyo",
    "seiko epson": "Epson",
    "sharp": "Sharp",
    "sigma": "Sigma",
    "sony": "Sony",
    "sony ericsson": "Sony Ericsson",
    "tamron": "Tamron",
    "tcl": "TCL",
    "tokina": "Tokina",
    "vivo": "vivo",
    "voigtlander": "Voigtländer",
    "voigtländer": "Voigtländer",
    "xiaomi": "Xiaomi",
    "zeiss": "Zeiss",
    "zte": "ZTE",
}
_COMPANY = re.compile(
    r"(?i)[\s,_]+(corporation|corp|company|co|ltd|limited|inc|gmbh|ag|group|electronics|electric|"
    r"computer|imaging|optical|techwin|global|technologies|technology)\b\.?"
)
_OWN_NAME = re.compile(r"(?i)(iphone|ipad|ipod|apple)\b")  # known without their maker
_ROMAN = {"": "", "1": "", "2": "II", "3": "III", "4": "IV", "5": "V", "6": "VI", "7": "VII"}
# Makers who name by rule: model code -> market name; `mark` is written as a Roman numeral.
_RULES: dict[str, tuple[tuple[str, str], ...]] = {
    "Canon": ((r"(?P<a>EOS R\d+)m(?P<mark>\d)", "{a} Mark {mark}"),),
    "Nikon": ((r"Z ?(?P<a>\d+)_(?P<mark>\d)", "Z{a}{mark}"),),
    "Olympus": (
        (r"(?P<a>E-M\d+X?) ?(?:Mark ?(?P<b>[IV]+))", "OM-D {a} Mark {b}"),
        (r"(?P<a>E-M\d+X?)", "OM-D {a}"),
        (r"(?P<a>E-P[LM]?\d+)", "PEN {a}"),
    ),
    "OM System": ((r"(?P<a>OM-\d)Mark(?P<b>[IV]+)", "{a} Mark {b}"),),
    "Panasonic": ((r"D(?:MC|C)-(?P<a>[A-Z]+\d*[A-Z]*?)(?:M(?P<mark>\d))?", "Lumix {a} {mark}"),),
    "Sony": (
        (r"IL(?:CE|CA)-(?P<a>\d+[A-Z]*?)(?:M(?P<mark>\d))?A?", "α{a} {mark}"),
        (r"(?:DSLR|SLT)-A(?P<a>\d{2,3})[A-Z]?", "α{a}"),
        (r"DSC-(?P<a>RX\d+R?)(?:M(?P<mark>\d))?[GA]?", "{a} {mark}"),
        (r"DSC-(?P<a>\w+)", "Cyber-shot {a}"),
        (r"ILME-(?P<a>FX\d+)[A-Z]*", "{a}"),
    ),
}
# Apple's keys, Android's, and those of older films, as FFmpeg calls them.
_FILM_MAKES = (
    "com.apple.quicktime.make", "com.android.manufacturer", "make", "©mak", "manufacturer",
)  # fmt: skip
_FILM_MODELS = ("com.apple.quicktime.model", "com.android.model", "model", "©mod")
_FILM_LENSES = (
    "com.apple.quicktime.camera.lens_model", "video:com.apple.quicktime.camera.lens_model",
    "nrtm:Lens",
)  # fmt: skip
_REGION = re.compile(r"(SM-[A-Z]\d{3})[A-Z0-9]*")  # SM-S921U, SM-S921B/DS ... are one phone
_NO_LENS = re.compile(r"(?i)[\s\-.?0]*|unknown.*|n/?a|none|manual.*|no lens.*|0+(\.0)?\s?mm.*")


def gear_claims(tags: Mapping[str, Any]) -> Iterator[Claim]:
    """Claims of make, camera and lens by exif, xmp and a film's container. `tags` as
    `media.exif.read` gives them."""
    exif, xmp = tags.get("exif", {}), tags.get("xmp", {})
    yield from _claims(
        "exif", 0.9, exif.get("Make"), exif.get("Model"),
        exif.get("LensModel") or exif.get("MakerNoteLensModel"),
        exif.get("LensSpecification") or exif.get("LensInfo"),
    )  # fmt: skip
    yield from _claims(
        "xmp", 0.7, xmp.get("tiff:Make"), xmp.get("tiff:Model"),
        xmp.get("exifEX:LensModel") or xmp.get("aux:Lens"), None,
    )  # fmt: skip
    container = tags.get("container") or {}
    make, model = film_make(container), _first(container, _FILM_MODELS)
    software = _text(container.get("software"))
    if not make and not model and canonical_make(software.split(" ")[0]) in _CAMERA_MAKERS:
        model = software  # as old AVI films have it
    if not make and canonical_make(model.split(" ")[0]) in _MAKERS.values():
        make = model.split(" ")[0]  # some say all in one
    yield from _claims("container", 0.85, make, model, _first(container, _FILM_LENSES), None)


_CAMERA_MAKERS = {"Canon", "Casio", "Kodak", "Nikon", "Olympus", "Panasonic", "Pentax", "Sanyo"}


def film_make(container: Mapping[str, Any]) -> str:
    """The maker, as the tags of a film call it; empty where they do not."""
    return _first(container, _FILM_MAKES)


def _first(container: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((text for name in names if (text := _text(container.get(name)))), "")


def _claims(
    source: str, confidence: float, make: object, model: object, lens: object, spec: object
) -> Iterator[Claim]:
    written = f"{_text(make)} {_text(model)}".strip()
    maker = canonical_make(_text(make))
    camera = canonical_camera(_text(make), _text(model))
    glass = canonical_lens(_text(lens), maker) or lens_of_specification(spec)
    for field, value, detail in (
        ("make", maker, _text(make)),
        ("camera", camera, written),
        ("lens", glass, _text(lens) or "LensSpecification"),
    ):
        if value:
            yield Claim(field, value, source, confidence, detail)


def canonical_make(make: str) -> str:
    """ "NIKON CORPORATION" -> "Nikon"; a maker we do not know loses its "Co., Ltd." """
    plain = " ".join(make.replace("_", " ").split())
    begins = [known for known in _MAKERS if re.match(rf"{re.escape(known)}(?!\w)", plain.lower())]
    if begins:
        return _MAKERS[max(begins, key=len)]
    short = _COMPANY.sub("", f" {plain}").strip(" .,")
    return short.title() if short.isupper() and len(short) > 4 else short


def canonical_camera(make: str, model: str) -> str:
    """Maker and model as people say it, each word once; a code in brackets where there is one."""
    maker = canonical_make(make)
    code = _without_maker(" ".join(model.split()).strip("<>").split(",")[0].strip(), maker, make)
    if not code:
        return ""
    if _OWN_NAME.match(code):
        return code
    own = canonical_make(code.split(" ")[0])
    if own in _MAKERS.values() and own != maker:  # made by HMD Global, called Nokia 8.3 5G
        maker, code = own, code.split(" ", 1)[-1]
    name = market_name(maker, code)
    if not name or name.lower() == code.lower():
        return f"{maker} {code}".strip()
    return f"{maker} {_without_maker(name, maker, '')} ({code})".strip()


def market_name(maker: str, code: str) -> str | None:
    """What is written on the box of a camera or phone with this model code."""
    for pattern, name in _RULES.get(maker, ()):
        match = re.fullmatch(pattern, code)
        if match:
            parts = match.groupdict("")
            return name.format(**parts | {"mark": _ROMAN.get(parts.get("mark", ""), "")}).strip()
    names = _names()
    key = code.upper()
    region = _REGION.match(key)
    return names.get(key) or (names.get(region[1]) if region else None)


def canonical_lens(lens: str, maker: str) -> str:
    """ "Canon EF24-70mm f/2.8L II USM" on a Canon -> "EF24-70mm f/2.8L II USM"."""
    text = " ".join(lens.split())
    if _NO_LENS.fullmatch(text):
        return ""
    text = re.sub(r"(\d)\.0+(?=-|\s?mm|\b(?!\.?\d))", r"\1", text)
    text = re.sub(r"(\d)\s+mm\b", r"\1mm", text)
    first, _, rest = text.partition(" ")
    own = canonical_make(first)
    if not rest or own not in _MAKERS.values() or _OWN_NAME.match(text):
        return text
    return rest if own == maker else f"{own} {rest}"


def lens_of_specification(spec: object) -> str:
    """Shortest and longest focal length and their apertures -> "24-70mm f/2.8-4"."""
    if isinstance(spec, str):
        spec = spec.split()
    if not isinstance(spec, Sequence) or len(spec) != 4:
        return ""
    try:
        wide, tele, fast, slow = (float(part) for part in spec)
    except (TypeError, ValueError):
        return ""
    if not 0 < wide <= tele < 10_000:
        return ""
    name = f"{_span(wide, tele)}mm"
    return f"{name} f/{_span(fast, slow)}" if 0 < fast <= slow < 100 else name


def _span(least: float, most: float) -> str:
    one, other = f"{round(least, 1):g}", f"{round(most, 1):g}"
    return one if one == other else f"{one}-{other}"


def _without_maker(model: str, maker: str, make: str) -> str:
    """ "Canon EOS 5D" of Canon -> "EOS 5D"; "KODAK DC240 ZOOM DIGITAL CAMERA" -> "DC240 ZOOM"."""
    text = re.sub(r"(?i)\s+(zoom\s+)?digital\s+(still\s+)?camera$", r" \1", model).strip()
    for word in sorted({maker, make.strip()}, key=len, reverse=True):
        if word and text.lower().startswith(word.lower() + " "):
            return text[len(word) :].strip()
    return text


def _text(value: object) -> str:
    return value.replace("\x00", " ").strip() if isinstance(value, str) else ""


@cache
def _names() -> dict[str, str]:
    """Model code in capitals -> market name."""
    names: dict[str, str] = {}
    for table in ("phones.tsv", "models.tsv"):
        for line in (resources.files(__package__) / table).read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                code, name = line.split("\t")
                names[code.upper()] = name
    return names
