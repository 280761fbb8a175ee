"""Files that wait: whole or not there, and what they are stays known."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from albums.errors import DiskFull
from albums.vault import Vault


def test_only_a_finished_file_stands_under_its_name(vault: Vault) -> None:
    spooling = vault.dav.begin()
    spooling.write(b"half")
    assert vault.dav.all() == set()
    spooling.write(b" and whole")
    spooling.finish()
    assert vault.dav.all() == {spooling.name}
    assert vault.dav.path(spooling.name).read_bytes() == b"half and whole"
    assert spooling.digests().sha == hashlib.sha256(b"half and whole").hexdigest()


def test_a_sweep_drops_what_was_cut_off_and_nothing_else(vault: Vault) -> None:
    whole, half = vault.dav.begin(), vault.dav.begin()
    whole.finish()
    vault.dav.note(whole.name, {"path": "a.jpg"})
    vault.dav.note("gone", {"path": "b.jpg"})
    half.write(b"half")
    vault.dav.sweep()
    names = {path.name for path in vault.dav.folder.iterdir()}
    assert names == {whole.name, f"{whole.name}.json"}
    assert vault.dav.noted(whole.name) == {"path": "a.jpg"}
    half.discard()
    vault.dav.discard(whole.name)
    assert not list(vault.dav.folder.iterdir())


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_broken_note_is_none(vault: Vault, content: bytes) -> None:
    (vault.dav.folder / "x.json").write_bytes(content)
    assert vault.dav.noted("x") is None


def test_staging_leaves_the_file_and_copies_where_links_are_unknown(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    spooling = vault.dav.begin()
    spooling.write(b"abc")
    spooling.finish()
    sha = spooling.digests().sha
    linked = vault.dav.stage(spooling.name, sha, 3)
    monkeypatch.setattr("albums.vault.spool.os.link", no_links)
    copied = vault.dav.stage(spooling.name, sha, 3)
    for staged in (linked, copied):
        assert (staged.sha, staged.size, staged.head) == (sha, 3, b"abc")
        vault.originals.discard(staged)
    assert vault.dav.path(spooling.name).read_bytes() == b"abc"


def no_links(_: Path, __: Path) -> None:
    raise OSError(1, "Operation not permitted")


def test_a_full_disk_is_said_plainly(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    spooling = vault.dav.begin()
    monkeypatch.setattr("albums.vault.spool.os.fsync", no_space)
    with pytest.raises(DiskFull):
        spooling.finish()
    spooling.discard()
    assert not list(vault.dav.folder.iterdir())


def no_space(_: int) -> None:
    raise OSError(28, "No space left on device")
