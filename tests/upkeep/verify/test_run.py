"""Every original is read again, and what is wrong is found: that, and nothing else."""

from __future__ import annotations

import hashlib
import os
import random
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from albums.errors import Conflict
from albums.library.checks import counts, last_run, losses, oldest_check
from albums.upkeep.verify import Verifier, Wanted, run
from albums.upkeep.verify.examine import examine, sidecar_trouble
from tests.arrivals import arrival_of
from tests.upkeep.verify.shelves import Shelves, flip


def test_a_library_that_is_whole_has_no_findings(shelves: Shelves) -> None:
    shas = shelves.fill(20)
    progress = shelves.verify()
    assert (progress.state, progress.read, progress.total) == ("done", 20, 20)
    assert progress.round_ended
    assert progress.bytes_read == sum(shelves.original(sha).stat().st_size for sha in shas)
    assert shelves.findings() == []


def test_one_byte_in_50_of_300_files_is_found_and_brought_back(
    shelves: Shelves, tmp_path: Path
) -> None:
    shas = shelves.fill(300)
    backup = shelves.back_up(tmp_path / "backup")
    chance = random.Random(11)
    rotten = chance.sample(shas, 50)
    for sha in rotten:
        path = shelves.original(sha)
        flip(path, chance.randrange(path.stat().st_size))
    shelves.verify()
    assert shelves.found() == {("changed", sha) for sha in rotten}

    progress = shelves.verify(copies=backup)
    assert [repaired.outcome for repaired in progress.repaired] == ["repaired"] * 50
    assert shelves.findings() == []
    for sha in shas:
        content = shelves.original(sha).read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha
    shelves.verify()
    assert shelves.findings() == []


def test_every_kind_of_trouble_is_told_apart(shelves: Shelves) -> None:
    shas = shelves.fill(9)
    missing, gone, cut, plain, garbled, foreign, doubled, kept, orphan = shas
    shelves.original(missing).unlink()
    shelves.original(gone).unlink()
    shelves.sidecar(gone).unlink()
    os.truncate(_writable(shelves.original(cut)), 100)
    shelves.sidecar(plain).unlink()
    shelves.sidecar(garbled).write_bytes(b'{"sha": ')
    shelves.sidecar(foreign).write_bytes(shelves.sidecar(kept).read_bytes())
    twin = shelves.original(doubled).with_suffix(".jpg")
    twin.write_bytes(shelves.original(doubled).read_bytes())
    liar = shelves.original(kept).with_suffix(".jpg")
    liar.write_bytes(b"other bytes")
    root = shelves.vault.originals.root
    (root / "holiday.jpg").write_bytes(b"somebody put it here")
    (root / kept[:2] / "copy.bin").write_bytes(shelves.original(kept).read_bytes())
    shelves.original(orphan).unlink()
    with shelves.library.write() as db:
        db.execute("delete from assets where sha = ?", (orphan,))
    stranger = "ab" * 32
    (root / "ab").mkdir(exist_ok=True)
    (root / "ab" / f"{stranger}.jpg").write_bytes(b"nobody knows me")

    shelves.verify()
    assert shelves.found() == {
        ("missing", missing),
        ("no-files", gone),
        ("changed", cut),
        ("no-sidecar", plain),
        ("bad-sidecar", garbled),
        ("bad-sidecar", foreign),
        ("doubled", doubled),
        ("unknown", kept),
        ("unknown", "originals/holiday.jpg"),
        ("doubled", f"originals/{kept[:2]}/copy.bin"),
        ("no-original", orphan),
        ("unknown", stranger),
    }
    with shelves.library.read() as db:
        assert losses(db) == 7
        assert sum(counts(db).values()) == 12


def test_what_was_put_right_is_found_no_more(shelves: Shelves) -> None:
    [sha] = shelves.fill(1)
    content = shelves.original(sha).read_bytes()
    flip(shelves.original(sha))
    shelves.verify()
    since = shelves.findings()[0].found_at
    shelves.verify()
    assert [(f.kind, f.found_at) for f in shelves.findings()] == [("changed", since)]
    _writable(shelves.original(sha)).write_bytes(content)
    shelves.verify()
    assert shelves.findings() == []


def test_what_was_found_of_an_asset_goes_with_it(shelves: Shelves) -> None:
    [sha] = shelves.fill(1)
    path = shelves.original(sha)
    flip(path)
    shelves.verify()
    with shelves.library.write() as db:
        db.execute("delete from assets where sha = ?", (sha,))
    shelves.sidecar(sha).unlink()
    path.unlink()
    shelves.verify(Wanted(seconds=0))
    assert shelves.findings() == []


def test_leftovers_are_no_loss(shelves: Shelves) -> None:
    pictures = shelves.vault.pictures.root / "cd"
    pictures.mkdir(parents=True)
    (pictures / f"{'cd' * 32}-320.webp").write_bytes(b"of an asset that is gone")
    [sha] = shelves.fill(1)
    old = shelves.sidecar(sha).with_name(f".{sha}.sidecar.json.{'0' * 32}")
    old.write_bytes(b"{")
    os.utime(old, (1, 1))
    shelves.verify()
    assert {finding.kind for finding in shelves.findings()} == {"pictures", "unfinished"}
    with shelves.library.read() as db:
        assert losses(db) == 0


def test_a_write_that_goes_on_is_left_alone(shelves: Shelves) -> None:
    [sha] = shelves.fill(1)
    shelves.sidecar(sha).with_name(f".{sha}.sidecar.json.{'0' * 32}").write_bytes(b"{")
    shelves.verify()
    assert shelves.findings() == []


def test_a_run_that_was_stopped_goes_on_where_it_was(
    shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    shas = shelves.fill(150)
    stop, read = threading.Event(), list[str]()

    def looked(*arguments: object, **named: object) -> object:
        read.append(arguments[2].sha)  # type: ignore[attr-defined]
        if len(read) == 80:
            stop.set()
        return examine(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "examine", looked)
    first = shelves.verify(stop=stop, readers=1)
    assert first.state == "stopped"
    assert not first.round_ended
    second = shelves.verify()
    assert (first.round, second.round) == (1, 1)
    assert second.total == 150 - first.read
    assert second.round_ended
    assert set(read) == set(shas)
    assert len(read) <= 151  # the file in hand is read again
    assert shelves.verify().round == 2


def test_what_was_read_longest_ago_is_read_first(
    shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    shas = shelves.fill(6)
    shelves.verify()
    days = ["2024-03-01", "2024-01-01", "2024-05-01", "2024-02-01", "2024-06-01", "2024-04-01"]
    with shelves.library.write() as db:
        for sha, day in zip(shas, days, strict=True):
            db.execute(
                "update checks set checked_at = ? where asset_id = (select id from assets "
                "where sha = ?)",
                (day, sha),
            )
    new = [shelves.receiver.receive(arrival_of(b"came later")).sha]
    order = list[str]()

    def looked(*arguments: object, **named: object) -> object:
        order.append(arguments[2].sha)  # type: ignore[attr-defined]
        return examine(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "examine", looked)
    shelves.verify(readers=1)
    assert order == new + [sha for _, sha in sorted(zip(days, shas, strict=True))]


def test_no_time_reads_nothing_but_still_looks_what_is_there(shelves: Shelves) -> None:
    shas = shelves.fill(5)
    shelves.original(shas[0]).unlink()
    progress = shelves.verify(Wanted(seconds=0))
    assert (progress.state, progress.read, progress.round_ended) == ("done", 0, False)
    assert shelves.found() == {("missing", shas[0])}
    with shelves.library.read() as db:
        assert oldest_check(db) == (5, None)


def test_reading_keeps_to_its_rate(shelves: Shelves) -> None:
    shas = shelves.fill(10, size=100_000)
    size = sum(shelves.original(sha).stat().st_size for sha in shas)
    began = time.monotonic()
    shelves.verify(Wanted(rate=size / 0.8))
    assert 0.7 < time.monotonic() - began < 5


def test_a_slow_reader_stops_at_once(shelves: Shelves) -> None:
    shelves.fill(3, size=100_000)
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()
    assert shelves.verify(Wanted(rate=1), stop=stop).state == "stopped"
    assert time.monotonic() - began < 5


def test_hashes_that_were_not_made_are_made_in_the_same_pass(shelves: Shelves) -> None:
    sha = shelves.fill(3)[0]
    content = shelves.original(sha).read_bytes()
    with shelves.library.write() as db:
        db.execute("update assets set sha1 = null, md5 = null")
    shelves.vault.sidecars.update(sha, lambda sidecar: sidecar.update(sha1=None, md5=None))
    shelves.verify()
    with shelves.library.read() as db:
        row = db.execute("select sha1, md5 from assets where sha = ?", (sha,)).fetchone()
    sidecar = shelves.vault.sidecars.read(sha)
    expected = (hashlib.sha1(content).hexdigest(), hashlib.md5(content).hexdigest())
    assert tuple(row) == expected
    assert sidecar
    assert (sidecar["sha1"], sidecar["md5"]) == expected


def test_a_file_that_cannot_be_read_is_one_finding(shelves: Shelves) -> None:
    shas = shelves.fill(3)
    path = shelves.original(shas[1])
    path.unlink()
    path.mkdir()  # the tests may run as root, whom no permission stops
    shelves.verify()
    assert [finding.sha for finding in shelves.findings() if finding.sha] == [shas[1]]


def test_the_last_run_is_remembered_and_audited_when_it_found_something(shelves: Shelves) -> None:
    shas = shelves.fill(2)
    shelves.verify()
    with shelves.library.read() as db:
        last = last_run(db)
    assert last
    assert (last["read"], last["found"]) == (2, {})
    flip(shelves.original(shas[0]))
    shelves.verify()
    newest = next(iter(shelves.receiver.audit.entries()))
    assert newest.action == "verified"
    assert newest.detail["found"] == {"changed": 1}


def test_uploads_and_deletions_meanwhile_are_not_findings(shelves: Shelves) -> None:
    shelves.fill(60)
    ending = threading.Event()

    def come_and_go() -> None:
        number = 0
        while not ending.is_set():
            number += 1
            sha = shelves.receiver.receive(arrival_of(f"new {number}".encode())).sha
            if number % 3 == 0:
                original = shelves.original(sha)
                with shelves.library.write() as db:
                    db.execute("delete from assets where sha = ?", (sha,))
                shelves.sidecar(sha).unlink()
                original.unlink()

    busy = threading.Thread(target=come_and_go)
    busy.start()
    try:
        for _ in range(3):
            shelves.verify(Wanted(anew=True))
            with shelves.library.read() as db:
                assert losses(db) == 0, shelves.findings()
    finally:
        ending.set()
        busy.join()


def test_one_run_at_a_time_and_it_can_be_stopped(shelves: Shelves) -> None:
    shelves.fill(5, size=100_000)
    verifier = Verifier(shelves.library, shelves.vault, shelves.receiver.audit, shelves.folder)
    verifier.start(Wanted(rate=1))
    with pytest.raises(Conflict, match="already"):
        verifier.start(Wanted())
    verifier.close()
    assert verifier.last
    assert not verifier.last.running
    assert verifier.last.progress.state == "stopped"
    assert verifier.last.error is None


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None
)
@given(content=st.binary(max_size=200) | st.from_regex(r'\{"sha": .{0,40}\}').map(str.encode))
def test_no_sidecar_is_too_odd_to_be_judged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sidecar").write_bytes(content)
    assert sidecar_trouble(tmp_path / "sidecar", "ab" * 32)


def _writable(path: Path) -> Path:
    path.chmod(0o644)
    return path
