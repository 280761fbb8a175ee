"""Originals and pictures over HTTP."""

from __future__ import annotations

import os
from email.parser import BytesParser

import pytest
from starlette.testclient import TestClient

from albums.assembly import Albums
from tests.conftest import MakePhoto
from tests.web.conftest import Send

CONTENT = os.urandom(3_000_000)


def original(sha: str) -> str:
    return f"/api/v1/assets/{sha}/original"


def test_an_original_comes_back_byte_for_byte(client: TestClient, send: Send) -> None:
    sha = send(CONTENT, "movie.bin")
    answer = client.get(original(sha))
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["etag"] == f'"{sha}"'
    assert answer.headers["content-length"] == "3000000"
    assert "immutable" in answer.headers["cache-control"]
    assert "private" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-0", 0, 0), ("1048575-2097152", 1048575, 2097152), ("2999999-", 2999999, 2999999),
     ("-5", 2999995, 2999999), ("10-99999999", 10, 2999999)],
)  # fmt: skip
def test_a_range_comes_alone(
    client: TestClient, send: Send, asked: str, first: int, last: int
) -> None:
    sha = send(CONTENT)
    answer = client.get(original(sha), headers={"range": f"bytes={asked}"})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/3000000"
    assert answer.content == CONTENT[first : last + 1]
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_several_ranges_come_in_parts(
    client: TestClient, send: Send, make_photo: MakePhoto
) -> None:
    photo = make_photo(1)
    sha = send(photo)
    answer = client.get(original(sha), headers={"range": "bytes=0-9,100-199,-10"})
    assert answer.status_code == 206
    assert int(answer.headers["content-length"]) == len(answer.content)
    message = BytesParser().parsebytes(
        b"content-type: " + answer.headers["content-type"].encode() + b"\r\n\r\n" + answer.content
    )
    parts = [part for part in message.walk() if not part.is_multipart()]
    assert [part["content-range"].split("/")[0] for part in parts] == [
        "bytes 0-9", "bytes 100-199", f"bytes {len(photo) - 10}-{len(photo) - 1}"
    ]  # fmt: skip
    assert photo[:10] + b"\r\n--" in answer.content
    assert photo[100:200] + b"\r\n--" in answer.content


def test_a_range_past_the_end_is_416(client: TestClient, send: Send) -> None:
    answer = client.get(original(send(b"short")), headers={"range": "bytes=5-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */5"
    assert answer.json()["error"]["code"] == "range-not-satisfiable"


def test_a_range_that_makes_no_sense_is_ignored(client: TestClient, send: Send) -> None:
    answer = client.get(original(send(b"short")), headers={"range": "bytes=4-2"})
    assert (answer.status_code, answer.content) == (200, b"short")


def test_what_the_browser_has_is_not_sent_again(client: TestClient, send: Send) -> None:
    sha = send(b"content")
    for known in (f'"{sha}"', f'W/"{sha}"', f'"other", "{sha}"', "*"):
        answer = client.get(original(sha), headers={"if-none-match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == f'"{sha}"'
    assert client.get(original(sha), headers={"if-none-match": '"other"'}).status_code == 200


def test_if_range_gives_the_whole_file_when_it_is_another(client: TestClient, send: Send) -> None:
    sha = send(b"content")
    same = client.get(original(sha), headers={"range": "bytes=0-1", "if-range": f'"{sha}"'})
    other = client.get(original(sha), headers={"range": "bytes=0-1", "if-range": '"other"'})
    assert (same.status_code, same.content) == (206, b"co")
    assert (other.status_code, other.content) == (200, b"content")


def test_head_says_the_same_without_the_bytes(client: TestClient, send: Send) -> None:
    sha = send(b"content")
    get, head = client.get(original(sha)), client.head(original(sha))
    assert head.content == b""
    assert dict(head.headers) == dict(get.headers)


def test_a_name_travels_whole_and_cannot_break_the_header(client: TestClient, send: Send) -> None:
    sha = send(b"content", 'Zoë "1" 50%; a=b.jpg')
    header = client.get(original(sha)).headers["content-disposition"]
    assert "filename*=UTF-8''Zo%C3%AB%20" in header
    assert header.count('"') == 2


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.html", b"<!doctype html><script>alert(1)</script>", "attachment"),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "attachment"),
        ("a.jpg", b"<html><script>alert(1)</script>", "attachment"),
        ("a.xml", b'<?xml version="1.0"?><a/>', "attachment"),
        ("a.gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "inline"),
    ],
)
def test_what_could_run_scripts_is_saved_and_never_run(
    client: TestClient, send: Send, name: str, content: bytes, kind: str
) -> None:
    headers = client.get(original(send(content, name))).headers
    assert headers["content-disposition"].startswith(kind)
    assert headers["content-security-policy"].startswith("sandbox")
    assert headers["x-content-type-options"] == "nosniff"


def test_an_original_that_is_gone_from_the_disk_is_said(
    client: TestClient, albums: Albums, send: Send
) -> None:
    sha = send(b"content", "a.txt")
    next((albums.settings.library / "originals").rglob(f"{sha}.[!s]*")).unlink()
    answer = client.get(original(sha))
    assert answer.status_code == 404
    assert "missing from the disk" in answer.json()["error"]["what"]


def test_a_picture_is_sent_once_it_is_made(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    sha = send(make_photo(1))
    pending = client.get(f"/api/v1/assets/{sha}/pictures/300")
    assert pending.status_code == 404
    assert pending.headers["retry-after"]
    assert "being made" in pending.json()["error"]["why"]
    albums.vault.pictures.put(sha, 300, b"webp")
    answer = client.get(f"/api/v1/assets/{sha}/pictures/300")
    assert (answer.status_code, answer.content) == (200, b"webp")
    assert answer.headers["content-type"] == "image/webp"
    assert "immutable" in answer.headers["cache-control"]
    known = {"if-none-match": answer.headers["etag"]}
    assert client.get(f"/api/v1/assets/{sha}/pictures/300", headers=known).status_code == 304


def test_a_picture_that_cannot_be_made_says_why(
    client: TestClient, albums: Albums, send: Send
) -> None:
    sha = send(b"\xff\xd8\xff\xe0 no photo", "broken.jpg")
    with albums.library.write() as db:
        db.execute("update work set state = 'failed', error = 'It ends too early.'")
    answer = client.get(f"/api/v1/assets/{sha}/pictures/800")
    assert answer.status_code == 404
    assert answer.json()["error"]["why"] == "It ends too early."
    assert "retry-after" not in answer.headers


def test_only_the_three_sizes_are_there(client: TestClient, send: Send) -> None:
    assert client.get(f"/api/v1/assets/{send(b'content')}/pictures/5000").status_code == 422
