"""Pictures of pages, whole pictures and copies of animations: made when somebody looks, and kept
beside the other pictures."""

from __future__ import annotations

import threading
from pathlib import Path

from albums.errors import NotFound
from albums.library.assets import Asset
from albums.media import animation, documents, picture, several
from albums.media.sandbox import Sandbox
from albums.settings import Settings
from albums.vault import Vault

LONGEST = 1600  # pixels
WHOLE = 12_000  # pixels: more than cameras make, and as much as a browser takes
_SECONDS = 30.0  # somebody waits


class PagePictures:
    """Has a decoder process of its own, so that nobody waits for the pipeline."""

    def __init__(self, vault: Vault, settings: Settings) -> None:
        self._vault = vault
        self._pixels = settings.decode_megapixels * 1_000_000
        self._sandbox = Sandbox(
            workers=1,
            memory_mb=settings.decode_memory_mb,
            seconds=min(_SECONDS, settings.decode_seconds),
            niceness=0,
        )
        self._one_at_a_time = threading.Lock()

    def picture(self, asset: Asset, number: int) -> Path:
        """The picture of a page, counted from 1; made where it is missing.

        Raises Undecodable, with `facts["reason"]` "page" where there is no such page, and NotFound
        where the original is gone.
        """
        path = self._vault.pictures.page_path(asset.sha, number)
        with self._one_at_a_time:
            if not path.is_file():
                self._vault.pictures.write(path, self._page(asset, number))
        return path

    def whole(self, asset: Asset) -> Path:
        """The picture upright in all its pixels, as JPEG; made where it is missing. Raises
        Undecodable."""
        path = self._vault.pictures.whole_path(asset.sha)
        with self._one_at_a_time:
            if not path.is_file():
                original = self._original(asset)
                made = self._sandbox.call(picture.render, original, (WHOLE,), self._pixels)
                self._vault.pictures.write(path, made.pictures[WHOLE])
        return path

    def animation(self, asset: Asset) -> Path:
        """A sequence as an animated WebP; made where it is missing. Raises Undecodable."""
        path = self._vault.pictures.animation_path(asset.sha)
        with self._one_at_a_time:
            if not path.is_file():
                content = self._sandbox.call(animation.render, self._original(asset))
                self._vault.pictures.write(path, content)
        return path

    def _page(self, asset: Asset, number: int) -> bytes:
        original = self._original(asset)
        if asset.kind == "photo":
            return self._sandbox.call(several.render_page, original, number, LONGEST, self._pixels)
        return self._sandbox.call(documents.render_page, original, number, LONGEST)

    def _original(self, asset: Asset) -> Path:
        original = self._vault.originals.path(asset.sha, asset.extension)
        if not original.is_file():
            raise NotFound(
                f"{asset.name} is missing from the disk", hint="Restore it from a backup"
            )
        return original

    def close(self) -> None:
        self._sandbox.close()
