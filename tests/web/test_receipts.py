"""A receipt is given for what the disk gives back whole, outlives the database, and is checked."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from albums.assembly import Albums, open_albums
from albums.curate import trash as curate
from albums.errors import NotFound
from albums.identity.access import Caller, Door, Kind
from albums.ingest import proof
from albums.library.assets import Asset
from albums.library.checks import Finding
from albums.library.receipts import read_receipts
from albums.vault import Vault
from albums.web.request import caller
from tests.arrivals import arrival_of
from tests.conftest import MakePhoto
from tests.curate.conftest import rooms_of
from tests.web.conftest import Send

RECEIPTS = "/api/v1/receipts"


def give(client: TestClient, *shas: str) -> Any:
    answer = client.post(RECEIPTS, json={"hashes": shas})
    assert answer.status_code == 200, answer.text
    return answer.json()


def check(client: TestClient, receipt: dict[str, Any]) -> str:
    answer = client.post(f"{RECEIPTS}/{receipt['id']}/check")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["state"])


def have(client: TestClient, sha: str) -> str:
    return str(client.post("/api/v1/have", json={"hashes": [sha]}).json()["answers"][sha])


def damage(albums: Albums, sha: str) -> None:
    """One bit, as a bad sector leaves it: length and times stay."""
    path = albums.vault.originals.path(sha, ".jpg")
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)


def test_an_upload_may_ask_for_its_receipt_at_once(
    client: TestClient, albums: Albums, make_photo: MakePhoto
) -> None:
    photo = make_photo(1)
    upload = {"file": ("beach.jpg", photo)}
    answer = client.post("/ingest?receipt=true", files=upload).json()
    receipt = answer["receipt"]
    assert (receipt["sha"], receipt["size"]) == (hashlib.sha256(photo).hexdigest(), len(photo))
    assert (receipt["name"], receipt["origin"]) == ("beach.jpg", "local://testclient")
    assert receipt["kept_at"] <= receipt["reread_at"]
    assert client.get(f"{RECEIPTS}/{receipt['id']}").json() == receipt
    again = client.post("/ingest?receipt=true", files=upload).json()
    assert again["status"] == "duplicate"
    assert again["receipt"]["id"] != receipt["id"]
    assert "receipt" not in client.post("/ingest", files=upload).json()


def test_receipts_are_for_what_is_kept_and_the_others_read_why(
    client: TestClient, send: Send, make_photo: MakePhoto
) -> None:
    kept, trashed, never = send(make_photo(1)), send(make_photo(2)), "0" * 64
    client.delete(f"/api/v1/assets/{trashed}")
    answer = give(client, kept, trashed, never, kept)
    assert [receipt["sha"] for receipt in answer["receipts"]] == [kept]
    assert {sha: error["code"] for sha, error in answer["refused"].items()} == {
        trashed: "conflict",
        never: "not-found",
    }
    assert "deleted by you on" in answer["refused"][trashed]["what"]


def test_bytes_that_rotted_get_no_receipt_and_sending_them_again_heals(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    sha = send(make_photo(1))
    damage(albums, sha)
    refused = give(client, sha)["refused"]
    assert refused[sha]["code"] == "damaged"
    assert "Keep your copy" in refused[sha]["hint"]
    assert client.get(RECEIPTS).json()["receipts"] == []
    assert have(client, sha) == "unknown"  # so that a phone that asks first sends it again
    upload = {"file": ("a.jpg", make_photo(1))}
    answer = client.post("/ingest?receipt=true", files=upload).json()
    assert (answer["status"], answer["receipt"]["sha"]) == ("duplicate", sha)
    assert albums.vault.originals.path(sha, ".jpg").read_bytes() == make_photo(1)
    assert have(client, sha) == "kept"


def test_a_receipt_is_checked_against_what_the_disk_holds_now(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    shas = [send(make_photo(number)) for number in range(4)]
    whole, rotten, lost, trashed = give(client, *shas)["receipts"]
    damage(albums, rotten["sha"])
    albums.vault.originals.path(lost["sha"], ".jpg").unlink()
    client.delete(f"/api/v1/assets/{trashed['sha']}")
    assert [check(client, receipt) for receipt in (whole, rotten, lost, trashed)] == [
        "whole",
        "damaged",
        "missing",
        "deleted",
    ]
    assert have(client, lost["sha"]) == "unknown"
    assert give(client, lost["sha"])["refused"][lost["sha"]]["code"] == "damaged"
    assert client.post(f"{RECEIPTS}/{'0' * 16}/check").status_code == 404


def test_receipts_are_listed_newest_first_in_pages(
    client: TestClient, send: Send, make_photo: MakePhoto
) -> None:
    numbers = [give(client, send(make_photo(1)))["receipts"][0]["number"] for _ in range(5)]
    assert numbers == [1, 2, 3, 4, 5]
    first = client.get(RECEIPTS, params={"limit": 2}).json()
    assert [receipt["number"] for receipt in first["receipts"]] == [5, 4]
    rest = client.get(RECEIPTS, params={"before": first["next"]}).json()
    assert ([receipt["number"] for receipt in rest["receipts"]], rest["next"]) == ([3, 2, 1], None)
    other = client.get(RECEIPTS, params={"origin": "tailscale://galaxy-s24"}).json()
    assert other["receipts"] == []


def test_every_receipt_is_a_line_of_its_file_and_half_a_line_is_none(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    given = give(client, *(send(make_photo(number)) for number in range(3)))["receipts"]
    file = albums.settings.library / "receipts.jsonl"
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    assert lines == [receipt | {"device": ""} for receipt in given]
    with file.open("ab") as torn:
        torn.write(b'{"id": "half')
    albums.close()
    again = open_albums(albums.settings)
    try:
        sha = given[0]["sha"]
        assert again.proof.give(sha, "test://phone").number == 4
        assert [receipt.number for receipt in read_receipts(file)] == [1, 2, 3, 4]
    finally:
        again.close()


def test_a_row_that_a_cut_kept_out_of_the_file_is_written_at_the_next_start(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    give(client, send(make_photo(1)))
    file = albums.settings.library / "receipts.jsonl"
    before = file.read_bytes()
    file.write_bytes(b"")
    albums.close()
    open_albums(albums.settings).close()
    assert file.read_bytes() == before


def test_what_is_purged_while_it_is_read_back_is_deleted_and_not_missing(
    client: TestClient, albums: Albums, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    [receipt] = give(client, sha := send(b"a photo"))["receipts"]
    look = proof.damage_to

    def purge_and_look(vault: Vault, asset: Asset) -> Finding | None:
        rooms = rooms_of(albums)
        with suppress(NotFound):
            curate.trash(rooms, [sha])
            curate.purge(rooms, [sha], confirmed=True)
        return look(vault, asset)

    monkeypatch.setattr(proof, "damage_to", purge_and_look)
    assert check(client, receipt) == "deleted"


def come_as(client: TestClient, kind: Kind, origin: str, device: str = "nTABLET") -> None:
    app = client.app
    assert isinstance(app, FastAPI)
    app.dependency_overrides[caller] = lambda: Caller(kind, Door.SERVE, origin, device=device)


def test_receipts_belong_to_the_device_whatever_it_is_called(
    client: TestClient, albums: Albums, make_photo: MakePhoto
) -> None:
    come_as(client, Kind.UPLOADER, "tailscale://tablet")
    files = {"file": ("a.jpg", make_photo(1))}
    first = client.post("/ingest?receipt=true", files=files).json()["receipt"]
    [second] = give(client, first["sha"])["receipts"]
    come_as(client, Kind.UPLOADER, "tailscale://kitchen")  # it was renamed
    assert [r["id"] for r in client.get(RECEIPTS).json()["receipts"]] == [second["id"], first["id"]]
    come_as(client, Kind.UPLOADER, "tailscale://tablet", "nOTHER")  # another took its name
    assert client.get(RECEIPTS).json()["receipts"] == []
    assert client.get(f"{RECEIPTS}/{first['id']}").status_code == 404
    come_as(client, Kind.UPLOADER, "tailscale://tablet", "")
    assert client.get(RECEIPTS).status_code == 404
    in_file = read_receipts(albums.proof.receipts.file)
    assert [receipt.device for receipt in in_file] == ["nTABLET", "nTABLET"]


def test_lines_that_an_older_program_wrote_are_read(tmp_path: Path) -> None:
    file = tmp_path / "receipts.jsonl"
    older = {
        "sha": "ab" * 32,
        "size": 1,
        "name": "a",
        "origin": "x",
        "kept_at": "",
        "reread_at": "",
    }
    file.write_text(json.dumps(older | {"number": 1, "id": "0" * 16}) + "\n")
    assert [receipt.device for receipt in read_receipts(file)] == [""]


def test_a_device_that_only_uploads_sees_its_own_receipts_and_no_names_of_others(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    secret = send(make_photo(1), "secret.jpg")
    owners = give(client, secret)["receipts"][0]
    tablet = "tailscale://tablet"
    come_as(client, Kind.UPLOADER, tablet)
    own = albums.receiver.receive(arrival_of(make_photo(2), "mine.jpg", origin=tablet)).sha
    given = give(client, own, secret)["receipts"]
    assert [receipt["name"] for receipt in given] == ["mine.jpg", ""]
    listed = client.get(RECEIPTS, params={"origin": "local://testclient"}).json()["receipts"]
    assert {receipt["origin"] for receipt in listed} == {tablet}
    assert [check(client, receipt) for receipt in given] == ["whole", "whole"]
    assert client.get(f"{RECEIPTS}/{owners['id']}").status_code == 404
    assert client.post(f"{RECEIPTS}/{owners['id']}/check").status_code == 404
    come_as(client, Kind.OWNER, "tailscale://laptop")
    assert len(client.get(RECEIPTS).json()["receipts"]) == 3


def test_the_page_lists_receipts_and_reads_a_file_again(
    client: TestClient, albums: Albums, send: Send, make_photo: MakePhoto
) -> None:
    assert "No receipt has been given yet" in client.get("/receipts").text
    whole, rotten = give(client, send(make_photo(1), "<b>.jpg"), send(make_photo(2), "rot.jpg"))[
        "receipts"
    ]
    damage(albums, rotten["sha"])
    page = client.get("/receipts").text
    assert "&lt;b&gt;.jpg" in page
    assert "<b>.jpg" not in page
    assert "is whole." in client.post("/receipts", data={"receipt_id": whole["id"]}).text
    assert "is damaged." in client.post("/receipts", data={"receipt_id": rotten["id"]}).text
    assert client.post("/receipts", data={"receipt_id": "0" * 16}).status_code == 404


@pytest.mark.parametrize("hashes", [["xyz"], ["0" * 64] * 1001, ["A" * 64]])
def test_what_is_no_list_of_hashes_is_refused(client: TestClient, hashes: list[str]) -> None:
    assert client.post(RECEIPTS, json={"hashes": hashes}).status_code == 422
