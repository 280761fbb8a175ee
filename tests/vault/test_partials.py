"""Unfinished uploads on disk: what was promised stays, and originals are never written to."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import Any

import pytest

from albums.errors import NotFound
from albums.vault import Vault


def write(vault: Vault, upload: str, offset: int, content: bytes) -> None:
    partial = vault.partials.open(upload, offset)
    partial.write(content)
    partial.sync()
    vault.partials.put_back(upload, partial, partial.at)


def test_pieces_become_one_file_with_its_hashes(vault: Vault) -> None:
    write(vault, "a", 0, b"12345")
    write(vault, "a", 5, b"67890")
    staged = vault.partials.stage("a", 10)
    assert staged.path.read_bytes() == b"1234567890"
    assert staged.sha == hashlib.sha256(b"1234567890").hexdigest()
    assert staged.md5 == hashlib.md5(b"1234567890", usedforsecurity=False).hexdigest()
    assert staged.sha1 == hashlib.sha1(b"1234567890", usedforsecurity=False).hexdigest()
    assert (staged.size, staged.head) == (10, b"1234567890")


def test_a_piece_that_is_repeated_lies_where_it_belongs(vault: Vault) -> None:
    write(vault, "a", 0, b"12345")
    write(vault, "a", 5, b"garbage")
    write(vault, "a", 5, b"67")
    partial = vault.partials.open("a", 7)
    partial.cut()
    partial.close()
    assert vault.partials.path("a").read_bytes() == b"1234567"
    assert vault.partials.stage("a", 7).sha == hashlib.sha256(b"1234567").hexdigest()


def test_an_original_is_not_written_to_when_its_upload_goes_on(vault: Vault) -> None:
    """The box was cut off between keeping the bytes and writing down that they are kept."""
    write(vault, "a", 0, b"1234567890")
    staged = vault.partials.stage("a", 10)
    original = vault.originals.keep(staged, ".bin")
    write(vault, "a", 5, b"other")
    assert original.read_bytes() == b"1234567890"
    assert vault.partials.path("a").read_bytes() == b"12345other"


def test_an_upload_goes_on_whose_bytes_were_about_to_be_kept(vault: Vault) -> None:
    write(vault, "a", 0, b"1234567890")
    vault.partials.path("a").chmod(0o444)
    write(vault, "a", 5, b"other")
    assert vault.partials.path("a").read_bytes() == b"12345other"
    assert vault.partials.path("a").stat().st_mode & stat.S_IWUSR


def test_a_disk_without_second_names_gets_a_copy(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*given: Any) -> None:
        raise OSError("no hard links here")

    write(vault, "a", 0, b"1234567890")
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", no_links)
        staged = vault.partials.stage("a", 10)
    assert staged.path.read_bytes() == vault.partials.path("a").read_bytes() == b"1234567890"


def test_bytes_that_are_gone_are_not_gone_on_with(vault: Vault) -> None:
    write(vault, "a", 0, b"12345")
    os.truncate(vault.partials.path("a"), 4)
    with pytest.raises(NotFound, match="gone"):
        vault.partials.open("a", 5)
    assert not vault.partials.holds("b", 1)
    with pytest.raises(NotFound, match="gone"):
        vault.partials.stage("b", 1)
