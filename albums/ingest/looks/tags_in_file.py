"""What a file's own tags say: that a lens took it, or that a program drew it off a screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# Only a camera says how it exposed; makers of phones put their name on pictures of the screen, too.
_EXPOSED = (
    "ExposureTime", "FNumber", "ISOSpeedRatings", "PhotographicSensitivity", "FocalLength",
    "ShutterSpeedValue", "ApertureValue", "LensModel", "SubjectDistance", "Flash",
)  # fmt: skip
_PROGRAMS = re.compile(
    r"\b(gnome-screenshot|spectacle|flameshot|shutter|greenshot|ksnip|ksnapshot|scrot|sharex"
    r"|(xfce4-)?screenshooter|lightshot|snagit|cleanshot|monosnap|screencapture|grim|maim)\b",
    re.IGNORECASE,
)
_SCANNERS = re.compile(
    r"\b(scanner|scansnap|scan ?jet|camscanner|adobe scan|genius scan|office lens|microsoft lens"
    r"|swiftscan|scanbot|vuescan|twain|perfection|canoscan|imagerunner|workforce|mfc-|dcp-)",
    re.IGNORECASE,
)


def exposed(tags: dict[str, Any]) -> bool:
    """Did a lens and a sensor take this?"""
    exif = tags.get("exif") or {}
    return any(exif.get(name) not in (None, "", 0, [0, 0]) for name in _EXPOSED)


def has_camera(tags: dict[str, Any]) -> bool:
    """Is there a maker or a model, or how it was exposed?"""
    exif = tags.get("exif") or {}
    return exposed(tags) or bool(exif.get("Make") or exif.get("Model"))


def says_screenshot(tags: dict[str, Any]) -> str:
    """In which words the file says so itself; '' where it does not."""
    for where, value in _written(tags):
        if re.fullmatch(r"screen ?shot", value.strip(), re.IGNORECASE):
            return f"the file says so ({where}: {value.strip()})"
        if where == "Software" and _PROGRAMS.search(value):
            return f"made by {value.strip()[:40]}"
    return ""


def scanned_by(tags: dict[str, Any]) -> str:
    """The scanner or the app that made it; '' where none is named."""
    for where, value in _written(tags):
        if where in ("Software", "Make", "Model", "CreatorTool", "Producer") and (
            _SCANNERS.search(value)
        ):
            return value.strip()[:40]
    return ""


def _written(tags: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Short texts of EXIF, XMP and PNG, by their plain names."""
    for group in ("exif", "xmp", "text"):
        for name, value in (tags.get(group) or {}).items():
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and len(text) <= 200:
                    yield str(name).rsplit(":", 1)[-1], text
