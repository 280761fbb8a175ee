"""Title, description, keywords and rating that somebody wrote into the file itself.

What cameras write there by themselves ("OLYMPUS DIGITAL CAMERA") is not somebody's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from albums.ingest.facts.document import document_keywords
from albums.library.facts import Claim

# room, tag, confidence; XMP is what programs write last and in Unicode
_TITLES = (
    ("xmp", "dc:title", 0.8),
    ("xmp", "photoshop:Headline", 0.75),
    ("iptc", "ObjectName", 0.7),
    ("iptc", "Headline", 0.65),
    ("exif", "XPTitle", 0.6),
    ("container", "com.apple.quicktime.title", 0.6),
    ("container", "title", 0.5),
)
_DESCRIPTIONS = (
    ("xmp", "dc:description", 0.8),
    ("iptc", "Caption-Abstract", 0.7),
    ("exif", "ImageDescription", 0.6),
    ("exif", "XPComment", 0.55),
    ("exif", "XPSubject", 0.5),
    ("exif", "UserComment", 0.45),
    ("container", "com.apple.quicktime.description", 0.6),
    ("container", "description", 0.5),
    ("container", "comment", 0.45),
)
_KEYWORDS = (
    ("xmp", "dc:subject"), ("iptc", "Keywords"), ("exif", "XPKeywords"),
    ("container", "com.apple.quicktime.keywords"), ("container", "keywords"),
)  # fmt: skip
_SEPARATORS = {"XPKeywords": ";", "com.apple.quicktime.keywords": ",", "keywords": ","}
_KEYWORD_PATHS = (("xmp", "lr:hierarchicalSubject", "|"), ("xmp", "digiKam:TagsList", "/"))

_BOILERPLATE = re.compile(
    r"""(?ix)
    .*\bdigital\s?(still\s)?camera\b.* | sony\sdsc | dcim\b.* | maker\s?[:=].* | <.*> |
    exif_jpeg_picture | default | digitalcamera | camera | picture | untitled | none | null |
    created\swith\b.* | processed\swith\b.* | charset=.* | ascii\W* | unicode\W* |
    \w*\.(jpe?g|heic|png|tiff?|dng|raw) | (img|dsc|dscn|dscf|pict|p)_?\d+ |
    (cof|nor|mde|dav|rbt|ptr|fbt|sth|sdr|hdr|rhdr|edf|oznor|cozr?|hdrpl|hdrplus|qrf|btf|jpeg)
    (_?(hdr[bcdn]?|soft|vivi|w|burst))* | (lens|software|device|version|filter|beauty)\s?[:=;].*
    """
)
_CHARSET = re.compile(r"^(ASCII|UNICODE|JIS)\x00{0,5}", re.IGNORECASE)
_SENTENCE = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*[\s,.:;!?]+\S")  # at least two words
_DUMP = re.compile(r"[{}\[\]<>=|\\]|\w:\w|:\s?[\w.]+\s?;|;\S|[0-9a-f]{16}", re.IGNORECASE)


def word_claims(tags: Mapping[str, Any]) -> Iterator[Claim]:
    """Claims of title, description and rating; at most one a field and source.

    `tags` as `media.exif.read` gives them.
    """
    for field, places in (("title", _TITLES), ("description", _DESCRIPTIONS)):
        said: set[str] = set()
        for source, tag, confidence in places:
            text = _words(tags, source, tag)
            if text and source not in said:
                said.add(source)
                yield Claim(field, text, source, confidence, tag)
    yield from _ratings(tags)


def keywords(tags: Mapping[str, Any]) -> list[str]:
    """Keywords in the order written, each once; of "People|Ann" the last part."""
    found: dict[str, str] = {}
    for source, tag in _KEYWORDS:
        for text in _texts(tags.get(source, {}).get(tag)):
            parts = text.split(_SEPARATORS[tag]) if tag in _SEPARATORS else [text]
            found |= {part.strip().lower(): part.strip() for part in parts if part.strip()}
    for source, tag, separator in _KEYWORD_PATHS:
        for text in _texts(tags.get(source, {}).get(tag)):
            leaf = text.rsplit(separator, 1)[-1].strip()
            if leaf:
                found.setdefault(leaf.lower(), leaf)
    for word in document_keywords(tags):
        found.setdefault(word.lower(), word)
    return list(found.values())


def _words(tags: Mapping[str, Any], source: str, tag: str) -> str | None:
    texts = _texts(tags.get(source, {}).get(tag))
    text = "\n".join(texts)
    if not text or _BOILERPLATE.fullmatch(text) or _is_gear(text, tags.get("exif", {})):
        return None
    if tag == "UserComment" and (_DUMP.search(text) or not _SENTENCE.search(text)):
        return None  # phones dump settings and checksums there
    return text


def _is_gear(text: str, exif: Mapping[str, Any]) -> bool:
    """Some cameras write their own name."""
    gear = {str(exif.get(tag, "")).strip().lower() for tag in ("Make", "Model", "Software")}
    return text.lower() in gear


def _texts(value: object) -> list[str]:
    """Text, a list of it, or texts by language -> cleaned texts that are not empty."""
    if isinstance(value, Mapping):
        value = value.get("x-default") or next(iter(value.values()), None)
    if isinstance(value, str):
        cleaned = _CHARSET.sub("", value).replace("\x00", " ").strip()
        return [cleaned] if any(c.isalnum() for c in cleaned) else []
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [text for part in value if isinstance(part, str) for text in _texts(part)]
    return []


def _ratings(tags: Mapping[str, Any]) -> Iterator[Claim]:
    exif, xmp = tags.get("exif", {}), tags.get("xmp", {})
    for source, confidence, stars, percent in (
        ("xmp", 0.8, xmp.get("xmp:Rating"), xmp.get("MicrosoftPhoto:Rating")),
        ("exif", 0.7, exif.get("Rating"), exif.get("RatingPercent")),
    ):
        rating = _stars(stars) or _stars_of_percent(percent)
        if rating:
            yield Claim("rating", rating, source, confidence, "Rating")


def _stars(value: object) -> int | None:
    """1..5; 0 means not rated, -1 rejected, more is no rating."""
    number = _number(value)
    return round(number) if number is not None and 0.5 < number <= 5 else None


def _stars_of_percent(value: object) -> int | None:
    """Windows writes 1, 25, 50, 75, 99 for one to five stars."""
    number = _number(value)
    return round(number / 25) + 1 if number is not None and 0 < number <= 100 else None


def _number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        return None
    return number
