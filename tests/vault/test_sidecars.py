"""Sidecars are replaced at once, and drafts survive a cut."""

from __future__ import annotations

import threading

import pytest

from albums.errors import LibraryUnusable
from albums.vault import Vault
from albums.vault.sidecars import Draft

SHA = "ab" + "0" * 62


def test_a_sidecar_reads_back_as_written_with_any_name(vault: Vault) -> None:
    vault.sidecars.write(SHA, {"name": "naïve 🏖\nphoto.jpg"})
    assert vault.sidecars.read(SHA) == {"schema": 1, "name": "naïve 🏖\nphoto.jpg"}


def test_there_is_no_sidecar_of_what_never_came(vault: Vault) -> None:
    assert vault.sidecars.read(SHA) is None


def test_a_draft_becomes_the_sidecar(vault: Vault) -> None:
    draft = vault.sidecars.draft("one", {"sha": SHA})
    vault.sidecars.path(SHA).parent.mkdir()
    assert vault.sidecars.adopt([Draft(draft, {"sha": SHA})]) == []
    assert vault.sidecars.read(SHA) == {"schema": 1, "sha": SHA}
    assert list(vault.sidecars.drafts()) == []


def test_drafts_of_the_same_bytes_become_one_sidecar_with_all_that_was_said(vault: Vault) -> None:
    vault.sidecars.path(SHA).parent.mkdir()
    contents = [{"sha": SHA, "arrivals": [{"name": name}], "claims": []} for name in "abc"]
    drafts = [
        Draft(vault.sidecars.draft(str(n), content), content) for n, content in enumerate(contents)
    ]
    assert vault.sidecars.adopt([drafts[0], drafts[1]]) == []
    assert vault.sidecars.adopt([drafts[2]]) == []
    content = vault.sidecars.read(SHA)
    assert content is not None
    assert [arrival["name"] for arrival in content["arrivals"]] == ["a", "b", "c"]
    assert list(vault.sidecars.incoming.iterdir()) == []


def test_a_damaged_sidecar_keeps_its_draft_and_holds_up_no_other(vault: Vault) -> None:
    other = "cd" + "0" * 62
    vault.sidecars.write(SHA, {})
    vault.sidecars.path(SHA).write_bytes(b"rotten")
    vault.sidecars.path(other).parent.mkdir()
    drafts = [Draft(vault.sidecars.draft(sha, {"sha": sha}), {"sha": sha}) for sha in (SHA, other)]
    [error] = vault.sidecars.adopt(drafts)
    assert "is damaged" in str(error)
    assert vault.sidecars.read(other) == {"schema": 1, "sha": other}
    assert [draft for draft, _ in vault.sidecars.drafts()] == [drafts[0].path]


def test_a_draft_that_was_cut_off_is_swept(vault: Vault) -> None:
    (vault.sidecars.incoming / "x.draft.json").write_bytes(b'{"sha": "ab')
    assert list(vault.sidecars.drafts()) == []
    assert list(vault.sidecars.incoming.iterdir()) == []


def test_a_sidecar_of_a_newer_program_is_refused(vault: Vault) -> None:
    vault.sidecars.write(SHA, {"schema": 99})
    with pytest.raises(LibraryUnusable, match="newer"):
        vault.sidecars.read(SHA)


def test_updates_from_many_threads_are_all_kept(vault: Vault) -> None:
    def add(number: int) -> None:
        vault.sidecars.update(SHA, lambda content: content.setdefault("n", []).append(number))

    threads = [threading.Thread(target=add, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    content = vault.sidecars.read(SHA)
    assert content is not None
    assert sorted(content["n"]) == list(range(20))


@pytest.mark.parametrize("name", ["\udcff.jpg", chr(0xD800), "\0", "\ufffe"])
def test_whatever_text_is_written_can_be_read_again(vault: Vault, name: str) -> None:
    vault.sidecars.write("ab" * 32, {"name": name})
    content = vault.sidecars.read("ab" * 32)
    assert content is not None
    assert content["name"] == name


@pytest.mark.parametrize("rotten", [b"{", b"\xff{}", b"[]", b""])
def test_a_sidecar_that_rotted_is_said_to_be(vault: Vault, rotten: bytes) -> None:
    vault.sidecars.write("ab" * 32, {})
    vault.sidecars.path("ab" * 32).write_bytes(rotten)
    with pytest.raises(LibraryUnusable, match="is damaged"):
        vault.sidecars.update("ab" * 32, lambda content: content.update(a=1))
    assert vault.sidecars.path("ab" * 32).read_bytes() == rotten


def test_many_are_updated_at_once_and_only_those_that_differ_are_written(vault: Vault) -> None:
    for n in range(20):
        vault.sidecars.write(str(n), {"sha": str(n), "n": n})
    vault.sidecars.path("3").write_text("{")
    before = vault.sidecars.path("0").stat().st_ino

    changes = {str(n): lambda content: content.update(n=content["n"] // 2) for n in range(20)}
    written, damaged = vault.sidecars.update_all(changes)
    assert written == {str(n) for n in range(20) if n not in (0, 3)}
    assert vault.sidecars.path("0").stat().st_ino == before
    assert ["3.sidecar.json" in str(error) for error in damaged] == [True]
    assert vault.sidecars.read("19") == {"schema": 1, "sha": "19", "n": 9}
    assert list(vault.sidecars.incoming.iterdir()) == []


def test_many_that_cannot_all_be_written_leave_all_as_they_were(vault: Vault) -> None:
    for n in range(3):
        vault.sidecars.write(str(n), {"sha": str(n)})

    def fail(content: dict[str, object]) -> None:
        raise OSError("the disk is full")

    changes = {"0": lambda content: content.update(more=1), "1": fail}
    with pytest.raises(OSError, match="full"):
        vault.sidecars.update_all(changes)
    assert vault.sidecars.read("0") == {"schema": 1, "sha": "0"}
    assert list(vault.sidecars.incoming.iterdir()) == []


def test_of_many_drafts_those_of_the_same_bytes_are_merged_in_order(vault: Vault) -> None:
    def draft(number: int, name: str) -> Draft:
        content = {"sha": str(number), "arrivals": [{"name": name}]}
        return Draft(vault.sidecars.draft(f"{number}{name}", content), content)

    for number in range(20):
        vault.sidecars.path(str(number)).parent.mkdir(exist_ok=True)
    drafts = [draft(number, name) for name in ("a", "b", "c") for number in range(20)]
    assert vault.sidecars.adopt(drafts) == []
    for number in range(20):
        sidecar = vault.sidecars.read(str(number))
        assert sidecar is not None
        assert [arrival["name"] for arrival in sidecar["arrivals"]] == ["a", "b", "c"]
    assert list(vault.sidecars.incoming.iterdir()) == []
