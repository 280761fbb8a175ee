"""Derived pictures: where they lie. They may be deleted at any time and are made again."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from albums.vault.durable import room_on_disk

if TYPE_CHECKING:
    from PIL import Image

# Longest edge in pixels: grid, captioner and phone, large view. What they are encoded as is
# decided by evidence in albums/media/picture.py.
SIZES = (300, 800, 1600)
SUFFIXES = {300: ".webp", 800: ".jpg", 1600: ".jpg"}


class Pictures:
    """The folder of derived pictures."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def path(self, sha: str, size: int) -> Path:
        return self.root / sha[:2] / f"{sha}-{size}{SUFFIXES[size]}"

    def frames_path(self, sha: str) -> Path:
        """Where some moments of what moves lie, one after the other, in one animated picture."""
        return self.root / sha[:2] / f"{sha}-frames.webp"

    def page_path(self, sha: str, number: int) -> Path:
        """Where the picture of a document's page lies, once somebody has looked at it."""
        return self.root / sha[:2] / f"{sha}-page{number}.jpg"

    def whole_path(self, sha: str) -> Path:
        """Where the picture in all its pixels lies, once somebody has looked from near."""
        return self.root / sha[:2] / f"{sha}-whole.jpg"

    def animation_path(self, sha: str) -> Path:
        """Where the copy of a sequence lies that every browser plays, once somebody has looked."""
        return self.root / sha[:2] / f"{sha}-animation.webp"

    def put(self, sha: str, size: int, content: bytes) -> None:
        """Not fsynced: what a power cut takes is made again."""
        self.write(self.path(sha, size), content)

    def write(self, final: Path, content: bytes) -> None:
        """A derived file whole or not at all, under one of the names above. Not fsynced."""
        temporary = final.with_name(f".{uuid.uuid4().hex}")
        with room_on_disk("a picture"):
            final.parent.mkdir(exist_ok=True)
            try:
                temporary.write_bytes(content)
                temporary.replace(final)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise

    def image(self, sha: str, size: int, at_least: int = 0) -> Image.Image | None:
        """The picture as upright RGB, or None where it has not been made.

        `at_least` pixels on the shorter edge are enough: then it may come smaller, and quicker.
        """
        from PIL import Image

        try:
            with Image.open(self.path(sha, size)) as picture:
                if at_least:
                    picture.draft("RGB", (at_least, at_least))
                return picture.convert("RGB")
        except FileNotFoundError:
            return None

    def frames(self, sha: str) -> list[Image.Image]:
        """Moments of what moves, in order, as upright RGB; none where it does not move."""
        from PIL import Image, ImageSequence

        try:
            with Image.open(self.frames_path(sha)) as moving:
                return [frame.convert("RGB") for frame in ImageSequence.Iterator(moving)]
        except FileNotFoundError:
            return []

    def complete(self, sha: str) -> bool:
        return all(self.path(sha, size).is_file() for size in SIZES)

    def remove(self, sha: str) -> None:
        for size in SIZES:
            self.path(sha, size).unlink(missing_ok=True)
        self.frames_path(sha).unlink(missing_ok=True)
        self.animation_path(sha).unlink(missing_ok=True)
        self.whole_path(sha).unlink(missing_ok=True)
        for page in self.page_path(sha, 0).parent.glob(f"{sha}-page*"):
            page.unlink(missing_ok=True)
