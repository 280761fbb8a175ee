"""One-time links, and the sessions that they open."""

from __future__ import annotations

import json
import logging
import re
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from albums.identity import local
from albums.identity.local import SESSION_LASTS, Sessions, entrance

DAY = 86400


class Clock:
    """Time that passes when a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_700_000_000.0
        monkeypatch.setattr(local, "time", lambda: self.now)
        monkeypatch.setattr(local, "monotonic", lambda: self.now)

    def __iadd__(self, seconds: float) -> Clock:
        self.now += seconds
        return self


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sessions.json"


@pytest.fixture
def sessions(file: Path) -> Sessions:
    return Sessions(file)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def enter(sessions: Sessions) -> str:
    session = sessions.redeem(sessions.link())
    assert session
    return session


def test_a_link_opens_one_session_and_only_once(sessions: Sessions) -> None:
    token = sessions.link()
    session = sessions.redeem(token)
    assert session
    assert session != token
    assert sessions.knows(session)
    assert sessions.redeem(token) is None


def test_a_token_has_256_bits_and_fits_an_address(sessions: Sessions) -> None:
    token = sessions.link()
    assert re.fullmatch(r"[\w-]{43}", token)
    assert entrance("http://127.0.0.1:8300", token) == f"http://127.0.0.1:8300/enter?token={token}"


def test_a_link_is_no_session_and_a_session_is_no_link(sessions: Sessions) -> None:
    token = sessions.link()
    assert not sessions.knows(token)
    assert sessions.redeem(enter(sessions)) is None


@given(st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_was_made_up_opens_nothing(sessions: Sessions, made_up: str) -> None:
    sessions.link()
    enter(sessions)
    assert sessions.redeem(made_up) is None
    assert not sessions.knows(made_up)
    sessions.end(made_up)


@pytest.mark.parametrize("nothing", [None, "", "\ud800", "a\0b"])
def test_nothing_is_nobody(sessions: Sessions, nothing: str | None) -> None:
    enter(sessions)
    assert not sessions.knows(nothing)


def test_many_who_redeem_one_link_at_once_are_one(sessions: Sessions) -> None:
    token = sessions.link()
    together = threading.Barrier(16)

    def redeem(_: int) -> str | None:
        together.wait()
        return sessions.redeem(token)

    with ThreadPoolExecutor(16) as pool:
        got = [session for session in pool.map(redeem, range(16)) if session]
    assert len(got) == 1
    assert sessions.knows(got[0])


@pytest.mark.parametrize(("waited", "works"), [(DAY - 1, True), (DAY + 1, False)])
def test_a_link_is_good_for_a_day(
    sessions: Sessions, clock: Clock, waited: float, works: bool
) -> None:
    token = sessions.link()
    clock += waited
    assert (sessions.redeem(token) is not None) is works


def test_only_the_newest_few_links_are_alive(sessions: Sessions) -> None:
    tokens = [sessions.link() for _ in range(8)]
    alive = [sessions.redeem(token) is not None for token in tokens]
    assert alive == [False] * 3 + [True] * 5


def test_a_session_survives_a_restart_and_a_link_does_not(sessions: Sessions, file: Path) -> None:
    session, token = enter(sessions), sessions.link()
    again = Sessions(file)
    assert again.knows(session)
    assert again.redeem(token) is None


def test_the_file_opens_nothing_for_who_reads_it(sessions: Sessions, file: Path) -> None:
    session, token = enter(sessions), sessions.link()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text()
    assert session not in text
    assert token not in text
    (kept,) = json.loads(text)["sessions"]
    assert not sessions.knows(kept)
    assert sessions.redeem(kept) is None


def test_a_session_ends_90_days_after_its_last_use(
    sessions: Sessions, file: Path, clock: Clock
) -> None:
    session, idle = enter(sessions), enter(sessions)
    clock += SESSION_LASTS - 1
    assert sessions.knows(session)
    clock += SESSION_LASTS - 1
    again = Sessions(file)  # the use was written down
    assert again.knows(session)
    assert not again.knows(idle)
    assert len(json.loads(file.read_text())["sessions"]) == 1


def test_a_use_is_written_down_once_a_day(sessions: Sessions, file: Path, clock: Clock) -> None:
    session = enter(sessions)
    file.unlink()
    for _ in range(10):
        clock += 3600
        assert sessions.knows(session)
    assert not file.exists()
    clock += DAY
    assert sessions.knows(session)
    assert file.exists()


def test_a_clock_that_was_set_back_ends_no_session(
    sessions: Sessions, file: Path, clock: Clock
) -> None:
    session = enter(sessions)
    clock += -10 * 365 * DAY
    assert Sessions(file).knows(session)
    assert sessions.knows(session)
    clock += 10 * 365 * DAY
    assert sessions.knows(session)


def test_one_session_ends_alone_and_all_together(sessions: Sessions, file: Path) -> None:
    one, other, token = enter(sessions), enter(sessions), sessions.link()
    sessions.end(one)
    assert (sessions.knows(one), sessions.knows(other)) == (False, True)
    assert not Sessions(file).knows(one)
    sessions.end_all()
    assert not sessions.knows(other)
    assert not Sessions(file).knows(other)
    assert sessions.redeem(token) is None


def test_sessions_do_not_pile_up(sessions: Sessions, clock: Clock) -> None:
    first = enter(sessions)
    entered = []
    for _ in range(64):
        clock += 1
        entered.append(enter(sessions))
    assert not sessions.knows(first)
    assert all(map(sessions.knows, entered))


DAMAGED = [
    b"",
    b"{",
    b"[]",
    b"\xff\xfe",
    b"null",
    b'{"sessions": []}',
    b'{"sessions": {"zz": 1}}',
    b'{"sessions": {"00": 1}}',
    b'{"sessions": {"%s": NaN}}' % (b"0" * 64),
    b'{"sessions": {"%s": null}}' % (b"0" * 64),
    b"[" * 100_000,
]


@pytest.mark.parametrize("content", DAMAGED, ids=lambda content: content[:20].decode("latin-1"))
def test_a_damaged_file_knows_nobody_and_says_so(
    file: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    file.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        sessions = Sessions(file)
    assert "Nobody is known any more" in caplog.text
    assert str(file) in caplog.text
    session = enter(sessions)
    assert Sessions(file).knows(session)  # and it goes on


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_file_stops_the_box(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert not Sessions(file).knows("anybody")


def test_a_session_works_where_the_file_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sessions = Sessions(tmp_path / "not there" / "sessions.json")
    assert sessions.knows(enter(sessions))
    assert "will not survive a restart" in caplog.text


def test_neither_links_nor_sessions_are_logged(
    sessions: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        token = sessions.link()
        session = sessions.redeem(token)
        sessions.redeem(token)
        sessions.end(session)
    assert caplog.text
    assert session
    assert token not in caplog.text
    assert session not in caplog.text
