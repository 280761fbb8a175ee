"""The JSON files of an export, as Google writes them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.sources.takeout.exports.photos import Photo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FLAGS = {"favorited": "favorited", "archived": "archived", "trashed": "trashed",
          "locked": "inLockedFolder"}  # fmt: skip
_DESCRIPTORS = {"en": "metadata", "de": "Metadaten", "fr": "métadonnées", "es": "metadatos",
                "it": "metadati", "ru": "метаданные"}  # fmt: skip


def written(content: Any) -> bytes:
    return json.dumps(content, indent=2, ensure_ascii=False).encode()


def sidecar(photo: Photo, views: int = 0) -> bytes:
    """Of one photo; the sidecars of its copies differ in how often they were looked at."""
    said = photo.said
    content: dict[str, Any] = {
        "title": photo.title or photo.name,
        "description": said.description,
        "imageViews": str(views),
        "creationTime": _time(datetime(2024, 1, 1, tzinfo=UTC)),
        "photoTakenTime": _time(photo.taken),
        "geoData": _place(said.place),
        "geoDataExif": _place(said.place_exif),
    }
    if said.people:
        content["people"] = [{"name": name} for name in said.people]
    if said.url:
        content["url"] = said.url
    content |= {_FLAGS[flag]: True for flag in sorted(said.flags & _FLAGS.keys())}
    if "partner" in said.flags:
        content["googlePhotosOrigin"] = {"fromPartnerSharing": {}}
    elif "shared" in said.flags:
        content["googlePhotosOrigin"] = {"fromSharedAlbum": {}}
    else:
        content["googlePhotosOrigin"] = {"mobileUpload": {"deviceType": "ANDROID_PHONE"}}
    return written(content)


def _time(moment: datetime | None) -> dict[str, str]:
    seconds = int((moment - _EPOCH).total_seconds()) if moment else 0
    return {"timestamp": str(seconds), "formatted": "irgendwann UTC"}


def _place(place: tuple[float, float] | None) -> dict[str, float]:
    latitude, longitude = place or (0.0, 0.0)
    return {"latitude": latitude, "longitude": longitude, "altitude": 0.0,
            "latitudeSpan": 0.0, "longitudeSpan": 0.0}  # fmt: skip


def descriptor_name(language: str, nth: int = 0) -> str:
    return _DESCRIPTORS.get(language, "metadata") + (f"({nth})" if nth else "") + ".json"


def descriptor(title: str | None, *, old: bool = False) -> bytes:
    """Of an album, in the form of 2025 or in the old one."""
    content = {"title": title or "", "description": "", "access": "protected",
               "date": {"timestamp": "0"}}  # fmt: skip
    return written({"albumData": content} if old else content)


OTHERS = {
    "print-subscriptions.json": written({"subscriptions": []}),
    "shared_album_comments.json": written({"sharedAlbumComments": [{"text": "lovely"}]}),
    "user-generated-memory-titles.json": written({"title": ["Summer", "Sommer"]}),
}
