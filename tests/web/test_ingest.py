"""Files come in over HTTP, and only whole ones stay."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.curate import trash as curate
from albums.library.assets import asset_by_sha
from albums.sources.upload import _Form
from tests.conftest import MakePhoto
from tests.curate.conftest import rooms_of
from tests.web.conftest import Box, Send


def files_in(albums: Albums, folder: str) -> list[Path]:
    return [path for path in (albums.settings.library / folder).rglob("*") if path.is_file()]


def count(albums: Albums, sql: str) -> int:
    with albums.library.read() as db:
        return int(db.execute(sql).fetchone()[0])


def test_an_upload_is_kept_under_its_hash(
    client: TestClient, albums: Albums, make_photo: MakePhoto
) -> None:
    photo = make_photo(1)
    answer = client.post("/ingest", files={"file": ("beach.jpg", photo)})
    sha = hashlib.sha256(photo).hexdigest()
    assert answer.status_code == 200
    assert answer.json() == {"sha": sha, "status": "ingested", "caption": None}
    assert albums.vault.originals.path(sha, ".jpg").read_bytes() == photo
    assert albums.vault.originals.reread(sha, ".jpg")


def test_the_same_file_again_is_a_duplicate(
    client: TestClient, albums: Albums, make_photo: MakePhoto
) -> None:
    for expected in ("ingested", "duplicate"):
        answer = client.post("/ingest", files={"file": ("a.jpg", make_photo(1))})
        assert answer.json()["status"] == expected
    assert count(albums, "select count(*) from assets") == 1


def test_what_the_owner_deleted_stays_deleted_unless_asked_for(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    sha = send(make_photo(1))
    curate.trash(rooms_of(albums), [sha])
    curate.purge(rooms_of(albums), [sha], confirmed=True)
    upload = {"file": ("a.jpg", make_photo(1))}
    assert client.post("/ingest", files=upload).json()["status"] == "deleted"
    assert files_in(albums, "incoming") == []
    assert client.post("/ingest?again=true", files=upload).json()["status"] == "ingested"


@pytest.mark.parametrize("first", ["file", "captured_at"])
def test_captured_at_becomes_a_claim_wherever_it_stands(
    client: TestClient, albums: Albums, make_photo: MakePhoto, first: str
) -> None:
    parts: list[Any] = [
        ("file", ("a.jpg", make_photo(1))),
        ("captured_at", (None, "2026-04-26T18:42:11-07:00")),
    ]
    parts.sort(key=lambda part: part[0] != first)
    sha = client.post("/ingest", files=parts).json()["sha"]
    asset = client.get(f"/api/v1/assets/{sha}").json()
    assert asset["captured_at"] == "2026-04-26T18:42:11-07:00"
    claim = next(f for f in asset["facts"] if f["field"] == "captured_at" and f["believed"])
    assert (claim["source"], claim["detail"]) == ("sidecar", "said on upload")


@pytest.mark.parametrize("first", ["file", "captured_at"])
@pytest.mark.parametrize("wrong", ["yesterday", "2026-13-01", "0001-01-01T00:00:00+14:00"])
def test_a_wrong_captured_at_is_refused_and_nothing_is_kept(
    client: TestClient, albums: Albums, make_photo: MakePhoto, first: str, wrong: str
) -> None:
    parts: list[Any] = [("file", ("a.jpg", make_photo(1))), ("captured_at", (None, wrong))]
    parts.sort(key=lambda part: part[0] != first)
    answer = client.post("/ingest", files=parts)
    assert answer.status_code == 422
    assert wrong in answer.json()["error"]["what"]
    assert files_in(albums, "originals") == files_in(albums, "incoming") == []


@pytest.mark.parametrize(
    ("content_type", "body", "what"),
    [
        ("application/json", b"{}", "not a multipart form"),
        ("multipart/form-data", b"", "not a multipart form"),
        ("multipart/form-data; boundary=x", b"", "broken"),
        ("multipart/form-data; boundary=x", b"nonsense", "broken"),
        ("multipart/form-data; boundary=x", b"--x--\r\n", "no file"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nhalf a fi',
            "broken",
        ),
        ("multipart/form-data; boundary=" + "x" * 500, b"", "broken"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\ncontent-disposition: form-data; name="captured_at"\r\n\r\n'
            + b"9" * 5000
            + b"\r\n--x--\r\n",
            "longer than",
        ),
    ],
)
def test_a_broken_form_is_refused_with_a_sentence(
    client: TestClient, albums: Albums, content_type: str, body: bytes, what: str
) -> None:
    answer = client.post("/ingest", content=body, headers={"content-type": content_type})
    assert answer.status_code == 422
    assert what in answer.json()["error"]["what"]
    assert files_in(albums, "incoming") == []


def test_two_files_in_one_form_are_refused(client: TestClient, albums: Albums) -> None:
    answer = client.post("/ingest", files=[("file", ("a", b"1")), ("file", ("b", b"2"))])
    assert answer.status_code == 422
    assert "several files" in answer.json()["error"]["what"]
    assert count(albums, "select count(*) from assets") == 0


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Zoë 🏖️.jpg", "Zoë 🏖️.jpg"),
        ("../../etc/passwd", "passwd"),
        ("a" * 300 + ".jpg", "a" * 255),
        ("", "unnamed"),
    ],
)
def test_any_name_is_taken(client: TestClient, send: Send, name: str, kept: str) -> None:
    body = (
        b'--x\r\ncontent-disposition: form-data; name="file"; filename="'
        + name.encode()
        + b'"\r\n\r\nanything\r\n--x--\r\n'
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    sha = client.post("/ingest", content=body, headers=headers).json()["sha"]
    assert client.get(f"/api/v1/assets/{sha}").json()["name"] == kept


def test_an_empty_file_is_kept(client: TestClient, send: Send) -> None:
    sha = send(b"", "empty.jpg")
    assert sha == hashlib.sha256(b"").hexdigest()
    assert client.get(f"/api/v1/assets/{sha}/original").content == b""


def test_a_file_over_the_limit_is_refused_before_and_while_it_is_read(
    client: TestClient, albums: Albums
) -> None:
    albums.receiver.limit = 200_000
    large = os.urandom(900_000)
    announced = client.post("/ingest", files={"file": ("large.bin", large)})
    head = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
    streamed = client.post(
        "/ingest",
        content=iter([head, large, b"\r\n--x--\r\n"]),
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    assert announced.status_code == streamed.status_code == 413
    assert streamed.json()["error"]["code"] == "too-large"
    assert files_in(albums, "incoming") == []


def test_a_full_disk_is_507_and_leaves_nothing(
    client: TestClient, albums: Albums, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        answer = client.post("/ingest", files={"file": ("a.jpg", os.urandom(3_000_000))})
    assert answer.status_code == 507
    assert answer.json()["error"]["code"] == "disk-full"
    assert files_in(albums, "incoming") == files_in(albums, "originals") == []


def test_an_interrupted_upload_leaves_nothing(server: Box, albums: Albums) -> None:
    body = b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(
            b"POST /ingest HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9000000\r\n"
            + server.header
            + b"content-type: multipart/form-data; boundary=x\r\n\r\n"
            + body
            + os.urandom(2_000_000)
        )
        wait_until(lambda: files_in(albums, "incoming") != [])
    wait_until(lambda: files_in(albums, "incoming") == [])
    assert files_in(albums, "originals") == []
    assert count(albums, "select count(*) from assets") == 0


def wait_until(true: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_32_uploads_of_one_file_at_once_make_one_asset(server: Box, albums: Albums) -> None:
    content = os.urandom(1_500_000)
    together = threading.Barrier(32)

    def upload(number: int) -> str:
        with server.client() as client:
            together.wait()
            answer = client.post("/ingest", files={"file": (f"{number}.jpg", content)}, timeout=60)
            return str(answer.json()["status"])

    with ThreadPoolExecutor(32) as pool:
        statuses = list(pool.map(upload, range(32)))
    assert sorted(statuses) == ["duplicate"] * 31 + ["ingested"]
    assert count(albums, "select count(*) from assets") == 1
    assert count(albums, "select count(*) from arrivals") == 32
    assert len([p for p in files_in(albums, "originals") if p.suffix != ".json"]) == 1
    assert files_in(albums, "incoming") == []


def test_a_large_upload_is_never_whole_in_memory(server: Box, albums: Albums) -> None:
    """What waits between network and disk stays small however slow the disk is."""
    held: list[int] = []
    original = albums.receiver.stage

    def slowly(arrival: Any) -> Any:
        time.sleep(0.5)  # the network is far ahead by now
        held.append(resident())
        return original(arrival)

    albums.receiver.stage = slowly  # type: ignore[method-assign, assignment]
    before = resident()
    content = bytes(64 << 20)

    def blocks() -> Any:
        yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for start in range(0, len(content), 1 << 20):
            yield content[start : start + (1 << 20)]
        yield b"\r\n--x--\r\n"

    headers = {"content-type": "multipart/form-data; boundary=x", **server.headers}
    answer = httpx.post(f"{server.url}/ingest", content=blocks(), headers=headers, timeout=60)
    assert answer.json()["sha"] == hashlib.sha256(content).hexdigest()
    assert held[0] - before < 24 << 20


def resident() -> int:
    """Bytes of memory that this process has now."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def test_waiting_for_a_caption_ends_with_it(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    def describe() -> None:
        sha = hashlib.sha256(make_photo(1)).hexdigest()
        wait_until(lambda: count(albums, "select count(*) from assets") == 1)
        with albums.library.write() as db:
            db.execute(
                """insert into captions (asset_id, author, title, description, written_at)
                   values (?, 'model', 'A beach', 'A wet beach at dusk.', '2026-01-01')""",
                (asset_by_sha(db, sha).id,),
            )

    with ThreadPoolExecutor(1) as pool:
        described = pool.submit(describe)
        answer = client.post("/ingest?wait=caption", files={"file": ("a.jpg", make_photo(1))})
        described.result()
    assert (answer.status_code, answer.json()["caption"]) == (200, "A wet beach at dusk.")
    again = client.post("/ingest", files={"file": ("a.jpg", make_photo(1))})
    assert again.json()["caption"] == "A wet beach at dusk."


def test_waiting_for_a_caption_gives_up_in_time(client: TestClient, make_photo: MakePhoto) -> None:
    began = time.monotonic()
    answer = client.post(
        "/ingest?wait=caption&timeout=0.3", files={"file": ("a.jpg", make_photo(1))}
    )
    assert answer.status_code == 202
    assert answer.json()["caption"] is None
    assert time.monotonic() - began < 5


def test_the_audit_log_names_the_program_that_sent_it(
    client: TestClient, make_photo: MakePhoto
) -> None:
    client.post(
        "/ingest", files={"file": ("a.jpg", make_photo(1))}, headers={"user-agent": "curl/8.5"}
    )
    entry = client.get("/api/v1/audit").json()["entries"][0]
    assert (entry["actor"], entry["action"]) == ("local://curl", "ingested")


def test_reading_stays_possible_while_slow_uploads_hang(server: Box) -> None:
    """64 senders that stall do not take the threads that answer everybody else."""
    stalled = []
    for _ in range(64):
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(
            b"POST /ingest HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9000000\r\n"
            + server.header
            + b"content-type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
            b'content-disposition: form-data; name="file"; filename="a"\r\n\r\nbegin'
        )
        stalled.append(connection)
    with server.client() as client:
        assert client.get("/api/v1/audit", timeout=60).status_code == 200
    for connection in stalled:
        connection.close()


def test_fields_that_nobody_asked_for_take_no_memory(
    client: TestClient, albums: Albums, monkeypatch: pytest.MonkeyPatch
) -> None:
    forms = list[_Form]()
    start = _Form.__init__

    def watched(form: _Form, content_type: str) -> None:
        forms.append(form)
        start(form, content_type)

    monkeypatch.setattr(_Form, "__init__", watched)
    others = {f"field-{number}": "x" * 4096 for number in range(100)}
    said = others | {"note": "y" * 100_000, "captured_at": "2026-04-26T18:42:11-07:00"}
    answer = client.post("/ingest", files={"file": ("a.jpg", b"a photo")}, data=said)
    assert answer.status_code == 200, answer.text
    [form] = forms
    assert sum(map(len, form._fields.values())) < 100
