"""Acknowledged means kept: bytes, sidecar and row, or nothing at all."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.errors import Conflict, DiskFull
from albums.ingest.arrival import Receipt
from albums.ingest.receive import Passing, Receiver, clean_name
from albums.library.assets import asset_by_sha
from albums.library.facts import Claim
from albums.library.tombstones import bury
from albums.vault.sidecars import _Adopting
from tests.arrivals import arrival_of


def rows(receiver: Receiver, sql: str) -> list[dict[str, Any]]:
    with receiver.library.read() as db:
        return [dict(row) for row in db.execute(sql)]


def test_a_photo_is_kept_with_its_sidecar_row_ledger_and_audit_entry(
    receiver: Receiver, make_photo: Callable[..., bytes]
) -> None:
    photo = make_photo()
    claim = Claim("favourite", True, "sidecar", 0.8)
    receipt = receiver.receive(arrival_of(photo, "IMG_1.JPG", folder="2024", claims=(claim,)))

    assert receipt.status == "ingested"
    assert receipt.sha == hashlib.sha256(photo).hexdigest()
    assert receiver.vault.originals.path(receipt.sha, ".jpg").read_bytes() == photo
    sidecar = receiver.vault.sidecars.read(receipt.sha)
    assert sidecar is not None
    assert sidecar["arrivals"][0]["origin"] == "test://phone"
    assert sidecar["claims"] == [claim.as_json()]
    [asset] = rows(receiver, "select * from assets")
    assert (asset["name"], asset["folder"], asset["kind"]) == ("IMG_1.JPG", "2024", "photo")
    assert asset["favourite"] == 1
    assert asset["captured_at"] is not None
    assert rows(receiver, "select step, state from work") == [{"step": "facts", "state": "open"}]
    assert [e.action for e in receiver.audit.entries()] == ["ingested"]


def test_the_same_bytes_again_are_one_asset_with_two_arrivals(receiver: Receiver) -> None:
    first = receiver.receive(arrival_of(b"same", "a.jpg"))
    second = receiver.receive(arrival_of(b"same", "b.jpg", origin="test://laptop"))
    assert (second.status, second.asset_id) == ("duplicate", first.asset_id)
    assert [r["name"] for r in rows(receiver, "select name from arrivals")] == ["a.jpg", "b.jpg"]
    sidecar = receiver.vault.sidecars.read(first.sha)
    assert sidecar is not None
    assert [a["name"] for a in sidecar["arrivals"]] == ["a.jpg", "b.jpg"]


def test_32_uploads_of_one_file_at_once_make_one_asset(receiver: Receiver) -> None:
    barrier, receipts = threading.Barrier(32), list[Receipt]()

    def upload() -> None:
        barrier.wait()
        receipts.append(receiver.receive(arrival_of(b"one" * 10_000)))

    threads = [threading.Thread(target=upload) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(r.status for r in receipts) == ["duplicate"] * 31 + ["ingested"]
    assert len(rows(receiver, "select id from assets")) == 1
    assert list(receiver.vault.originals.incoming.iterdir()) == []
    sidecar = receiver.vault.sidecars.read(receipts[0].sha)
    assert sidecar is not None


def test_a_batch_with_the_same_bytes_twice_is_one_asset(receiver: Receiver) -> None:
    staged = [receiver.stage(arrival_of(b"twin", name)) for name in ("a.jpg", "b.jpg")]
    assert [r.status for r in receiver.commit(staged)] == ["ingested", "duplicate"]
    assert len(rows(receiver, "select id from assets")) == 1


def test_a_source_writes_its_own_rows_of_each_arrival_of_a_batch(receiver: Receiver) -> None:
    staged = [receiver.stage(arrival_of(name.encode(), name)) for name in ("a.jpg", "b.jpg")]
    noted = list[str]()
    receiver.commit(staged, also=lambda db, passing, receipt: noted.append(receipt.name))
    assert noted == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("content", [b"", b"not a photo at all", b"%PDF-1.7", b"\x00" * 5000])
def test_nothing_is_refused_for_its_type(receiver: Receiver, content: bytes) -> None:
    receipt = receiver.receive(arrival_of(content, "thing.jpg"))
    assert receipt.status == "ingested"
    asset = rows(receiver, "select extension from assets")[0]
    kept = receiver.vault.originals.path(receipt.sha, asset["extension"])
    assert kept.read_bytes() == content


def test_what_the_owner_deleted_does_not_come_back_by_itself(receiver: Receiver) -> None:
    receipt = receiver.receive(arrival_of(b"embarrassing"))
    with receiver.library.write() as db:
        bury(db, asset_by_sha(db, receipt.sha))
        db.execute("delete from assets")
    receiver.vault.originals.path(receipt.sha, ".bin").unlink(missing_ok=True)
    again = receiver.receive(arrival_of(b"embarrassing"))
    assert (again.status, again.asset_id) == ("deleted", None)
    assert rows(receiver, "select id from assets") == []
    assert list(receiver.vault.originals.incoming.iterdir()) == []
    explicit = receiver.receive(arrival_of(b"embarrassing", again=True))
    assert explicit.status == "ingested"


def test_what_is_deleted_for_good_while_it_comes_in_again_stays_deleted(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = receiver.receive(arrival_of(b"twice"))
    passing = receiver.stage(arrival_of(b"twice"))
    keep = receiver._keep

    def keep_then_purge(batch: Sequence[Passing]) -> None:
        keep(batch)
        with receiver.library.write() as db:
            bury(db, asset_by_sha(db, first.sha))
            db.execute("delete from assets")
        receiver.vault.sidecars.path(first.sha).unlink()

    monkeypatch.setattr(receiver, "_keep", keep_then_purge)
    assert [r.status for r in receiver.commit([passing])] == ["deleted"]
    assert rows(receiver, "select id from assets") == []
    assert not any(receiver.vault.originals.root.rglob(f"{first.sha}*"))
    assert list(receiver.vault.originals.incoming.iterdir()) == []


def test_bytes_that_vanish_before_their_row_are_not_acknowledged(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing = receiver.stage(arrival_of(b"gone", again=True))
    keep = receiver._keep

    def keep_then_lose(batch: Sequence[Passing]) -> None:
        keep(batch)
        receiver.vault.originals.path(passing.staged.sha, passing.format.extension).unlink()

    monkeypatch.setattr(receiver, "_keep", keep_then_lose)
    with pytest.raises(Conflict, match="Send it again"):
        receiver.commit([passing])
    assert rows(receiver, "select id from assets") == []


def test_a_sidecar_that_cannot_be_finished_is_finished_at_the_next_start(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(receiver.vault.sidecars, "adopt", full)
        with pytest.raises(OSError, match="No space"):
            receiver.receive(arrival_of(b"late"))
    [asset] = rows(receiver, "select sha from assets")
    assert receiver.vault.sidecars.read(asset["sha"]) is None
    receiver.recover()
    assert receiver.vault.sidecars.read(asset["sha"]) is not None


def test_a_full_disk_leaves_no_trace(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        receiver.receive(arrival_of(b"too much"))
    assert rows(receiver, "select id from assets") == []
    assert list(receiver.vault.originals.incoming.iterdir()) == []


def test_a_key_that_comes_again_with_other_bytes_keeps_both_arrivals(receiver: Receiver) -> None:
    kept = [
        receiver.receive(arrival_of(content, key="file:///a.jpg", source="folder", modified_ns=1))
        for content in (b"one", b"two", b"two")
    ]
    arrivals = rows(receiver, "select asset_id from arrivals where key = 'file:///a.jpg'")
    assert {row["asset_id"] for row in arrivals} == {receipt.asset_id for receipt in kept}
    assert len({receipt.asset_id for receipt in kept}) == 2


def test_recovery_finishes_what_has_its_bytes_and_sweeps_the_rest(receiver: Receiver) -> None:
    passing = receiver.stage(arrival_of(b"cut off after its bytes"))
    receiver._keep([passing])
    receiver.stage(arrival_of(b"cut off before"))
    lost = receiver.stage(arrival_of(b"draft without bytes"))
    receiver.vault.sidecars.draft("lost", lost.sidecar())

    assert receiver.recover() == 1
    assert [r["sha"] for r in rows(receiver, "select sha from assets")] == [passing.staged.sha]
    assert receiver.vault.sidecars.read(passing.staged.sha) is not None
    assert list(receiver.vault.originals.incoming.iterdir()) == []


class _Disk:
    """Watches what is on the disk for sure when something gets its final name."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
        self.synced = set[Path]()
        self.waiting = set[Path]()  # folders with names that a power cut would take back
        self.committed_at_once: list[bool] = []
        replace = Path.replace

        def watched(path: Path, target: Path) -> Path:
            assert path in self.synced, f"{path.name} got its name before it was on the disk"
            self.waiting.add(target.parent)
            return replace(path, target)

        def sync(paths: Collection[Path]) -> None:
            self.synced |= set(paths)
            self.waiting -= set(paths)

        for module in ("ingest.receive", "vault.originals", "vault.sidecars"):
            monkeypatch.setattr(f"albums.{module}.sync_all", sync)
        monkeypatch.setattr(Path, "replace", watched)
        receiver.library.after_commit.append(
            lambda: self.committed_at_once.append(not self.waiting)
        )


def test_each_step_of_a_batch_is_on_disk_before_the_next(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = [b"one", b"two", b"three", b"one"]  # the last is here already by then
    batch = [receiver.stage(arrival_of(content), synced=False) for content in contents]
    disk = _Disk(monkeypatch, receiver)
    receipts = receiver.commit(batch)
    assert [r.status for r in receipts] == ["ingested", "ingested", "ingested", "duplicate"]
    assert disk.committed_at_once == [True]
    assert not disk.waiting
    assert all(receiver.vault.sidecars.read(r.sha) for r in receipts)


def test_a_batch_of_hundreds_costs_no_more_syncs_than_a_few(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit(count: int) -> int:
        batch = [receiver.stage(arrival_of(os.urandom(99)), synced=False) for _ in range(count)]
        syncs = 0

        def counted(*_: object) -> bool:
            nonlocal syncs
            syncs += 1
            return True

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", counted)
            patch.setattr("albums.vault.durable.sync_file_system", counted)
            receiver.commit(batch)
        return syncs

    commit(1)
    assert commit(100) == commit(300) <= 5


def test_collections_are_written_down_when_one_changed(receiver: Receiver) -> None:
    file = receiver.library.path.with_name("collections.json")

    def take_in(content: bytes, *collections: str) -> int | None:
        receiver.receive(arrival_of(content, collections=collections))
        return file.stat().st_ino if file.exists() else None

    assert take_in(b"a") is None
    first = take_in(b"a", "Cats")
    assert first is not None
    assert take_in(b"a", "Cats") == first
    assert take_in(b"b") == first
    assert take_in(b"b", "Cats", "Dogs") != first
    names = [c["name"] for c in json.loads(file.read_bytes())["collections"]]
    assert names == ["Cats", "Dogs"]


def test_what_has_its_rows_only_gets_its_sidecar_at_the_next_start(receiver: Receiver) -> None:
    receipt = receiver.receive(arrival_of(b"a photo"))
    sidecar = receiver.vault.sidecars.path(receipt.sha)
    sidecar.rename(receiver.vault.originals.incoming / "cut off.draft.json")
    assert receiver.recover() == 1
    assert sidecar.exists()
    assert [entry.action for entry in receiver.audit.entries()] == ["ingested"]


_RECEIVE_FOREVER = """
import sys
from datetime import UTC
from pathlib import Path
from albums.ingest.receive import Receiver
from albums.library.audit import Audit
from albums.library.database import Library
from albums.library.ledger import Ledger, Plan
from albums.vault import open_vault
from tests.arrivals import arrival_of
root = Path(sys.argv[1])
library = Library(root / "albums.db")
receiver = Receiver(library, open_vault(root), Ledger([Plan("facts", "1")]),
                    Audit(library, root / "audit.jsonl"), UTC)
receiver.recover()
number = int(sys.argv[2])
while True:
    number += 1
    staged = [receiver.stage(arrival_of(f"{number}-{i}".encode() * 5000)) for i in range(3)]
    for receipt in receiver.commit(staged):
        print(receipt.sha, flush=True)
"""


def test_what_was_acknowledged_survives_kill_9_at_any_moment(tmp_path: Path) -> None:
    acknowledged: set[str] = set()
    for round_ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", _RECEIVE_FOREVER, str(tmp_path), str(round_ * 10_000)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        acknowledged.add(process.stdout.readline().strip())
        time.sleep(0.05 + round_ * 0.037)
        process.send_signal(signal.SIGKILL)
        acknowledged |= {line.strip() for line in process.stdout if len(line) == 65}
        process.stdout.close()
        process.wait()
    assert len(acknowledged) > 10
    _check_all_is_there(tmp_path, acknowledged)


def _check_all_is_there(root: Path, acknowledged: set[str]) -> None:
    from datetime import UTC

    from albums.library.audit import Audit
    from albums.library.database import Library
    from albums.library.ledger import Ledger, Plan
    from albums.vault import open_vault

    library = Library(root / "albums.db")
    audit = Audit(library, root / "audit.jsonl")
    receiver = Receiver(library, open_vault(root), Ledger([Plan("facts", "1")]), audit, UTC)
    receiver.recover()
    known = {r["sha"]: r["extension"] for r in rows(receiver, "select sha, extension from assets")}
    assert acknowledged <= set(known)
    for sha, extension in known.items():
        assert receiver.vault.originals.reread(sha, extension)
        assert receiver.vault.sidecars.read(sha) is not None
    assert audit.check() == []
    assert list(receiver.vault.originals.incoming.iterdir()) == []
    library.close()


@given(st.text() | st.binary().map(lambda raw: os.fsdecode(raw)))
def test_any_name_becomes_one_that_people_and_json_can_hold(name: str) -> None:
    clean = clean_name(name)
    assert 0 < len(clean) <= 255
    assert clean.encode("utf-8")
    assert "/" not in clean
    assert "\n" not in clean


def test_a_stream_that_breaks_keeps_nothing(receiver: Receiver) -> None:
    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError("the phone went away")

    arrival = arrival_of(b"")
    with pytest.raises(ConnectionResetError):
        receiver.receive(type(arrival)(**{**arrival.__dict__, "open": Breaking}))
    assert list(receiver.vault.originals.incoming.iterdir()) == []
    assert rows(receiver, "select id from assets") == []


_TIFF = b"II*\0" + bytes(64)  # by its name a raw file or a picture


def originals_of(receiver: Receiver) -> list[Path]:
    files = receiver.vault.originals.root.glob("*/*")
    return sorted(file for file in files if not file.name.endswith(".sidecar.json"))


@pytest.mark.parametrize("at_once", [True, False])
def test_the_same_bytes_under_another_kind_of_name_are_one_original(
    receiver: Receiver, *, at_once: bool
) -> None:
    raw, picture = (receiver.stage(arrival_of(_TIFF, name)) for name in ("a.nef", "b.tif"))
    assert raw.format.extension != picture.format.extension
    for batch in [[raw, picture]] if at_once else [[raw], [picture]]:
        receiver.commit(batch)
    [asset] = rows(receiver, "select sha, extension from assets")
    assert originals_of(receiver) == [
        receiver.vault.originals.path(asset["sha"], asset["extension"])
    ]
    sidecar = receiver.vault.sidecars.read(asset["sha"])
    assert sidecar is not None
    assert sidecar["extension"] == asset["extension"]
    assert [arrival["name"] for arrival in sidecar["arrivals"]] == ["a.nef", "b.tif"]


def test_a_damaged_original_is_healed_by_its_bytes_under_another_kind_of_name(
    receiver: Receiver,
) -> None:
    receiver.receive(arrival_of(_TIFF, "a.nef"))
    [original] = originals_of(receiver)
    original.chmod(0o644)
    original.write_bytes(b"rotten")
    receiver.receive(arrival_of(_TIFF, "b.tif"))
    assert originals_of(receiver) == [original]
    assert original.read_bytes() == _TIFF


def test_what_is_committed_keeps_its_sidecar_though_the_log_could_not_be_written(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(receiver.library, "after_commit", [full])
        with pytest.raises(OSError, match="No space"):
            receiver.receive(arrival_of(b"committed", "beach.jpg"))
    [asset] = rows(receiver, "select sha from assets")
    sidecar = receiver.vault.sidecars.read(asset["sha"])
    assert sidecar is not None
    assert [arrival["name"] for arrival in sidecar["arrivals"]] == ["beach.jpg"]
    assert list(receiver.vault.originals.incoming.iterdir()) == []


def test_a_sidecar_that_was_added_to_before_it_was_finished_is_whole_in_the_end(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(receiver.vault.sidecars, "adopt", full)
        with pytest.raises(OSError, match="No space"):
            receiver.receive(arrival_of(b"late", "late.jpg"))
    [asset] = rows(receiver, "select sha, extension, size, mime, kind from assets")
    receiver.vault.sidecars.update(asset["sha"], lambda content: content.update(machine={}))
    receiver.recover()
    sidecar = receiver.vault.sidecars.read(asset["sha"])
    assert sidecar is not None
    assert asset.items() <= sidecar.items()
    assert sidecar["machine"] == {}


def test_what_was_refused_says_nothing_of_the_same_file_that_came_before(
    receiver: Receiver,
) -> None:
    def refuse(db: object, passing: Passing, receipt: Receipt) -> None:
        raise Conflict("no")

    receipt = receiver.receive(arrival_of(b"a photo"))
    passing = receiver.stage(arrival_of(b"a photo", collections=("Cats",)))
    passing.at = receipt.received_at
    with pytest.raises(Conflict):
        receiver.commit([passing], also=refuse)
    sidecar = receiver.vault.sidecars.read(receipt.sha)
    assert sidecar is not None
    assert sidecar["collections"] == []
    assert list(receiver.vault.originals.incoming.iterdir()) == []


@pytest.mark.parametrize("again", [True, False])
def test_a_sidecar_that_rotted_keeps_nobody_from_sending_the_file_again_or_from_starting(
    receiver: Receiver, *, again: bool
) -> None:
    sidecars = receiver.vault.sidecars
    receipt = receiver.receive(arrival_of(b"a photo", "a.jpg"))
    whole = sidecars.path(receipt.sha).read_bytes()
    sidecars.path(receipt.sha).write_bytes(b"\xff rotten")
    assert receiver.receive(arrival_of(b"a photo", "b.jpg", again=again)).status == "duplicate"
    receiver.recover()
    assert sidecars.path(receipt.sha).read_bytes() == b"\xff rotten"
    sidecars.path(receipt.sha).write_bytes(whole)  # repaired
    receiver.recover()
    sidecar = sidecars.read(receipt.sha)
    assert sidecar is not None
    assert [arrival["name"] for arrival in sidecar["arrivals"]] == ["a.jpg", "b.jpg"]
    assert list(receiver.vault.originals.incoming.iterdir()) == []


def test_a_sidecar_that_the_disk_refused_is_made_with_the_next_arrival(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    with monkeypatch.context() as patched:
        patched.setattr(_Adopting, "finish", refuse)
        with pytest.raises(OSError, match="not permitted"):
            receiver.receive(arrival_of(b"refused", "beach.jpg"))
    refused = hashlib.sha256(b"refused").hexdigest()
    assert receiver.vault.sidecars.read(refused) is None
    receiver.receive(arrival_of(b"the next one"))
    sidecar = receiver.vault.sidecars.read(refused)
    assert sidecar
    assert [arrival["name"] for arrival in sidecar["arrivals"]] == ["beach.jpg"]
    assert list(receiver.vault.originals.incoming.iterdir()) == []


def test_what_was_deleted_since_gets_no_sidecar_any_more(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(_Adopting, "finish", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            receiver.receive(arrival_of(b"refused"))
    [original] = originals_of(receiver)
    original.unlink()
    receiver.receive(arrival_of(b"the next one"))
    assert receiver.vault.sidecars.read(hashlib.sha256(b"refused").hexdigest()) is None


def test_what_was_refused_leaves_no_original_and_what_was_kept_before_stays(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = receiver.receive(arrival_of(b"kept before"))

    def refuse(*_: Any) -> None:
        raise DiskFull("There is no room")

    with monkeypatch.context() as patched:
        patched.setattr(receiver, "_admit_content", refuse)
        batch = [receiver.stage(arrival_of(b)) for b in (b"kept before", b"refused")]
        with pytest.raises(DiskFull):
            receiver.commit(batch)
    assert [path.name[:64] for path in originals_of(receiver)] == [kept.sha]
    assert list(receiver.vault.originals.incoming.iterdir()) == []
