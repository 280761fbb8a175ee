"""WebDAV as phones use it: real HTTP, through the double of `tailscale serve`."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import time
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote
from xml.etree.ElementTree import fromstring

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from albums.assembly import Albums
from albums.identity import refusals
from albums.library.dav_files import Entry, find_entry
from albums.sources import webdav
from albums.sources.webdav import Inbox, is_final, is_hidden
from albums.web.dav import server, verbs, writing
from albums.web.dav.conditions import parse_if
from albums.web.dav.places import DavRefusal, place_of
from tests.conftest import MakePhoto
from tests.identity.network import PHONE
from tests.web.dav import DavBox, dav_box

__all__ = ["dav_box"]

INBOX = "/dav/inbox"
MTIME = 1_700_000_000


@pytest.fixture
def phone(dav_box: DavBox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=dav_box.phone, timeout=30) as client:
        yield client


def listed(client: httpx.Client, path: str = INBOX, depth: str = "1") -> dict[str, dict[str, str]]:
    """What a client reads from PROPFIND: by address, its plain properties."""
    answer = client.request("PROPFIND", path, headers={"depth": depth})
    assert answer.status_code == 207, answer.text
    return {
        response.findtext("{DAV:}href") or "": {
            one.tag.removeprefix("{DAV:}"): one.text or ""
            for one in response.findall(".//{DAV:}prop/*")
        }
        for response in fromstring(answer.content)
    }


def assets(albums: Albums) -> list[dict[str, object]]:
    with albums.library.read() as db:
        return [dict(row) for row in db.execute("select * from assets order by id")]


def entry(albums: Albums, path: str) -> Entry:
    with albums.library.read() as db:
        found = find_entry(db, PHONE.stable_id, path)
    assert found
    return found


def spooled(albums: Albums) -> list[str]:
    return [path.name for path in albums.vault.dav.folder.iterdir()]


def test_what_a_phone_puts_is_in_the_library_at_once_and_stays_listed(
    dav_box: DavBox, phone: httpx.Client, make_photo: MakePhoto
) -> None:
    photo = make_photo(1)
    assert phone.request("MKCOL", f"{INBOX}/DCIM").status_code == 201
    sent = phone.put(f"{INBOX}/DCIM/IMG_1.jpg", content=photo, headers={"x-oc-mtime": str(MTIME)})
    assert sent.status_code == 201
    assert sent.headers["x-oc-mtime"] == "accepted"
    (asset,) = assets(dav_box.albums)
    assert asset["sha"] == hashlib.sha256(photo).hexdigest()
    assert (asset["name"], asset["folder"]) == ("IMG_1.jpg", "DCIM")
    assert (asset["source"], asset["origin"]) == ("webdav", "tailscale://galaxy-s24")
    with dav_box.albums.library.read() as db:
        arrival = db.execute("select modified_ns from arrivals").fetchone()
    assert arrival["modified_ns"] == MTIME * 10**9
    assert not spooled(dav_box.albums)  # its bytes lie there once
    file = listed(phone, f"{INBOX}/DCIM")[f"{INBOX}/DCIM/IMG_1.jpg"]
    assert file["getcontentlength"] == str(len(photo))
    assert file["getlastmodified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    again = phone.get(f"{INBOX}/DCIM/IMG_1.jpg")
    assert again.content == photo
    assert again.headers["etag"] == sent.headers["etag"]
    part = phone.get(f"{INBOX}/DCIM/IMG_1.jpg", headers={"range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, photo[2:6])


@pytest.mark.parametrize("before", [b"", b"what stood there before"])
def test_an_upload_that_is_cut_off_never_becomes_a_file(
    dav_box: DavBox, phone: httpx.Client, before: bytes
) -> None:
    if before:
        phone.put(f"{INBOX}/a.jpg", content=before)
    with socket.create_connection(("127.0.0.1", dav_box.port)) as line:
        head = f"PUT {INBOX}/a.jpg HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n"
        line.sendall(head.encode() + os.urandom(300_000))
        assert eventually(lambda: any(n.endswith(".part") for n in spooled(dav_box.albums)))
    assert eventually(lambda: not spooled(dav_box.albums))
    assert len(assets(dav_box.albums)) == bool(before)
    kept = phone.get(f"{INBOX}/a.jpg")
    assert kept.status_code == (200 if before else 404)
    assert not before or kept.content == before


def eventually(true: object, seconds: float = 60) -> bool:
    assert callable(true)
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_client_that_falls_silent_is_hung_up_on(
    dav_box: DavBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_IDLE", 0.2)
    with socket.create_connection(("127.0.0.1", dav_box.port)) as line:
        head = f"PUT {INBOX}/a.jpg HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nabc"
        line.sendall(head.encode())
        assert eventually(lambda: any(n.endswith(".part") for n in spooled(dav_box.albums)))
        assert eventually(lambda: not spooled(dav_box.albums))
    assert not assets(dav_box.albums)


def test_chunked_uploads_must_be_as_long_as_was_said_beside(
    dav_box: DavBox, phone: httpx.Client
) -> None:
    def send(length: int) -> int:
        pieces = iter([b"abc", b"def"])
        headers = {"x-expected-entity-length": str(length)}
        return phone.put(f"{INBOX}/a.bin", content=pieces, headers=headers).status_code

    assert send(7) == 400
    assert not assets(dav_box.albums)
    assert send(6) == 201
    assert len(assets(dav_box.albums)) == 1


@pytest.mark.parametrize("length", ["-4", "9" * 5000, "\u0664", "4.0"])
def test_a_length_that_is_none_is_refused(phone: httpx.Client, length: str) -> None:
    headers = [(b"x-expected-entity-length", length.encode())]
    answer = phone.put(f"{INBOX}/a.bin", content=iter([b"abcd"]), headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize("kind", ["SHA1", "MD5", "SHA256", "ADLER32"])
def test_what_is_not_as_its_checksum_says_is_refused(
    dav_box: DavBox, phone: httpx.Client, kind: str
) -> None:
    content = b"Wikipedia"
    right = {"ADLER32": "11E60398"}.get(kind) or hashlib.new(kind.lower(), content).hexdigest()
    wrong = right.translate(str.maketrans("0123", "1230"))
    for said, status in ((wrong, 400), (right, 201)):
        checksum = {"oc-checksum": f"{kind}:{said}"}
        answer = phone.put(f"{INBOX}/a.txt", content=content, headers=checksum)
        assert answer.status_code == status, answer.text
        assert len(assets(dav_box.albums)) == (status == 201)
    assert not spooled(dav_box.albums)


@pytest.mark.parametrize("name", ["IMG_1.jpg.part", ".IMG_1.jpg", "IMG_1.jpg.x7f3.partial", "a~"])
def test_under_a_temporary_name_a_file_waits_for_its_final_one(
    dav_box: DavBox, phone: httpx.Client, make_photo: MakePhoto, name: str
) -> None:
    mtime = {"x-oc-mtime": str(MTIME)}
    assert phone.put(f"{INBOX}/{name}", content=make_photo(), headers=mtime).status_code == 201
    assert not assets(dav_box.albums)
    assert phone.get(f"{INBOX}/{name}").content == make_photo()
    assert moved(phone, name, "IMG_1.jpg") == 201
    (asset,) = assets(dav_box.albums)
    assert asset["name"] == "IMG_1.jpg"
    assert not spooled(dav_box.albums)
    assert list(listed(phone)) == [f"{INBOX}/", f"{INBOX}/IMG_1.jpg"]
    assert phone.get(f"{INBOX}/IMG_1.jpg").content == make_photo()


def moved(client: httpx.Client, name: str, to: str, verb: str = "MOVE", **headers: str) -> int:
    where = {"destination": str(client.base_url.join(f"{INBOX}/{quote(to)}"))}
    return client.request(verb, f"{INBOX}/{name}", headers=where | headers).status_code


def test_what_nobody_renames_is_taken_after_a_quiet_time(
    dav_box: DavBox, phone: httpx.Client
) -> None:
    phone.put(f"{INBOX}/a.txt.part", content=b"whole, but never renamed")
    phone.put(f"{INBOX}/._a.txt", content=b"junk")
    phone.request("MKCOL", f"{INBOX}/.thumbnails")
    phone.put(f"{INBOX}/.thumbnails/1.jpg", content=b"junk")
    phone.put(f"{INBOX}/empty.txt", content=b"")
    inbox = dav_box.inbox
    inbox.take_quiet(lambda _: False, time.time() + webdav.QUIET - 5)
    assert not assets(dav_box.albums)
    inbox.take_quiet(lambda _: True, time.time() + webdav.QUIET + 5)
    assert not assets(dav_box.albums)
    inbox.take_quiet(lambda _: False, time.time() + webdav.QUIET + 5)
    assert [asset["name"] for asset in assets(dav_box.albums)] == ["a.txt"]
    assert phone.get(f"{INBOX}/a.txt.part").content == b"whole, but never renamed"


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webdav, "QUIET", 0.0)
    monkeypatch.setattr(server, "_LOOK_EVERY", 0.05)


def test_the_box_looks_after_what_waits_by_itself(hurried: None, dav_box: DavBox) -> None:
    with httpx.Client(base_url=dav_box.phone, timeout=60) as client:
        client.put(f"{INBOX}/a.txt.part", content=b"whole, but never renamed")
    assert eventually(lambda: [one["name"] for one in assets(dav_box.albums)] == ["a.txt"])


def test_a_file_is_taken_once_its_lock_is_gone(dav_box: DavBox, phone: httpx.Client) -> None:
    """Windows and Finder lock, write nothing, write it all, and unlock."""
    lock = """<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope>
              <locktype><write/></locktype><owner>me</owner></lockinfo>"""
    answer = phone.request("LOCK", f"{INBOX}/a.txt", content=lock, headers={"depth": "0"})
    assert answer.status_code == 201
    token = answer.headers["lock-token"]
    assert phone.put(f"{INBOX}/a.txt", content=b"another's").status_code == 423
    for content in (b"", b"all of it"):
        held = {"if": f"({token})"}
        assert phone.put(f"{INBOX}/a.txt", content=content, headers=held).status_code == 204
        assert not assets(dav_box.albums)
    opened = phone.request("UNLOCK", f"{INBOX}/a.txt", headers={"lock-token": token})
    assert opened.status_code == 204
    assert [asset["size"] for asset in assets(dav_box.albums)] == [9]


def test_what_is_deleted_overwritten_or_moved_in_the_inbox_stays_in_the_library(
    dav_box: DavBox, phone: httpx.Client
) -> None:
    phone.request("MKCOL", f"{INBOX}/DCIM")
    phone.put(f"{INBOX}/DCIM/a.txt", content=b"first")
    assert phone.put(f"{INBOX}/DCIM/a.txt", content=b"second").status_code == 204
    assert moved(phone, "DCIM/a.txt", "DCIM/b.txt") == 201
    assert moved(phone, "DCIM/b.txt", "DCIM/c.txt", "COPY") == 201
    assert phone.delete(f"{INBOX}/DCIM").status_code == 204
    assert list(listed(phone)) == [f"{INBOX}/"]
    kept = assets(dav_box.albums)
    assert [asset["size"] for asset in kept] == [5, 6]
    originals = dav_box.albums.vault.originals
    assert all(originals.reread(str(a["sha"]), str(a["extension"])) for a in kept)


def test_a_copy_of_what_waits_shares_its_bytes_until_both_are_gone(
    dav_box: DavBox, phone: httpx.Client
) -> None:
    phone.put(f"{INBOX}/a.part", content=b"abc")
    assert moved(phone, "a.part", "b.part", "COPY") == 201
    assert len(spooled(dav_box.albums)) == 2  # with its note
    phone.delete(f"{INBOX}/a.part")
    assert phone.get(f"{INBOX}/b.part").content == b"abc"
    phone.delete(f"{INBOX}/b.part")
    assert not spooled(dav_box.albums)


def test_what_the_owner_deleted_is_accepted_and_listed_but_not_taken(
    dav_box: DavBox, phone: httpx.Client
) -> None:
    albums = dav_box.albums
    phone.put(f"{INBOX}/a.txt", content=b"unwanted")
    sha = hashlib.sha256(b"unwanted").hexdigest()
    trash(phone, sha)
    assert phone.get(f"{INBOX}/a.txt").status_code == 404
    assert f"{INBOX}/a.txt" in listed(phone)
    for name in ("a.txt", "b.txt"):
        assert phone.put(f"{INBOX}/{name}", content=b"unwanted").status_code in (201, 204)
        assert listed(phone)[f"{INBOX}/{name}"]["getcontentlength"] == "8"
    (asset,) = assets(albums)
    assert asset["trashed_at"]
    assert not spooled(albums)


def trash(phone: httpx.Client, sha: str) -> None:
    assert phone.delete(f"/api/v1/assets/{sha}").status_code in (200, 204)


@pytest.mark.parametrize("name", [".DS_Store", "._IMG_1.jpg", "Thumbs.db", ".trashed-1-IMG_1.jpg"])
def test_junk_is_accepted_and_never_taken(dav_box: DavBox, phone: httpx.Client, name: str) -> None:
    assert phone.put(f"{INBOX}/{name}", content=b"junk").status_code == 201
    assert phone.get(f"{INBOX}/{name}").content == b"junk"
    assert not assets(dav_box.albums)


def test_a_crash_leaves_what_was_acknowledged_and_sweeps_the_rest(
    dav_box: DavBox, phone: httpx.Client
) -> None:
    albums = dav_box.albums
    phone.put(f"{INBOX}/a.txt.part", content=b"acknowledged")
    (albums.vault.dav.folder / "cut.part").write_bytes(b"half")
    (albums.vault.dav.folder / "unlisted").write_bytes(b"never acknowledged")
    restarted = Inbox(albums.receiver)
    kept = entry(albums, "a.txt.part").bytes
    assert sorted(spooled(albums)) == [kept, f"{kept}.json"]
    restarted.take_quiet(lambda _: False, time.time() + webdav.QUIET + 5)
    assert len(assets(albums)) == 1


def test_a_new_database_finds_again_what_waits_and_what_was_taken(
    dav_box: DavBox, phone: httpx.Client
) -> None:
    albums = dav_box.albums
    phone.request("MKCOL", f"{INBOX}/DCIM")
    phone.put(f"{INBOX}/DCIM/a.txt", content=b"taken", headers={"x-oc-mtime": str(MTIME)})
    phone.put(f"{INBOX}/DCIM/b.txt.part", content=b"waits")
    before = listed(phone, f"{INBOX}/DCIM")
    albums.devices.flush()
    with albums.library.write() as db:  # as `albums rebuild` leaves them
        db.execute("delete from dav_files")
        db.execute("delete from notes where name = 'dav_files'")
    restarted = Inbox(albums.receiver)
    after = listed(phone, f"{INBOX}/DCIM")
    assert list(after) == list(before)
    for address in list(before)[1:]:
        assert after[address]["getetag"] == before[address]["getetag"]
        assert after[address]["getlastmodified"] == before[address]["getlastmodified"]
    restarted.take_quiet(lambda _: False, time.time() + webdav.QUIET + 5)
    assert [asset["name"] for asset in assets(albums)] == ["a.txt", "b.txt"]
    phone.delete(f"{INBOX}/DCIM")
    Inbox(albums.receiver)
    assert list(listed(phone)) == [f"{INBOX}/"]


def test_many_at_once_each_arrive_once(dav_box: DavBox, make_photo: MakePhoto) -> None:
    photos = [make_photo(n) for n in range(24)]

    def send(n: int) -> int:
        with httpx.Client(base_url=dav_box.phone, timeout=30) as client:
            client.put(f"{INBOX}/{n}.part", content=photos[n])
            same = client.put(f"{INBOX}/same.jpg", content=photos[n]).status_code
            assert same in (201, 204)
            return moved(client, f"{n}.part", f"{n}.jpg")

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(24))) == {201}
    kept = {str(asset["sha"]) for asset in assets(dav_box.albums)}
    assert kept == {hashlib.sha256(photo).hexdigest() for photo in photos}
    with httpx.Client(base_url=dav_box.phone, timeout=60) as client:
        assert len(listed(client)) == 26
        assert client.get(f"{INBOX}/same.jpg").content in photos
    assert not spooled(dav_box.albums)


def test_a_name_that_xml_cannot_hold_does_not_spoil_the_listing(phone: httpx.Client) -> None:
    at = f"{INBOX}/{quote(chr(0xFFFE))}.jpg"
    assert phone.put(at, content=b"a photo").status_code == 201
    assert listed(phone)[at]["displayname"] == "\ufffd.jpg"


def test_names_are_composed_and_cannot_leave_the_inbox(
    dav_box: DavBox, phone: httpx.Client
) -> None:
    decomposed = unicodedata.normalize("NFD", "Plaža.jpg")
    assert phone.put(f"{INBOX}/{quote(decomposed)}", content=b"x").status_code == 201
    assert f"{INBOX}/{quote('Plaža.jpg')}" in listed(phone)
    for bad in ("%00", "a%0Ab", "%2e%2e/x", "..%2f..%2fx", "%ff", "x" * 256, "%7f", "%c2%85"):
        raw = f"{dav_box.phone}{INBOX}/{bad}"
        for verb in ("PUT", "GET", "PROPFIND", "DELETE", "MKCOL"):
            status = phone.request(verb, raw, headers={"depth": "0"}).status_code
            assert status in (400, 403, 404), (verb, bad)  # 404: beyond /dav/inbox/.. is no room
        where = {"destination": raw}
        refused = phone.request("MOVE", f"{INBOX}/{quote('Plaža.jpg')}", headers=where)
        assert refused.status_code == 400, bad
    assert len(assets(dav_box.albums)) == 1


@given(st.text(max_size=60))
def test_every_path_is_a_place_in_a_room_or_refused(text: str) -> None:
    try:
        place = place_of(f"/dav/inbox/{text}")
    except DavRefusal:
        return
    parts = place.path.split("/")
    assert place.room == "inbox"
    assert not {"..", "."} & set(parts)
    assert unicodedata.is_normalized("NFC", place.path)


@given(st.text(alphabet='()<>[]" aNnot', max_size=40))
def test_every_if_header_is_understood_or_refused(text: str) -> None:
    try:
        lists = parse_if(text)
    except DavRefusal:
        return
    assert all(one.conditions for one in lists)


def test_a_folder_goes_with_what_it_holds_and_nothing_else(phone: httpx.Client) -> None:
    names = ["a", "a/b", "a/b/c", "ab", "a!", "a0", "a%25", "a_"]
    for name in names:
        assert phone.request("MKCOL", f"{INBOX}/{name}").status_code == 201
    phone.put(f"{INBOX}/a/b/c/x.txt", content=b"x")
    assert moved(phone, "a", "z") == 201
    assert phone.get(f"{INBOX}/z/b/c/x.txt").content == b"x"
    assert moved(phone, "z", "z/b/c/d") == 403
    assert phone.delete(f"{INBOX}/z").status_code == 204
    left = {address.removeprefix(f"{INBOX}/").rstrip("/") for address in listed(phone)}
    assert left == {"", "ab", "a!", "a0", "a%25", "a_"}


def test_copies_of_copies_come_to_an_end(
    phone: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "_MOST_COPIED", 20)
    phone.request("MKCOL", f"{INBOX}/a")
    statuses = []
    for number in range(6):
        statuses.append(moved(phone, "a", "b", "COPY"))
        moved(phone, "b", f"a/{number}")
    assert statuses == [201, 201, 201, 201, 201, 507]
    assert moved(phone, "a", "c") == 201


def test_copy_and_move_stay_within_the_inbox(phone: httpx.Client) -> None:
    phone.put(f"{INBOX}/a.txt", content=b"x")
    for destination, status in (
        ("http://elsewhere.example/dav/inbox/b.txt", 502),
        ("/dav/library/2024/01/b.txt", 403),
        ("/dav/inbox/missing/b.txt", 409),
        ("/dav/inbox", 403),
        ("/etc/passwd", 404),
        ("", 400),
    ):
        headers = {"destination": destination}
        for verb in ("COPY", "MOVE"):
            answer = phone.request(verb, f"{INBOX}/a.txt", headers=headers)
            assert answer.status_code == status, (verb, destination)
    phone.put(f"{INBOX}/b.txt", content=b"y")
    assert moved(phone, "a.txt", "b.txt", overwrite="F") == 412
    assert moved(phone, "a.txt", "b.txt") == 204


def test_a_whole_tree_is_not_listed_at_once_and_the_quota_is_told(phone: httpx.Client) -> None:
    for headers in ({"depth": "infinity"}, {}):
        answer = phone.request("PROPFIND", INBOX, headers=headers)
        assert answer.status_code == 403
        assert "propfind-finite-depth" in answer.text
    asked = '<propfind xmlns="DAV:"><prop><quota-available-bytes/><nothing/></prop></propfind>'
    answer = phone.request("PROPFIND", INBOX, content=asked, headers={"depth": "0"})
    assert int(fromstring(answer.content).findtext(".//{DAV:}quota-available-bytes") or 0) > 0
    assert "404 Not Found" in answer.text
    assert phone.request("OPTIONS", INBOX).headers["dav"] == "1, 2"


@pytest.mark.parametrize(
    "body",
    [
        b"<",
        b"<propfind/>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><propfind xmlns="DAV:">&a;</propfind>',
        b'<?xml version="1.0" encoding="nonsense"?><propfind xmlns="DAV:"/>',
        b"\xff\xfe<",
    ],
)
def test_bad_xml_is_refused(phone: httpx.Client, body: bytes) -> None:
    for verb in ("PROPFIND", "PROPPATCH", "LOCK"):
        answer = phone.request(verb, INBOX, content=body, headers={"depth": "0"})
        assert answer.status_code == 400, verb


@pytest.mark.parametrize(
    ("verb", "root"),
    [("PROPFIND", "propfind"), ("PROPPATCH", "propertyupdate"), ("LOCK", "lockinfo")],
)
def test_xml_that_asks_for_too_much_is_refused(phone: httpx.Client, verb: str, root: str) -> None:
    for inside in ("<a>" * 5000 + "</a>" * 5000, "<prop>" + "<a/>" * 5000 + "</prop>"):
        body = f'<{root} xmlns="DAV:">{inside}</{root}>'
        answer = phone.request(verb, INBOX, content=body, headers={"depth": "0"})
        assert answer.status_code == 400
    answer = phone.request(verb, INBOX, content=b"<" + b"x" * 70_000, headers={"depth": "0"})
    assert answer.status_code == 413


def test_an_mtime_may_be_set_afterwards(phone: httpx.Client) -> None:
    phone.put(f"{INBOX}/a.txt", content=b"x")
    body = """<propertyupdate xmlns="DAV:"><set><prop>
              <getlastmodified>Tue, 14 Nov 2023 22:13:20 GMT</getlastmodified>
              </prop></set></propertyupdate>"""
    answer = phone.request("PROPPATCH", f"{INBOX}/a.txt", content=body)
    assert "200 OK" in answer.text
    changed = listed(phone)[f"{INBOX}/a.txt"]["getlastmodified"]
    assert changed == "Tue, 14 Nov 2023 22:13:20 GMT"
    etag = body.replace("getlastmodified", "getetag")
    assert "403 Forbidden" in phone.request("PROPPATCH", f"{INBOX}/a.txt", content=etag).text


def test_too_large_is_refused_before_and_while_it_comes(
    dav_box: DavBox, phone: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dav_box.inbox, "limit", 1000)
    assert phone.put(f"{INBOX}/a", content=b"x" * 1001).status_code == 413
    assert phone.put(f"{INBOX}/a", content=iter([b"x" * 600] * 2)).status_code == 413
    assert phone.put(f"{INBOX}/a", content=b"x" * 1000).status_code == 201
    assert not spooled(dav_box.albums)


def test_a_full_disk_is_said_and_leaves_nothing(
    dav_box: DavBox, phone: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(dav_box.albums.vault.dav, "room", lambda: 1000)
        assert phone.put(f"{INBOX}/a", content=b"x" * 100).status_code == 507
    with monkeypatch.context() as full:
        full.setattr("albums.vault.spool.os.fsync", no_space)
        answer = phone.put(f"{INBOX}/a", content=b"x" * 100)
        assert answer.status_code == 507, answer.text
    assert not spooled(dav_box.albums)
    assert list(listed(phone)) == [f"{INBOX}/"]
    assert phone.put(f"{INBOX}/a", content=b"x" * 100).status_code == 201


def no_space(_: int) -> None:
    raise OSError(28, "No space left on device")


def test_the_library_is_a_tree_to_read_by_month_and_name(
    dav_box: DavBox, phone: httpx.Client, make_photo: MakePhoto
) -> None:
    photos = [make_photo(n) for n in range(3)]
    for photo, name in zip(photos, ("IMG_1.jpg", "img_1.jpg", "b.jpg"), strict=True):
        came = {"captured_at": "2024-03-05T12:00:00+00:00"}
        sent = phone.post("/ingest", files={"file": (name, photo)}, data=came)
        assert sent.status_code == 200
    assert list(listed(phone, "/dav")) == ["/dav/", f"{INBOX}/", "/dav/library/"]
    assert list(listed(phone, "/dav/library")) == ["/dav/library/", "/dav/library/2024/"]
    assert list(listed(phone, "/dav/library/2024"))[1:] == ["/dav/library/2024/03/"]
    month = listed(phone, "/dav/library/2024/03")
    second = quote(f"img_1 {hashlib.sha256(photos[1]).hexdigest()[:8]}.jpg")
    files = [f"/dav/library/2024/03/{name}" for name in ("IMG_1.jpg", second, "b.jpg")]
    assert list(month)[1:] == files
    for photo, address in zip(photos, files, strict=True):
        assert month[address]["getlastmodified"] == "Tue, 05 Mar 2024 12:00:00 GMT"
        assert month[address]["getcontentlength"] == str(len(photo))
        whole = phone.get(address)
        assert whole.content == photo
        assert f'"{whole.headers["etag"].strip(chr(34))}"' == month[address]["getetag"]
        same = phone.get(address, headers={"if-none-match": whole.headers["etag"]})
        assert same.status_code == 304
        assert phone.head(address).headers["content-length"] == str(len(photo))
        some = phone.get(address, headers={"range": "bytes=-4"})
        assert (some.status_code, some.content) == (206, photo[-4:])
    trash(phone, hashlib.sha256(photos[2]).hexdigest())
    assert phone.get(files[2]).status_code == 404


@pytest.mark.parametrize("verb", ["PUT", "DELETE", "MKCOL", "MOVE", "COPY", "PROPPATCH", "LOCK"])
def test_the_tree_of_the_library_cannot_be_changed(
    dav_box: DavBox, phone: httpx.Client, make_photo: MakePhoto, verb: str
) -> None:
    came = {"captured_at": "2024-03-05T12:00:00+00:00"}
    phone.post("/ingest", files={"file": ("a.jpg", make_photo())}, data=came)
    for path in ("/dav/library/2024/03/a.jpg", "/dav/library/x", "/dav/library", "/dav"):
        headers = {"destination": f"{INBOX}/a.jpg"}
        assert phone.request(verb, path, headers=headers).status_code == 403
    assert len(assets(dav_box.albums)) == 1


def test_a_device_that_may_only_upload_has_an_inbox_and_no_look_at_the_library(
    dav_box: DavBox, phone: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "IN_A_ROW", 10**9)
    phone.put(f"{INBOX}/phones.txt", content=b"the phone's")
    with httpx.Client(base_url=dav_box.tablet, timeout=60) as tablet:
        assert list(listed(tablet, "/dav")) == ["/dav/", f"{INBOX}/"]
        assert list(listed(tablet)) == [f"{INBOX}/"]  # each device has its own
        assert tablet.put(f"{INBOX}/a.txt", content=b"abc").status_code == 201
        assert tablet.get(f"{INBOX}/a.txt").content == b"abc"
        assert tablet.get(f"{INBOX}/phones.txt").status_code == 404
        for verb in ("GET", "HEAD", "PROPFIND", "PUT"):
            for path in ("/dav/library", "/dav/library/", "/dav/library/2024", "/dav//library"):
                assert tablet.request(verb, path, headers={"depth": "0"}).status_code == 403, verb
        climb = raw(dav_box.tablet, "PROPFIND /dav/inbox/../library HTTP/1.1")
        assert b" 400 " in climb
        climb = raw(dav_box.tablet, "PROPFIND /dav/inbox/%2e%2e/library HTTP/1.1")
        assert b" 400 " in climb


def raw(url: str, line: str) -> bytes:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"{line}\r\nhost: localhost\r\ndepth: 0\r\n\r\n".encode())
        return connection.recv(200)


def test_a_password_is_ignored_and_never_proves_anything(
    dav_box: DavBox, phone: httpx.Client
) -> None:
    for auth in (("alice", "wrong"), ("", ""), ("bob", "x" * 500)):
        answer = phone.request("PROPFIND", INBOX, headers={"depth": "0"}, auth=auth)
        assert answer.status_code == 207


@pytest.mark.parametrize(
    "verb",
    ["PROPFIND", "PUT", "MKCOL", "MOVE", "COPY", "LOCK", "UNLOCK", "DELETE", "PROPPATCH"],
)
def test_another_sites_page_can_do_nothing(phone: httpx.Client, verb: str) -> None:
    phone.put(f"{INBOX}/a.txt", content=b"x")
    for headers in (
        {"origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"host": "evil.example"},
    ):
        more = {"depth": "0", "destination": f"{INBOX}/b.txt"}
        answer = phone.request(verb, f"{INBOX}/a.txt", headers=headers | more)
        assert answer.status_code in (403, 421), (verb, headers)
    assert list(listed(phone)) == [f"{INBOX}/", f"{INBOX}/a.txt"]


@pytest.mark.skipif(not shutil.which("rclone"), reason="rclone is not installed (apt-get install)")
def test_rclone_copies_once_and_mirrors_the_library(
    dav_box: DavBox, tmp_path: Path, make_photo: MakePhoto
) -> None:
    camera = tmp_path / "camera" / "DCIM"
    camera.mkdir(parents=True)
    for n in range(4):
        (camera / f"IMG {n}.jpg").write_bytes(make_photo(n))
        os.utime(camera / f"IMG {n}.jpg", (MTIME, MTIME))

    def rclone(*arguments: str) -> str:
        remote = ["--webdav-url", f"{dav_box.phone}/dav", "--webdav-vendor", "owncloud"]
        config = ["--config", str(tmp_path / "none.conf"), "-v", *remote]
        ran = subprocess.run(
            ["rclone", *arguments, *config], capture_output=True, text=True, timeout=60
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stderr + ran.stdout

    rclone("copy", str(camera.parent), ":webdav:inbox")
    assert len(assets(dav_box.albums)) == 4
    with dav_box.albums.library.read() as db:
        assert [r[0] for r in db.execute("select distinct modified_ns from arrivals")] == [
            MTIME * 10**9
        ]
    assert "Copied" not in rclone("copy", str(camera.parent), ":webdav:inbox")
    rclone("check", "--download", str(camera.parent), ":webdav:inbox")
    rclone("copy", ":webdav:library", str(tmp_path / "mirror"))
    mirrored = {path.read_bytes() for path in (tmp_path / "mirror").rglob("*.jpg")}
    assert mirrored == {make_photo(n) for n in range(4)}


def test_names_that_say_what_they_are() -> None:
    assert all(map(is_final, ("IMG_1.jpg", "a.tmp.jpg", "part", "x", "a.tmp/b.jpg")))
    assert not any(map(is_final, ("a.jpg.tmp", ".a.jpg", "a.PART", ".DS_Store", "a.jpg.q.partial")))
    assert is_hidden("DCIM/.thumbnails/1.jpg")
    assert is_hidden("DCIM/._a.jpg")
    assert not is_hidden("DCIM/a.b.jpg")
