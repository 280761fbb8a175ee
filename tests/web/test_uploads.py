"""/uploads speaks tus 1.0: what it takes, what it answers, what it refuses."""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import shutil
from collections import namedtuple
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from albums.curate import trash as curate
from albums.errors import DiskFull
from albums.sources.tus import uploads
from tests.conftest import MakePhoto
from tests.curate.conftest import rooms_of
from tests.web.conftest import Send
from tests.web.test_ingest import count, files_in
from tests.web.tus import PIECE, VERSION, TusClient, checksum, metadata


@pytest.fixture
def upload(client: TestClient) -> TusClient:
    return TusClient(client)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_file_in_three_pieces_is_kept_byte_for_byte(
    upload: TusClient, albums: Albums, make_photo: MakePhoto
) -> None:
    photo = make_photo(1)
    at = upload.begin(len(photo), filename="Zoë 🏖️.jpg")
    for begin, end in ((0, 10), (10, 1000), (1000, len(photo))):
        assert upload.offset(at) == begin
        answer = upload.append(at, begin, photo[begin:end])
        assert answer.status_code == 204, answer.text
        assert answer.headers["upload-offset"] == str(end)
        assert answer.headers["tus-resumable"] == "1.0.0"
    assert answer.headers["albums-sha256"] == sha(photo)
    assert answer.headers["albums-status"] == "ingested"
    assert albums.vault.originals.path(sha(photo), ".jpg").read_bytes() == photo
    assert files_in(albums, "uploads") == files_in(albums, "incoming") == []
    asset = upload.http.get(f"/api/v1/assets/{sha(photo)}").json()
    assert asset["name"] == "Zoë 🏖️.jpg"
    row = "select 1 from assets where sha1 is not null and md5 is not null"
    assert count(albums, row) == 1


def test_a_whole_file_can_come_with_its_creation(upload: TusClient, make_photo: MakePhoto) -> None:
    photo = make_photo(1)
    answer = upload.create(len(photo), photo, filename="a.jpg")
    assert answer.status_code == 201
    assert answer.headers["upload-offset"] == str(len(photo))
    assert answer.headers["albums-status"] == "ingested"
    again = upload.create(len(photo), photo, filename="a.jpg")
    assert again.headers["albums-status"] == "duplicate"


def test_an_empty_file_is_kept_at_once(upload: TusClient) -> None:
    answer = upload.create(0, filename="empty.txt")
    assert answer.status_code == 201
    assert answer.headers["albums-sha256"] == sha(b"")


def test_a_client_that_lost_the_last_answer_finds_it_by_head(
    upload: TusClient, make_photo: MakePhoto
) -> None:
    photo = make_photo(1)
    at = upload.begin(len(photo))
    upload.append(at, 0, photo)
    head = upload.head(at)
    assert head.headers["upload-offset"] == head.headers["upload-length"] == str(len(photo))
    assert head.headers["albums-sha256"] == sha(photo)
    assert head.headers["cache-control"] == "no-store"
    repeated = upload.append(at, len(photo), b"")
    assert repeated.headers["albums-status"] == "ingested"


def test_what_the_owner_deleted_stays_deleted_unless_asked_for(
    upload: TusClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    photo = make_photo(1)
    send(photo)
    curate.trash(rooms_of(albums), [sha(photo)])
    curate.purge(rooms_of(albums), [sha(photo)], confirmed=True)
    refused = upload.create(len(photo), photo)
    assert refused.headers["albums-status"] == "deleted"
    assert refused.headers["albums-deleted-at"].startswith("20")
    assert files_in(albums, "incoming") == files_in(albums, "uploads") == []
    assert upload.create(len(photo), photo, again="true").headers["albums-status"] == "ingested"


def test_again_may_also_stand_in_the_address(
    upload: TusClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    photo = make_photo(1)
    send(photo)
    curate.trash(rooms_of(albums), [sha(photo)])
    curate.purge(rooms_of(albums), [sha(photo)], confirmed=True)
    answer = upload.create(len(photo), photo, "?again=true")
    assert answer.headers["albums-status"] == "ingested"


def test_what_was_deleted_while_an_upload_waited_does_not_come_back_with_it(
    upload: TusClient, albums: Albums, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object, **__: object) -> None:
        raise DiskFull("There is no room")

    rooms, photo = rooms_of(albums), b"a photo"
    curate.trash(rooms, [send(photo)])
    with monkeypatch.context() as patch:
        patch.setattr(albums.receiver, "commit", closed)
        at = upload.begin(len(photo), again="true")
        assert upload.append(at, 0, photo).status_code == 507
    with rooms.library.write() as db:
        db.execute("update uploads set created_at = created_at - 5")
    curate.restore(rooms, [sha(photo)])
    curate.trash(rooms, [sha(photo)])
    curate.purge(rooms, [sha(photo)], confirmed=True)
    assert upload.head(at).headers["albums-status"] == "deleted"
    assert count(albums, "select count(*) from assets") == 0


def test_what_the_client_says_of_the_file_is_kept(
    upload: TusClient, albums: Albums, make_photo: MakePhoto
) -> None:
    photo = make_photo(1)
    upload.create(
        len(photo),
        photo,
        filename="a.jpg",
        captured_at="2026-04-26T18:42:11-07:00",
        lastModified="1700000000500",
        collections='["Lisbon", "Cats"]',
    )
    asset = upload.http.get(f"/api/v1/assets/{sha(photo)}").json()
    assert asset["captured_at"] == "2026-04-26T18:42:11-07:00"
    with albums.library.read() as db:
        row = db.execute("select modified_ns, source, origin from arrivals").fetchone()
        names = {r["name"] for r in db.execute("select name from collections")}
    assert tuple(row) == (1_700_000_000_500_000_000, "upload", "local://testclient")
    assert names == {"Lisbon", "Cats"}


@pytest.mark.parametrize("collections", [r'["\ud800 Cats"]', '["\udcff Cats"]', "\0 Cats"])
def test_a_collection_whose_name_nothing_can_hold_is_called_otherwise(
    upload: TusClient, albums: Albums, collections: str
) -> None:
    said = base64.b64encode(collections.encode("utf-8", "surrogateescape")).decode()
    headers = PIECE | {"upload-length": "5", "upload-metadata": f"collections {said}"}
    assert upload.http.post("/uploads", headers=headers, content=b"photo").status_code == 201
    with albums.library.read() as db:
        assert [r["name"] for r in db.execute("select name from collections")] == ["\ufffd Cats"]


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"captured_at": "yesterday"}, "not a time"),
        ({"mtime": "-5"}, "cannot have been modified"),
        ({"mtime": "nan"}, "cannot have been modified"),
        ({"modified": "soon"}, "not a time"),
        ({"collections": "[1]"}, "JSON list"),
        ({"collections": "x" * 201}, "200 characters"),
        ({"sha256": "abc"}, "not a sha256"),
    ],
)
def test_what_cannot_be_understood_is_refused_before_a_byte_is_sent(
    upload: TusClient, albums: Albums, said: dict[str, str], what: str
) -> None:
    answer = upload.create(10, None, **said)
    assert answer.status_code == 422
    assert what in answer.json()["error"]["what"]
    assert count(albums, "select count(*) from uploads") == 0


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/uploads", {}, 412),
        ("POST", "/uploads", {"tus-resumable": "0.2.2"}, 412),
        ("POST", "/uploads", VERSION, 400),
        ("POST", "/uploads", VERSION | {"upload-length": "-1"}, 400),
        ("POST", "/uploads", VERSION | {"upload-length": "1.5"}, 400),
        ("POST", "/uploads", VERSION | {"upload-length": "9" * 19}, 400),
        ("POST", "/uploads", VERSION | {"upload-defer-length": "1"}, 400),
        ("POST", "/uploads", VERSION | {"upload-length": "1", "upload-metadata": "a !"}, 400),
        ("POST", "/uploads", VERSION | {"upload-length": "1", "upload-metadata": "a,a"}, 400),
        ("POST", "/uploads/nothing", VERSION, 400),
        ("PATCH", "/uploads/nothing", PIECE | {"upload-offset": "0"}, 404),
        ("HEAD", "/uploads/nothing", VERSION, 404),
        ("DELETE", "/uploads/nothing", VERSION, 404),
    ],
)
def test_what_tus_does_not_allow_is_refused(
    upload: TusClient, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = upload.http.request(method, path, headers=headers)
    assert answer.status_code == status
    assert answer.headers["tus-resumable"] == "1.0.0"
    if status == 412:
        assert answer.headers["tus-version"] == "1.0.0"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"upload-offset": "5"}, 409),
        ({"upload-offset": "x"}, 400),
        ({"content-type": "text/plain"}, 415),
        ({"upload-checksum": "crc32 AAAA"}, 400),
        ({"upload-checksum": "sha1 AAAA"}, 400),
        ({"upload-checksum": "sha1 ?"}, 400),
        ({"tus-resumable": "2.0.0"}, 412),
    ],
)
def test_a_piece_that_does_not_fit_moves_nothing(
    upload: TusClient, headers: dict[str, str], status: int
) -> None:
    at = upload.begin(10)
    said = PIECE | {"upload-offset": "0"} | headers
    answer = upload.http.patch(at, headers=said, content=b"12345")
    assert answer.status_code == status
    assert upload.offset(at) == 0


def test_options_says_what_is_spoken(upload: TusClient, albums: Albums) -> None:
    answer = upload.http.options("/uploads")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-max-size"] == str(albums.receiver.limit)
    assert set(answer.headers["tus-extension"].split(",")) == {
        "creation", "creation-with-upload", "checksum", "expiration", "termination",
    }  # fmt: skip
    assert answer.headers["tus-checksum-algorithm"] == "sha1,sha256,md5"


def test_head_repeats_what_was_said(upload: TusClient) -> None:
    at = upload.begin(10, filename="Zoë.jpg", filetype="image/jpeg")
    head = upload.head(at)
    assert head.headers["upload-metadata"] == metadata(filename="Zoë.jpg", filetype="image/jpeg")
    assert head.headers["upload-length"] == "10"
    assert parsedate_to_datetime(head.headers["upload-expires"])


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_wrong_checksum_undoes_only_its_piece(upload: TusClient, algorithm: str) -> None:
    content = os.urandom(30_000)
    at = upload.begin(len(content))
    first, second = content[:10_000], content[10_000:]
    good = upload.append(at, 0, first, upload_checksum=checksum(algorithm, first))
    assert good.status_code == 204
    bad = upload.append(at, 10_000, b"x" * 20_000, upload_checksum=checksum(algorithm, second))
    assert bad.status_code == 460
    assert upload.offset(at) == 10_000
    good = upload.append(at, 10_000, second, upload_checksum=checksum(algorithm, second))
    assert good.headers["albums-sha256"] == sha(content)
    kept = upload.http.get(f"/api/v1/assets/{sha(content)}/original")
    assert kept.content == content


def test_a_file_that_is_not_what_was_announced_never_enters_the_library(
    upload: TusClient, albums: Albums
) -> None:
    answer = upload.create(5, b"wrong", sha256=sha(b"right"))
    assert answer.status_code == 460
    assert sha(b"wrong") in answer.json()["error"]["why"]
    assert count(albums, "select count(*) from assets") == 0
    assert [path.read_bytes() for path in files_in(albums, "uploads")] == [b"wrong"]
    with albums.library.read() as db:
        at = f"/uploads/{db.execute('select id from uploads').fetchone()['id']}"
    assert upload.head(at).status_code == 460, "a client must not take it for done"


def test_a_right_digest_of_the_whole_file_is_accepted(upload: TusClient) -> None:
    md5 = hashlib.md5(b"right", usedforsecurity=False).hexdigest()
    answer = upload.create(5, b"right", sha256=sha(b"right").upper(), md5=md5)
    assert answer.headers["albums-status"] == "ingested"


def test_more_than_was_announced_is_refused_before_and_while_it_is_read(
    upload: TusClient, albums: Albums
) -> None:
    at = upload.begin(1000)
    assert upload.append(at, 0, b"x" * 1001).status_code == 413
    streamed = upload.append(at, 0, iter([b"x" * 600, b"x" * 600]))
    assert streamed.status_code == 413
    assert upload.offset(at) == 0
    assert upload.create(5, b"123456").status_code == 413
    assert count(albums, "select count(*) from assets") == 0


def test_a_file_over_the_limit_is_refused(upload: TusClient, albums: Albums) -> None:
    albums.receiver.limit = 1000
    answer = upload.create(1001)
    assert answer.status_code == 413
    assert "upload_limit_gb" in answer.json()["error"]["hint"]


def test_a_file_that_has_no_room_is_507(upload: TusClient, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(100_000, 50_000, 50_000))
    assert upload.create(45_001).status_code == 507
    assert upload.create(20_000).status_code == 201
    assert upload.create(30_000).status_code == 507, "the first one still needs its 20,000"


def test_a_disk_that_fills_up_on_the_way_loses_nothing(
    upload: TusClient, albums: Albums, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = os.urandom(3_000_000)
    at = upload.begin(len(content))
    upload.append(at, 0, content[:1_000_000])

    def full(*given: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        answer = upload.append(at, 1_000_000, content[1_000_000:])
    assert answer.status_code == 507
    assert answer.json()["error"]["code"] == "disk-full"
    assert upload.offset(at) == 1_000_000
    answer = upload.append(at, 1_000_000, content[1_000_000:])
    assert answer.headers["albums-sha256"] == sha(content)


def test_when_the_door_cannot_open_head_tries_again(
    upload: TusClient, albums: Albums, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that hears offset == length believes that the file is kept."""

    def full(paths: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    at = upload.begin(5)
    with monkeypatch.context() as patch:
        patch.setattr("albums.ingest.receive.sync_all", full)
        assert upload.append(at, 0, b"right").status_code in (500, 507)
        assert upload.head(at).status_code in (500, 507)
    head = upload.head(at)
    assert (head.status_code, head.headers["albums-status"]) == (200, "ingested")
    assert count(albums, "select count(*) from assets") == 1


def test_a_disk_that_fails_to_sync_promises_nothing(
    upload: TusClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed sync the system may forget what it could not write."""

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    at = upload.begin(15)
    upload.append(at, 0, b"12345")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", fail)
        assert upload.append(at, 5, b"67890").status_code >= 500
        assert upload.append(at, 5, b"67890abcde").status_code >= 500
    assert upload.offset(at) == 5
    done = upload.append(at, 5, b"67890abcde")
    assert done.headers["albums-sha256"] == sha(b"1234567890abcde")


def test_a_refused_upload_leaves_no_original_that_nobody_lists_and_goes_on(
    upload: TusClient, albums: Albums, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything fails between keeping the bytes and writing down that they are kept."""

    def full(*given: Any) -> None:
        raise DiskFull("There is no room")

    at = upload.begin(10, filename="a.bin")
    with monkeypatch.context() as patch:
        patch.setattr(albums.receiver, "_admit", full)
        patch.setattr(uploads.TusUploads, "promise", full)
        assert upload.append(at, 0, b"1234567890").status_code == 507
    assert upload.offset(at) == 0
    assert not files_in(albums, "originals")
    assert upload.append(at, 0, b"other").status_code == 204
    done = upload.append(at, 5, b"bytes")
    assert done.headers["albums-sha256"] == sha(b"otherbytes")


def test_a_receipt_is_given_for_what_the_last_answer_names(upload: TusClient) -> None:
    done = upload.create(5, b"12345", filename="a.bin")
    answer = upload.http.post("/api/v1/receipts", json={"hashes": [done.headers["albums-sha256"]]})
    (receipt,) = answer.json()["receipts"]
    assert (receipt["sha"], receipt["size"], receipt["name"]) == (sha(b"12345"), 5, "a.bin")


def test_too_many_unfinished_uploads_are_429(
    upload: TusClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_UNFINISHED", 3)
    begun = [upload.begin(10) for _ in range(3)]
    assert upload.create(10).status_code == 429
    upload.end(begun[0])
    assert upload.create(10).status_code == 201


def test_an_ended_upload_is_gone_with_its_bytes(upload: TusClient, albums: Albums) -> None:
    at = upload.begin(10)
    upload.append(at, 0, b"12345")
    assert len(files_in(albums, "uploads")) == 1
    assert upload.end(at).status_code == 204
    assert upload.head(at).status_code == 404
    assert upload.append(at, 5, b"67890").status_code == 404
    assert files_in(albums, "uploads") == []


def test_ending_what_is_done_leaves_the_library_alone(upload: TusClient) -> None:
    at = upload.create(5, b"12345").headers["location"]
    assert upload.end(at).status_code == 204
    kept = upload.http.get(f"/api/v1/assets/{sha(b'12345')}/original")
    assert kept.content == b"12345"


def test_post_may_stand_for_other_methods(upload: TusClient) -> None:
    at = upload.begin(5)
    override = {"x-http-method-override": "PATCH", "upload-offset": "0"}
    answer = upload.http.post(at, headers=PIECE | override, content=b"12345")
    assert (answer.status_code, answer.headers["albums-status"]) == (204, "ingested")
    head = upload.http.post(at, headers=VERSION | {"x-http-method-override": "HEAD"})
    assert head.headers["upload-offset"] == "5"


def test_bytes_that_the_disk_lost_are_not_pretended(upload: TusClient, albums: Albums) -> None:
    at = upload.begin(10)
    upload.append(at, 0, b"12345")
    (file,) = files_in(albums, "uploads")
    os.truncate(file, 3)
    assert upload.head(at).status_code == 404
