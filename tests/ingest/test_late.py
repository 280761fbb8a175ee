"""What an export says of assets that are in: in database and sidecar, or said again until it is."""

from __future__ import annotations

import logging
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from albums.ingest.late import Later, Paper, say
from albums.ingest.receive import Receiver
from albums.library import collections
from albums.library.audit import Audit
from albums.library.collections import members, remove_from_collection
from albums.library.database import Library
from albums.library.facts import Claim, claims_of
from albums.library.ledger import Ledger, Plan, Result
from albums.upkeep.rebuild import canonical_export, rebuild
from albums.vault import open_vault
from albums.vault.durable import replace_synced
from tests.arrivals import arrival_of

FROM = "takeout://takeout-20240516T230250Z"
STEPS = ("facts", "place", "words", "record", "companions")
PAPER = Paper("takeout", "Photos from 2024/IMG_1.jpg.json", b'{"title": "IMG_1.jpg"}\r\n')


def claim(field: str, value: Any, confidence: float = 0.85) -> Claim:
    return Claim(field, value, "takeout", confidence, "IMG_1.jpg.json")


def keep(receiver: Receiver, content: bytes = b"photo", **fields: Any) -> str:
    return receiver.receive(arrival_of(content, **fields)).sha


def sidecar(receiver: Receiver, sha: str) -> dict[str, Any]:
    found = receiver.vault.sidecars.read(sha)
    assert found is not None
    return found


def row(receiver: Receiver, sha: str) -> dict[str, Any]:
    with receiver.library.read() as db:
        return dict(db.execute("select * from assets where sha = ?", (sha,)).fetchone())


def claimed(receiver: Receiver, sha: str, source: str = "takeout") -> dict[str, Any]:
    with receiver.library.read() as db:
        claims = claims_of(db, row(receiver, sha)["id"])
    return {c.field: c.value for c in claims if c.source == source}


def inside(receiver: Receiver, name: str) -> list[str]:
    with receiver.library.read() as db:
        return members(db, name)


def files(folder: Path) -> dict[Path, tuple[int, bytes]]:
    """Every sidecar and library-wide file, with which file it is: a rewritten one is another."""
    found = [p for p in folder.rglob("*.json*") if p.is_file()]
    return {path: (path.stat().st_ino, path.read_bytes()) for path in found}


@pytest.fixture
def whole(receiver: Receiver) -> Receiver:
    """Its ledger has all steps that listen."""
    receiver.ledger = Ledger([Plan(step, "1") for step in STEPS])
    return receiver


def test_claims_papers_and_collections_are_in_database_and_sidecar(receiver: Receiver) -> None:
    sha = keep(receiver)
    claims = (claim("description", "On the beach"), claim("favourite", True))
    assert say(receiver, [Later(sha, "takeout", claims, (PAPER,), ("Rome",))], FROM) == 1

    assert row(receiver, sha)["description"] == "On the beach"
    assert row(receiver, sha)["favourite"] == 1
    assert inside(receiver, "Rome") == [sha]
    beside = sidecar(receiver, sha)
    assert beside["claims"] == [c.as_json() for c in claims]
    assert beside["papers"] == [
        {"source": "takeout", "path": PAPER.path, "text": PAPER.raw.decode()}
    ]
    assert beside["collections"] == ["Rome"]
    [told, _] = receiver.audit.entries()
    assert (told.actor, told.action, told.detail["assets"]) == (FROM, "told", 1)


def test_saying_the_same_again_writes_nothing(receiver: Receiver, tmp_path: Path) -> None:
    sha = keep(receiver)
    claims = (claim("people", ("Ann", "Bob")), claim("location", [1.5, 2]))  # a tuple, an int
    later = [Later(sha, "takeout", claims, (PAPER,), ("Rome",))]
    say(receiver, later, FROM)
    before = files(tmp_path)
    assert say(receiver, later, FROM) == 0
    assert files(tmp_path) == before


def test_what_a_source_no_longer_says_is_gone_and_others_stand(receiver: Receiver) -> None:
    came_with = Claim("rating", 4, "sidecar", 0.8)
    sha = keep(receiver, claims=(came_with,))
    say(receiver, [Later(sha, "takeout", (claim("title", "A"), claim("hidden", True)))], FROM)
    say(receiver, [Later(sha, "flickr", (Claim("title", "B", "flickr", 0.5),))], FROM)
    assert say(receiver, [Later(sha, "takeout")], FROM) == 1

    assert claimed(receiver, sha) == {}
    assert (row(receiver, sha)["title"], row(receiver, sha)["hidden"]) == ("B", 0)
    sources = [c["source"] for c in sidecar(receiver, sha)["claims"]]
    assert sorted(sources) == ["flickr", "sidecar"]


def test_what_is_no_longer_said_does_not_come_back_with_what_the_machine_wrote_down(
    receiver: Receiver,
) -> None:
    sha = keep(receiver)
    say(receiver, [Later(sha, "takeout", (claim("title", "A"),))], FROM)
    found = [claim("title", "A").as_json(), Claim("camera", "X", "exif", 0.9).as_json()]
    receiver.vault.sidecars.update(sha, lambda c: c.update(machine={"claims": found, "tags": []}))
    assert say(receiver, [Later(sha, "takeout", (claim("title", "A"),))], FROM) == 0
    say(receiver, [Later(sha, "takeout", (claim("title", "B"),))], FROM)
    assert sidecar(receiver, sha)["machine"] == {"claims": found[1:], "tags": []}


def test_papers_are_kept_verbatim_each_once_and_never_lost(receiver: Receiver) -> None:
    sha = keep(receiver)
    odd = Paper("takeout", "x.json", b"\xff\xfe{\x00")
    say(receiver, [Later(sha, "takeout", papers=(PAPER, PAPER))], FROM)
    say(receiver, [Later(sha, "takeout", papers=(odd, PAPER))], FROM)
    assert sidecar(receiver, sha)["papers"] == [
        {"source": "takeout", "path": PAPER.path, "text": PAPER.raw.decode()},
        {"source": "takeout", "path": "x.json", "base64": "//57AA=="},
    ]


def test_the_same_bytes_twice_in_an_export_are_said_of_as_one(receiver: Receiver) -> None:
    sha = keep(receiver)
    later = [
        Later(sha, "takeout", (claim("title", "year"), claim("favourite", True)), (PAPER,), ("A",)),
        Later(sha, "takeout", (claim("title", "album"),), (PAPER,), ("B",)),
    ]
    assert say(receiver, later, FROM) == 1
    assert claimed(receiver, sha) == {"favourite": True, "title": "album"}
    assert sidecar(receiver, sha)["collections"] == ["A", "B"]
    assert say(receiver, later, FROM) == 0


def test_two_sources_may_speak_of_one_asset_in_one_call(whole: Receiver) -> None:
    sha = keep(whole)
    close_all(whole)
    later = [
        Later(sha, "takeout", (claim("people", ["Ann"]),), (PAPER,)),
        Later(sha, "flickr", (Claim("clip_of", "0" * 64, "flickr", 0.9),), (), ("Rome",)),
    ]
    assert say(whole, later, FROM) == 1
    assert {c["source"] for c in sidecar(whole, sha)["claims"]} == {"takeout", "flickr"}
    assert still_open(whole) == {(sha, step) for step in ("words", "companions", "record")}
    assert say(whole, later, FROM) == 0


def test_a_collection_is_in_the_order_in_which_it_is_said(receiver: Receiver) -> None:
    shas = [keep(receiver, bytes([n])) for n in range(5)]
    order = [shas[n] for n in (3, 1, 4, 0)]
    say(receiver, [Later(sha, "takeout", collections=("Rome",)) for sha in order], FROM)
    say(receiver, [Later(sha, "takeout", collections=("Rome",)) for sha in shas], FROM)
    assert inside(receiver, "Rome") == [*order, shas[2]]


def test_what_a_person_took_out_of_a_collection_stays_out(
    receiver: Receiver, tmp_path: Path
) -> None:
    shas = [keep(receiver, bytes([n])) for n in range(2)]
    later = [Later(sha, "takeout", collections=("Rome",)) for sha in shas]
    say(receiver, later, FROM)
    with receiver.library.write() as db:
        remove_from_collection(db, "Rome", [row(receiver, shas[0])["id"]])
        collections.write_file(db, tmp_path, replace_synced, ("Rome", [shas[0]]))
    assert say(receiver, later, FROM) == 0
    assert inside(receiver, "Rome") == [shas[1]]


def test_the_file_of_collections_is_written_once_a_call(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    shas = [keep(receiver, bytes([n])) for n in range(4)]
    written: list[Path] = []
    monkeypatch.setattr("albums.ingest.late.replace_synced", lambda path, _: written.append(path))
    say(receiver, [Later(sha, "takeout", collections=("A", "B")) for sha in shas], FROM)
    assert [path.name for path in written] == ["collections.json"]


def test_assets_that_are_gone_are_left_out(receiver: Receiver) -> None:
    sha = keep(receiver)
    later = [Later(s, "takeout", (claim("title", "A"),)) for s in ("0" * 64, sha)]
    assert say(receiver, later, FROM) == 1
    assert not receiver.vault.sidecars.path("0" * 64).exists()


@pytest.mark.parametrize("ruin", ["damaged", "missing"])
def test_a_ruined_sidecar_does_not_stop_the_rest(
    receiver: Receiver, ruin: str, caplog: pytest.LogCaptureFixture
) -> None:
    ruined, sound = keep(receiver, b"1"), keep(receiver, b"2")
    path = receiver.vault.sidecars.path(ruined)
    path.unlink() if ruin == "missing" else path.write_text("{")
    later = [Later(sha, "takeout", (claim("title", "A"),)) for sha in (ruined, sound)]
    with caplog.at_level(logging.WARNING):
        assert say(receiver, later, FROM) == 2
    assert ruined in caplog.text
    assert row(receiver, ruined)["title"] == "A"
    assert sidecar(receiver, sound)["claims"]
    assert path.exists() is (ruin == "damaged")
    assert say(receiver, later, FROM) == 0


def test_half_characters_of_strangers_are_kept_as_marks(receiver: Receiver) -> None:
    sha = keep(receiver)
    later = [Later(sha, "takeout", (claim("title", "a\ud83d"),), collections=("b\ud83d",))]
    say(receiver, later, FROM)
    assert (row(receiver, sha)["title"], inside(receiver, "b?")) == ("a?", [sha])
    assert say(receiver, later, FROM) == 0


def test_one_source_does_not_claim_for_another(receiver: Receiver) -> None:
    with pytest.raises(ValueError, match="takeout cannot claim for person"):
        say(receiver, [Later("0" * 64, "takeout", (Claim("title", "A", "person"),))], FROM)


# --- which steps look again


@pytest.mark.parametrize(
    ("field", "value", "steps"),
    [
        ("instant", "2024-05-16T12:00:00Z", {"facts", "record"}),
        ("location", [1.0, 2.0], {"facts", "place", "record"}),
        ("people", ["Ann"], {"words", "record"}),
        ("description", "On the beach", {"words", "record"}),
        ("clip_of", "0" * 64, {"companions", "record"}),
        ("favourite", True, {"record"}),
    ],
)
def test_only_steps_whose_input_changed_are_open_again(
    whole: Receiver, field: str, value: Any, steps: set[str]
) -> None:
    sha, other = keep(whole), keep(whole, b"other")
    later = [Later(sha, "takeout", (claim(field, value),)), Later(other, "takeout")]
    close_all(whole)
    say(whole, later, FROM)
    assert still_open(whole) == {(sha, step) for step in steps}
    close_all(whole)
    say(whole, later, FROM)
    assert still_open(whole) == set()
    say(whole, [Later(sha, "takeout")], FROM)  # taken back
    assert still_open(whole) == {(sha, step) for step in steps}


def close_all(receiver: Receiver) -> None:
    with receiver.library.write() as db:
        for step in STEPS:
            taken = receiver.ledger.take(db, step, 10, set())
            receiver.ledger.close(db, step, [Result(i, "done") for i in taken])


def still_open(receiver: Receiver) -> set[tuple[str, str]]:
    with receiver.library.read() as db:
        rows = db.execute(
            "select sha, step from work join assets on id = asset_id where state = 'open'"
        )
        return {(r["sha"], r["step"]) for r in rows}


# --- cut off


class PowerCut(BaseException):
    pass


def later_of(shas: Sequence[str]) -> list[Later]:
    return [Later(sha, "takeout", (claim("title", "A"),), (PAPER,), ("Rome",)) for sha in shas]


@pytest.mark.parametrize("after", range(5))
def test_cut_off_anywhere_saying_it_again_makes_it_whole(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Cut before the 1st to 4th file is there, and before the commit."""
    shas = [keep(receiver, bytes([n])) for n in range(3)]
    with monkeypatch.context() as patch:
        cut_after(patch, receiver, after)
        with pytest.raises(PowerCut):
            say(receiver, later_of(shas), FROM)
    assert {row(receiver, sha)["title"] for sha in shas} == {None}
    becomes_whole(receiver, tmp_path, shas)


def cut_after(patch: pytest.MonkeyPatch, receiver: Receiver, after: int) -> None:
    left = [after]

    def cut(original: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise PowerCut
        return original(*args, **kwargs)

    replace, record = Path.replace, receiver.audit.record
    patch.setattr(Path, "replace", lambda *a: cut(replace, *a))
    patch.setattr(receiver.audit, "record", lambda *a, **k: cut(record, *a, **k))


def becomes_whole(receiver: Receiver, folder: Path, shas: Sequence[str]) -> None:
    assert say(receiver, later_of(shas), FROM) == len(shas)
    assert {row(receiver, sha)["title"] for sha in shas} == {"A"}
    for sha in shas:
        beside = sidecar(receiver, sha)
        assert beside["claims"] == [claim("title", "A").as_json()]
        assert (len(beside["papers"]), beside["collections"]) == (1, ["Rome"])
    assert inside(receiver, "Rome") == list(shas)
    assert list((folder / "incoming").iterdir()) == []
    assert say(receiver, later_of(shas), FROM) == 0
    before = exported(receiver.library)
    assert rebuilt(receiver, folder) == before


_SAY_AND_BE_KILLED = """
import os, signal, sys
from pathlib import Path
from tests.ingest.test_late import FROM, later_of, open_receiver, say

receiver = open_receiver(Path(sys.argv[1]))
replace, left = Path.replace, [int(sys.argv[2])]
def killed(*paths):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return replace(*paths)
Path.replace = killed
say(receiver, later_of(sys.argv[3:]), FROM)
"""


def open_receiver(folder: Path) -> Receiver:
    library = Library(folder / "albums.db")
    audit = Audit(library, folder / "audit.jsonl")
    return Receiver(library, open_vault(folder), Ledger([Plan("facts", "1")]), audit, UTC)


@pytest.mark.parametrize("after", [0, 2, 3])
def test_after_kill_9_saying_it_again_makes_it_whole(tmp_path: Path, after: int) -> None:
    receiver = open_receiver(tmp_path)
    shas = [keep(receiver, bytes([n])) for n in range(3)]
    receiver.library.close()
    command = [sys.executable, "-c", _SAY_AND_BE_KILLED, str(tmp_path), str(after), *shas]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    receiver = open_receiver(tmp_path)
    receiver.recover()
    becomes_whole(receiver, tmp_path, shas)
    receiver.library.close()


# --- rebuild


def exported(library: Library) -> list[str]:
    return list(canonical_export(library))


def rebuilt(receiver: Receiver, folder: Path) -> list[str]:
    """The canonical export after a rebuild of a copy of the library."""
    copy = folder.with_name(f"{folder.name}-copy")
    shutil.copytree(folder, copy)
    for leftover in copy.glob("albums.db*"):
        leftover.unlink()
    rebuild(copy, receiver.home)
    library = Library(copy / "albums.db")
    try:
        return exported(library)
    finally:
        library.close()
        shutil.rmtree(copy)


_values = {
    "title": st.text(max_size=5),
    "people": st.lists(st.text(max_size=5), max_size=2),
    "location": st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
    "instant": st.datetimes().map(lambda when: f"{when.isoformat(timespec='seconds')}Z"),
    "favourite": st.booleans(),
}
_laters = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(("takeout", "flickr")),
        st.fixed_dictionaries({}, optional=_values),
        st.lists(st.sampled_from(("Rome", "Oslo")), max_size=2),
    ),
    max_size=4,
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_laters)
def test_a_rebuild_knows_all_that_was_said(
    receiver: Receiver, tmp_path: Path, said: list[tuple[int, str, dict[str, Any], list[str]]]
) -> None:
    shas = [keep(receiver, bytes([n])) for n in range(3)]
    for number, source, fields, names in said:
        claims = tuple(Claim(f, v, source, 0.8) for f, v in fields.items())
        later = Later(shas[number], source, claims, (PAPER,), tuple(names))
        say(receiver, [later], FROM)
        assert say(receiver, [later], FROM) == 0
    assert rebuilt(receiver, tmp_path) == exported(receiver.library)


def test_papers_stay_in_the_sidecar_of_an_original_that_a_rebuild_takes_in_anew(
    receiver: Receiver, tmp_path: Path
) -> None:
    sha = keep(receiver)
    say(receiver, [Later(sha, "takeout", papers=(PAPER,))], FROM)
    receiver.vault.sidecars.update(sha, lambda content: content.pop("arrivals"))
    receiver.library.close()
    done = rebuild(tmp_path, receiver.home)
    assert len(done.anew) == 1
    assert sidecar(receiver, sha)["papers"] == [PAPER.as_json()]
