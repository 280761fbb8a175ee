"""Originals are kept whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.errors import DiskFull, NotFound, TooLarge
from albums.vault import Vault
from albums.vault.originals import HEAD, Originals


def keep(vault: Vault, content: bytes, extension: str = ".bin") -> str:
    staged = vault.originals.stage(io.BytesIO(content))
    vault.originals.keep(staged, extension)
    return staged.sha


def test_an_original_is_named_by_its_hash_and_cannot_be_written(vault: Vault) -> None:
    sha = keep(vault, b"hello", ".txt")
    path = vault.originals.path(sha, ".txt")
    assert path.name == hashlib.sha256(b"hello").hexdigest() + ".txt"
    assert path.read_bytes() == b"hello"
    assert path.stat().st_mode & 0o222 == 0


def test_nothing_stays_in_incoming_once_kept(vault: Vault) -> None:
    keep(vault, b"hello")
    keep(vault, b"hello")
    assert list(vault.originals.incoming.iterdir()) == []


def test_keeping_the_same_bytes_again_does_not_touch_the_file(vault: Vault) -> None:
    path = vault.originals.path(keep(vault, b"hello"), ".bin")
    before = path.stat()
    keep(vault, b"hello")
    assert path.stat().st_ino == before.st_ino


@pytest.mark.parametrize("damaged", [b"hel", b"hellO"], ids=["cut off", "rotten"])
def test_a_damaged_original_is_healed_by_the_whole_bytes(vault: Vault, damaged: bytes) -> None:
    sha = keep(vault, b"hello")
    path = vault.originals.path(sha, ".bin")
    path.chmod(0o644)
    path.write_bytes(damaged)
    assert not vault.originals.reread(sha, ".bin")
    keep(vault, b"hello")
    assert vault.originals.reread(sha, ".bin")


def test_a_missing_original_says_so(vault: Vault) -> None:
    with pytest.raises(NotFound, match="missing from the disk"):
        vault.originals.open("ab" * 32, ".jpg")


def test_past_the_limit_nothing_is_left_behind(vault: Vault) -> None:
    with pytest.raises(TooLarge):
        vault.originals.stage(io.BytesIO(b"x" * 11), limit=10)
    assert list(vault.originals.incoming.iterdir()) == []


class BrokenStream(io.BytesIO):
    """Gives some bytes, then fails as a cut connection or a full disk does."""

    def __init__(self, error: OSError) -> None:
        super().__init__(b"x" * 100)
        self.error = error

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = super().read(10)
        if self.tell() > 50:
            raise self.error
        return chunk


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_and_leaves_nothing(vault: Vault, number: int) -> None:
    with pytest.raises(DiskFull, match="no room"):
        vault.originals.stage(BrokenStream(OSError(number, os.strerror(number))))
    assert list(vault.originals.incoming.iterdir()) == []


def test_a_cut_connection_leaves_nothing(vault: Vault) -> None:
    with pytest.raises(ConnectionError):
        vault.originals.stage(BrokenStream(ConnectionResetError()))
    assert list(vault.originals.incoming.iterdir()) == []


@given(content=st.binary(max_size=3 * HEAD))
def test_any_bytes_come_back_equal(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    root: Path = tmp_path_factory.mktemp("originals")
    originals = Originals(root / "originals", root / "incoming")
    staged = originals.stage(io.BytesIO(content))
    assert (staged.size, staged.head) == (len(content), content[:HEAD])
    originals.keep(staged, "")
    with originals.open(staged.sha, "") as file:
        assert file.read() == content
