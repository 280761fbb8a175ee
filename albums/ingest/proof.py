"""Receipts: the original is read back from the disk before anybody is told to rely on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from albums.errors import AlbumsError, Conflict, NotFound
from albums.library import tombstones
from albums.library.arrivals import name_sent
from albums.library.assets import Asset, now
from albums.library.checks import KINDS, Finding, note_damage
from albums.library.database import Library
from albums.library.receipts import KeptReceipt, ReadBack, Receipts
from albums.vault import Vault

State = Literal["whole", "damaged", "missing", "deleted"]


class Damaged(AlbumsError):
    """What the disk gives back is not what was kept."""

    status, exit_code, code = 500, 1, "damaged"


class Proof:
    """Re-reads originals and gives receipts. Safe to use from any thread."""

    def __init__(self, library: Library, vault: Vault, receipts: Receipts) -> None:
        self.library = library
        self.vault = vault
        self.receipts = receipts

    def give(self, sha: str, origin: str, device: str = "") -> KeptReceipt:
        """A receipt for the asset `sha` (whole SHA-256) that `origin` sent, after its original was
        read back from the disk. `device`: its stable id. Raises as `read_back`."""
        return self.receipts.give([self.read_back(sha, origin, device)])[0]

    def give_all(
        self, shas: Iterable[str], origin: str, device: str = "", *, named: bool = True
    ) -> tuple[list[KeptReceipt], dict[str, AlbumsError]]:
        """Receipts for those that are whole, all written at once; and why not for the others."""
        read_back, refused = list[ReadBack](), dict[str, AlbumsError]()
        for sha in dict.fromkeys(shas):
            try:
                read_back.append(self.read_back(sha, origin, device, named=named))
            except AlbumsError as error:
                refused[sha] = error
        return self.receipts.give(read_back) if read_back else [], refused

    def read_back(self, sha: str, origin: str, device: str = "", *, named: bool = True) -> ReadBack:
        """Read an original from the disk. The name is that by which `origin` sent it; where it did
        not, the asset's own or, without `named`, empty.

        Raises NotFound, Conflict for what the owner deleted, Damaged for bytes that do not match
        or are gone; sending the file again heals it.
        """
        asset, received_at = self._kept(sha)
        if damage := self._damage(asset):
            raise _not_whole(asset, damage)
        with self.library.read() as db:
            name = name_sent(db, asset.id, origin) or (asset.name if named else "")
        return ReadBack(sha, asset.size, name, origin, device, received_at, now())

    def check(self, receipt: KeptReceipt) -> tuple[State, str]:
        """Read the original of a receipt again: what it is now, and when (UTC)."""
        try:
            damage = self._damage(self._kept(receipt.sha)[0])
        except Conflict:
            return "deleted", now()
        except NotFound:
            return "missing", now()
        if damage is None:
            return "whole", now()
        return "missing" if damage.kind == "missing" else "damaged", now()

    def _kept(self, sha: str) -> tuple[Asset, str]:
        with self.library.read() as db:
            row = db.execute("select * from assets where sha = ?", (sha,)).fetchone()
            deleted_at = row["trashed_at"] if row else tombstones.deleted_at(db, sha)
        if deleted_at:
            raise Conflict(
                f"This file was deleted by you on {deleted_at[:10]}",
                hint="Send it with again=true to bring it back",
                deleted_at=deleted_at,
            )
        if not row:
            raise NotFound(f"There is no asset {sha!r} in this library", hint="Send the file first")
        return Asset(**{name: row[name] for name in Asset.__annotations__}), row["received_at"]

    def _damage(self, asset: Asset) -> Finding | None:
        """What is wrong with an original, if it twice reads back otherwise. It is written down, so
        that whoever asks is told to send the file again, which heals it. Raises as `_kept`."""
        finding = damage_to(self.vault, asset)
        if finding:
            self._kept(asset.sha)  # raises where the owner deleted it meanwhile
            with self.library.write() as db:
                note_damage(db, finding)
        return finding


def damage_to(vault: Vault, asset: Asset) -> Finding | None:
    """What is wrong with an original, if it twice reads back otherwise from the disk."""
    return _look(vault, asset) and _look(vault, asset)


def _look(vault: Vault, asset: Asset) -> Finding | None:
    originals = vault.originals
    path = originals.path(asset.sha, asset.extension)
    place = str(path.relative_to(originals.root.parent))
    try:
        whole = originals.reread(asset.sha, asset.extension)
    except NotFound:
        return Finding("missing", place, asset.sha)
    except OSError as error:
        return Finding("unreadable", place, asset.sha, error.strerror or str(error))
    return None if whole else Finding("changed", place, asset.sha)


def _not_whole(asset: Asset, damage: Finding) -> Damaged:
    return Damaged(
        f"{asset.name} does not read back from the disk as it was sent, so there is no receipt",
        why=KINDS[damage.kind].capitalize(),
        hint="Keep your copy and send it once more; and look after the box's disk",
        sha=asset.sha,
    )
