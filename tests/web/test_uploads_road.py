"""Uploads on the road: cut off, silent, twice at once, from another device; over real sockets."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from albums.assembly import Albums
from albums.library import uploads as rows
from albums.sources.tus.pieces import Piece, Tus
from albums.sources.tus.turns import Patience
from albums.sources.tus.writing import Writing
from tests.web.conftest import Box
from tests.web.test_ingest import count, files_in, wait_until
from tests.web.tus import TusClient

MB = 1 << 20


@pytest.fixture
def upload(server: Box) -> Iterator[TusClient]:
    with server.client() as client:
        yield TusClient(client)


@contextmanager
def patching(server: Box, at: str, offset: int, length: int) -> Iterator[socket.socket]:
    """A PATCH whose body the test writes by hand."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            f"PATCH {at} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n"
            f"tus-resumable: 1.0.0\r\nupload-offset: {offset}\r\n"
            "content-type: application/offset+octet-stream\r\n".encode()
            + server.header
            + b"\r\n"
        )
        yield connection


def on_disk(albums: Albums) -> int:
    return sum(path.stat().st_size for path in files_in(albums, "uploads"))


def test_what_came_before_the_line_went_dead_is_kept_to_the_byte(
    server: Box, upload: TusClient, albums: Albums
) -> None:
    content = os.urandom(30 * MB)
    at = upload.begin(len(content), filename="film.mp4")
    with patching(server, at, 0, len(content)) as connection:
        connection.sendall(content[: 20 * MB + 12345])
    wait_until(lambda: upload.offset(at) == 20 * MB + 12345)
    answer = upload.append(at, 20 * MB + 12345, content[20 * MB + 12345 :])
    assert answer.headers["albums-sha256"] == hashlib.sha256(content).hexdigest()


def test_the_offset_grows_while_a_whole_file_comes_in_one_request(
    server: Box, upload: TusClient
) -> None:
    at = upload.begin(40 * MB)
    with patching(server, at, 0, 40 * MB) as connection:
        connection.sendall(bytes(20 * MB))
        wait_until(lambda: upload.offset(at) >= 16 * MB)


def test_a_piece_with_a_checksum_that_is_cut_off_counts_as_not_sent(
    server: Box, upload: TusClient, albums: Albums
) -> None:
    at = upload.begin(30 * MB)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(
            f"PATCH {at} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {30 * MB}\r\n"
            "tus-resumable: 1.0.0\r\nupload-offset: 0\r\nupload-checksum: md5 "
            "AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            "content-type: application/offset+octet-stream\r\n".encode()
            + server.header
            + b"\r\n"
            + bytes(20 * MB)
        )
        wait_until(lambda: on_disk(albums) >= 16 * MB)
    wait_until(lambda: upload.append(at, 0, b"12345").status_code == 204)
    assert upload.offset(at) == 5


def test_two_writers_to_one_upload_the_second_gets_423(
    server: Box, upload: TusClient, albums: Albums
) -> None:
    content = os.urandom(20 * MB)
    at = upload.begin(len(content))
    with patching(server, at, 0, len(content)) as connection:
        connection.sendall(content[:-10])
        wait_until(lambda: on_disk(albums) >= 16 * MB)  # now the first has its turn
        connection.sendall(content[-10:-5])
        refused = upload.append(at, 0, b"abcde")
        assert refused.status_code == 423
        assert refused.headers["retry-after"] == "1"
        assert upload.http.get("/api/v1/audit").status_code == 200, "others do not wait"
        connection.sendall(content[-5:])
        assert b" 204 " in connection.recv(4096)
    assert upload.head(at).headers["albums-sha256"] == hashlib.sha256(content).hexdigest()


def test_many_writers_at_once_never_mix_their_bytes(server: Box, albums: Albums) -> None:
    content = os.urandom(2 * MB)
    statuses: list[int] = []
    with server.client() as client:
        at = TusClient(client).begin(len(content))

    def write(number: int) -> None:
        with server.client() as client:
            body = content if number == 0 else os.urandom(1 * MB)
            here = TusClient(client)
            wrong = "md5 AAAAAAAAAAAAAAAAAAAAAA=="
            extra = {} if number == 0 else {"upload_checksum": wrong}
            for _ in range(200):
                answer = here.append(at, 0, body, **extra)
                statuses.append(answer.status_code)
                if answer.status_code in (204, 404, 409):
                    return

    writers = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert set(statuses) <= {204, 423, 460, 409, 413}
    with albums.library.read() as db:
        (row,) = db.execute("select sha from uploads").fetchall()
    assert row["sha"] == hashlib.sha256(content).hexdigest()


@pytest.fixture
def hasty(albums: Albums) -> Iterator[Tus]:
    tus = Tus(albums.receiver, Patience(silence=0.3, steal=0.1, wait=5))
    yield tus
    tus.close()


async def dripping(*blocks: bytes, then: float = 0.0) -> Any:
    for block in blocks:
        yield block
    await asyncio.sleep(then)


def test_a_body_that_falls_silent_is_given_up_and_kept(hasty: Tus) -> None:
    async def go() -> int:
        upload = await hasty.begin("phone", "test://phone", 10, {}, None)
        began = time.monotonic()
        with pytest.raises(Exception, match="Nothing came for too long"):
            await hasty.append(upload.id, "phone", Piece(0, dripping(b"12345", then=30)))
        assert time.monotonic() - began < 5
        return (await hasty.look(upload.id, "phone")).offset

    assert asyncio.run(go()) == 5


def test_a_body_that_drips_is_given_up_and_kept(hasty: Tus) -> None:
    async def slowly() -> Any:
        while True:
            yield b"x"
            await asyncio.sleep(0.05)

    async def go() -> int:
        upload = await hasty.begin("phone", "test://phone", 1000, {}, None)
        with pytest.raises(Exception, match="Fewer than 4096 bytes"):
            await hasty.append(upload.id, "phone", Piece(0, slowly()))
        return (await hasty.look(upload.id, "phone")).offset

    assert 2 < asyncio.run(go()) < 30


@pytest.mark.parametrize("by", ["look", "append"])
def test_a_half_open_request_gives_way_to_the_same_device(albums: Albums, by: str) -> None:
    tus = Tus(albums.receiver, Patience(silence=60, steal=0.1, wait=5))

    async def go() -> None:
        upload = await tus.begin("phone", "test://phone", 10, {}, None)
        dead = asyncio.create_task(
            tus.append(upload.id, "phone", Piece(0, dripping(b"12345", then=60)))
        )
        await asyncio.sleep(0.3)
        if by == "look":
            assert (await tus.look(upload.id, "phone")).offset == 5
        else:
            with pytest.raises(Exception, match="goes on at byte 5"):
                await tus.append(upload.id, "phone", Piece(0, dripping(b"12345")))
        done = await tus.append(upload.id, "phone", Piece(5, dripping(b"67890")))
        assert done.sha == hashlib.sha256(b"1234567890").hexdigest()
        with pytest.raises(Exception, match="Another request goes on in its place"):
            await dead

    asyncio.run(go())
    tus.close()


def test_an_upload_is_ended_under_its_writer(albums: Albums) -> None:
    tus = Tus(albums.receiver)

    async def go() -> None:
        upload = await tus.begin("phone", "test://phone", 10, {}, None)
        writer = asyncio.create_task(
            tus.append(upload.id, "phone", Piece(0, dripping(b"12345", then=60)))
        )
        await asyncio.sleep(0.3)
        await tus.end(upload.id, "phone")
        with pytest.raises(Exception, match="in its place"):
            await writer

    asyncio.run(go())
    tus.close()
    assert files_in(albums, "uploads") == []


def test_a_cancelled_request_keeps_what_came(albums: Albums) -> None:
    """So the server ends: requests in hand are cancelled."""
    tus = Tus(albums.receiver)

    async def go() -> int:
        upload = await tus.begin("phone", "test://phone", 10, {}, None)
        writer = asyncio.create_task(
            tus.append(upload.id, "phone", Piece(0, dripping(b"12345", then=60)))
        )
        await asyncio.sleep(0.2)
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        return (await tus.look(upload.id, "phone")).offset

    assert asyncio.run(go()) == 5
    tus.close()


def test_the_upload_of_another_device_does_not_exist(albums: Albums) -> None:
    tus = Tus(albums.receiver)

    async def go() -> None:
        upload = await tus.begin("phone", "test://phone", 10, {}, None)
        for act in (
            tus.look(upload.id, "tablet"),
            tus.append(upload.id, "tablet", Piece(0, dripping(b"12345"))),
            tus.end(upload.id, "tablet"),
        ):
            with pytest.raises(Exception, match="no such upload"):
                await act
        assert (await tus.look(upload.id, "phone")).offset == 0

    asyncio.run(go())
    tus.close()


def test_what_expired_is_swept_and_what_moves_is_not(albums: Albums) -> None:
    tus = Tus(albums.receiver)
    clock = time.time()
    tus.uploads.clock = lambda: clock

    async def go() -> None:
        nonlocal clock
        old = await tus.begin("phone", "test://phone", 10, {}, None)
        await tus.append(old.id, "phone", Piece(0, dripping(b"12345")))
        clock += 5 * 86_400
        moved = await tus.begin("phone", "test://phone", 10, {}, None)
        await tus.append(moved.id, "phone", Piece(0, dripping(b"12345")))
        clock += 3 * 86_400
        with pytest.raises(Exception, match="expired"):
            await tus.look(old.id, "phone")
        (albums.vault.partials.folder / "nobodys").write_bytes(b"left by a crash")
        await tus.tidy()
        assert [path.name for path in files_in(albums, "uploads")] == [moved.id]
        assert (await tus.look(moved.id, "phone")).offset == 5

    asyncio.run(go())
    tus.close()
    assert count(albums, "select count(*) from uploads") == 1


def test_what_was_whole_when_the_box_went_down_is_kept_at_the_next_start(
    albums: Albums,
) -> None:
    """Even after it expired: its sender may rely on every byte having come."""
    tus = Tus(albums.receiver)

    async def go() -> None:
        upload = await tus.begin("phone", "test://phone", 5, {"filename": "a.jpg"}, None)
        writing = Writing(tus.uploads, upload, None)
        writing.write(b"12345")
        writing.break_off(b"")  # synced and promised, but not through the door
        tus.uploads.clock = lambda: time.time() + 30 * 86_400
        await tus.tidy()

    asyncio.run(go())
    tus.close()
    assert count(albums, "select count(*) from assets") == 1
    assert files_in(albums, "uploads") == []


def test_after_a_restart_the_hash_comes_from_the_disk(albums: Albums) -> None:
    content = os.urandom(3 * MB)

    async def go(tus: Tus, upload: rows.Upload, begin: int, end: int) -> rows.Upload:
        piece = Piece(begin, dripping(content[begin:end]))
        return await tus.append(upload.id, "phone", piece)

    tus_before = Tus(albums.receiver)
    upload = asyncio.run(tus_before.begin("phone", "test://phone", len(content), {}, None))
    asyncio.run(go(tus_before, upload, 0, MB))
    albums.vault.partials._hashing.clear()  # as in a new process
    done = asyncio.run(go(tus_before, upload, MB, len(content)))
    tus_before.close()
    assert done.sha == hashlib.sha256(content).hexdigest()
