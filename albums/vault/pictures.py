"""Derived pictures: where they lie. They may be deleted at any time and are made again."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from albums.vault.durable import room_on_disk

if TYPE_CHECKING:
    from PIL import Image

SIZES = (300, 800, 1600)  # longest edge in pixels: grid, captioner and phone, large view
SUFFIX = ".webp"


class Pictures:
    """The folder of derived pictures."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def path(self, sha: str, size: int) -> Path:
        return self.root / sha[:2] / f"{sha}-{size}{SUFFIX}"

    def put(self, sha: str, size: int, content: bytes) -> None:
        """Not fsynced: what a power cut takes is made again."""
        final = self.path(sha, size)
        temporary = final.with_name(f".{uuid.uuid4().hex}")
        with room_on_disk("a picture"):
            final.parent.mkdir(exist_ok=True)
            try:
                temporary.write_bytes(content)
                temporary.replace(final)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise

    def image(self, sha: str, size: int) -> Image.Image | None:
        """The picture as upright RGB, or None where it has not been made."""
        from PIL import Image

        try:
            with Image.open(self.path(sha, size)) as picture:
                return picture.convert("RGB")
        except FileNotFoundError:
            return None

    def complete(self, sha: str) -> bool:
        return all(self.path(sha, size).is_file() for size in SIZES)

    def remove(self, sha: str) -> None:
        for size in SIZES:
            self.path(sha, size).unlink(missing_ok=True)
