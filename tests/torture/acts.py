"""What an owner's devices do, each with the promise that goes with it.

An act raises httpx.TransportError when the box is gone in the middle of it, and Refused when the
box says no: both leave open whether it was done.
"""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx
from PIL import Image

from albums.errors import AlbumsError, kinds
from albums.vault.durable import fsync_folder, write_synced
from tests.torture.witness import Begun, Sent, Witness

_TUS = {"tus-resumable": "1.0.0", "content-type": "application/offset+octet-stream"}


class Refused(Exception):
    """The box said no."""

    def __init__(self, asked: str, status: int, said: str) -> None:
        super().__init__(f"{asked}: {status} {said[:300]}")
        self.status = status


@dataclass
class Hand:
    """One device at work."""

    rng: Random
    client: httpx.Client
    witness: Witness
    inbox: Path
    scratch: Path  # a folder outside the library
    doing: str = ""  # the act

    def ask(self, method: str, path: str, fine: tuple[int, ...] = (), **content: Any) -> Any:
        """JSON of the answer; `fine`: errors that are none. Raises Refused."""
        response = self.client.request(method, path, **content)
        if response.status_code >= 400 and response.status_code not in fine:
            raise Refused(f"{method} {path}", response.status_code, response.text)
        return response.json()

    def file(self) -> Sent:
        """A new photo, or bytes of no known type."""
        number = self.witness.number()
        if self.rng.random() < 0.6:
            return self.witness.new(f"IMG_{number:05}.jpg", photo(self.rng, number), self.doing)
        size = int(2 ** self.rng.uniform(3, 19))
        content = b"%d " % number + self.rng.randbytes(size)
        return self.witness.new(f"film {number}.mov", content, self.doing)


def photo(rng: Random, number: int) -> bytes:
    """A small JPEG that differs from every other."""
    picture = Image.frombytes("RGB", (8, 6), rng.randbytes(144)).resize((96, 72))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", comment=b"%d" % number)
    return buffer.getvalue()


def upload(hand: Hand) -> None:
    sent = hand.file()
    with sent.hand, sent.place.becoming("kept"):
        _post(hand, sent)


def upload_again(hand: Hand) -> None:
    with hand.witness.some(hand.rng, "kept") as sent:
        if sent:
            assert _post(hand, sent) == "duplicate"


def upload_deleted(hand: Hand) -> None:
    """Nothing comes back by itself."""
    with hand.witness.some(hand.rng, hand.rng.choice(["purged", "trash"])) as sent:
        if sent:
            assert _post(hand, sent) == "deleted"


def bring_back(hand: Hand) -> None:
    with hand.witness.some(hand.rng, "purged") as sent:
        if sent:
            sent.wanted = True
            with sent.place.becoming("kept"):
                _post(hand, sent, again=True)
            sent.title.may = {None}  # what was said of it went with it
            sent.tags.clear()
            sent.collections.clear()


def upload_in_pieces(hand: Hand) -> None:
    """Perhaps not to the end; another time then."""
    sent = hand.file()
    name = base64.b64encode(sent.name.encode()).decode()
    headers = {"upload-length": str(len(sent.content)), "upload-metadata": f"filename {name}"}
    answer = hand.client.post("/uploads", headers=_TUS | headers)
    if answer.status_code != 201:
        raise Refused("POST /uploads", answer.status_code, answer.text)
    _send_pieces(hand, Begun(sent, answer.headers["location"]))


def go_on_in_pieces(hand: Hand) -> None:
    try:
        begun = hand.witness.begun.pop()
    except IndexError:
        return
    _send_pieces(hand, begun)


def _send_pieces(hand: Hand, begun: Begun) -> None:
    try:
        with begun.sent.hand:
            while begun.offset < len(begun.sent.content) and hand.rng.random() < 0.8:
                _send_piece(hand, begun)
    finally:
        if begun.offset < len(begun.sent.content):
            hand.witness.begun.append(begun)


def _send_piece(hand: Hand, begun: Begun) -> None:
    sent = begun.sent
    if sent.place.sure not in (None, "absent"):  # it was whole before; only the answer was lost
        begun.offset = len(sent.content)
        return
    end = min(len(sent.content), begun.offset + int(2 ** hand.rng.uniform(6, 19)))
    sent.place.may |= {"kept"} if end == len(sent.content) else set()
    headers = _TUS | {"upload-offset": str(begun.offset)}
    answer = hand.client.patch(
        begun.where, content=sent.content[begun.offset : end], headers=headers
    )
    if answer.status_code == 409:  # some of a piece that was cut off is there, too
        answer = hand.client.head(begun.where, headers=_TUS)
        end = int(answer.headers.get("upload-offset", begun.offset))
    if answer.status_code == 404 and not begun.offset:  # nothing was promised yet
        begun.offset = len(sent.content)
        return
    if answer.is_error:
        raise Refused(f"PATCH {begun.where}", answer.status_code, answer.text)
    assert end >= begun.offset, "less is there than was acknowledged"
    begun.offset = end
    if end == len(sent.content):
        sent.place.may = {"kept"}


def put_by_dav(hand: Hand) -> None:
    sent = hand.file()
    where = f"/dav/inbox/{sent.name}"
    sent.place.may.add("kept")
    answer = hand.client.put(where, content=sent.content)
    if answer.status_code != 201:
        raise Refused(f"PUT {where}", answer.status_code, answer.text)
    sent.waits = where


def drop_into_inbox(hand: Hand) -> None:
    """As Syncthing does: under another name until it is whole."""
    sent = hand.file()
    hand.inbox.mkdir(exist_ok=True)
    unfinished = hand.inbox / f".syncthing.{sent.name}.tmp"
    try:
        write_synced(unfinished, sent.content)
    except AlbumsError:
        return  # it tells its own user
    sent.place.may.add("kept")
    unfinished.rename(hand.inbox / sent.name)
    fsync_folder(hand.inbox)
    sent.waits = hand.inbox / sent.name


def get_receipt(hand: Hand) -> None:
    with hand.witness.some(hand.rng, "kept") as sent:
        if sent:
            given = hand.ask("POST", "/api/v1/receipts", json={"hashes": [sent.sha]})
            for why in given["refused"].values():
                raise Refused(
                    f"a receipt for {sent}", kinds().get(why["code"], AlbumsError).status, str(why)
                )
            [receipt] = given["receipts"]
            hand.witness.receipts[receipt["id"]] = sent.sha


def back_up(hand: Hand) -> None:
    """Begun, and left to the box."""
    target = {"target": str(hand.scratch / "backup")}
    hand.ask("POST", "/api/v1/backups", fine=(409,), json=target)


def verify(hand: Hand) -> None:
    hand.ask("POST", "/api/v1/verify", fine=(409,), json={})


def edit_title(hand: Hand) -> None:
    with hand.witness.some(hand.rng, "kept") as sent:
        if sent:
            title = f"Title {hand.witness.number()}"
            with sent.title.becoming(title):
                hand.ask("PATCH", f"/api/v1/assets/{sent.sha}", json={"title": title})


def tag(hand: Hand) -> None:
    with hand.witness.some(hand.rng, "kept") as sent:
        if sent:
            name, add = hand.rng.choice(["ana", "beach", "lisbon"]), hand.rng.random() < 0.7
            word = "add_tags" if add else "remove_tags"
            with sent.tags[name].becoming(add):
                hand.ask("PATCH", f"/api/v1/assets/{sent.sha}", json={word: [name]})


def collect(hand: Hand) -> None:
    name = hand.rng.choice(["Summer", "Ana's 5th/6th birthday"])
    with hand.witness.some(hand.rng, "kept") as sent:
        if sent:
            inside = hand.rng.random() < 0.8
            hand.ask("POST", "/api/v1/collections", fine=(409,), json={"name": name})
            verb = "add" if inside else "remove"
            with sent.collections[name].becoming(inside):
                hand.ask("POST", f"/api/v1/collections/{name}/{verb}", json={"assets": [sent.sha]})


def throw_away(hand: Hand) -> None:
    with hand.witness.some(hand.rng, "kept") as sent:
        if sent:
            with sent.place.becoming("trash"):
                hand.ask("DELETE", f"/api/v1/assets/{sent.sha}")


def restore(hand: Hand) -> None:
    with hand.witness.some(hand.rng, "trash") as sent:
        if sent:
            with sent.place.becoming("kept"):
                hand.ask("POST", f"/api/v1/assets/{sent.sha}/restore")


def purge(hand: Hand) -> None:
    with hand.witness.some(hand.rng, "trash") as sent:
        if sent:
            path = f"/api/v1/assets/{sent.sha}/purge"
            said = hand.ask("POST", "/api/v1/confirmations", json={"act": f"POST {path}"})
            sent.wanted = False
            with sent.place.becoming("purged"):
                hand.ask("POST", path, headers={"albums-confirm": said["nonce"]})


def import_folder(hand: Hand) -> None:
    """Of a few files; what the box reports as done is kept."""
    folder = hand.scratch / f"import-{hand.witness.number()}"
    folder.mkdir()
    files = [hand.file() for _ in range(hand.rng.randint(1, 12))]
    for sent in files:
        (folder / sent.name).write_bytes(sent.content)
        sent.place.may.add("kept")
    path = hand.ask("POST", "/api/v1/imports", json={"path": str(folder)})["id"]
    while (job := _job(hand, path))["running"]:
        time.sleep(0.02)
    if job["state"] == "done" and not job["failed"]:
        for sent in files:
            sent.place.may = {"kept"}


def _job(hand: Hand, job: str) -> Any:
    """An import that began goes on, whether the box can say how far it is or not."""
    while True:
        try:
            return hand.ask("GET", f"/api/v1/imports/{job}")
        except Refused:
            time.sleep(0.02)


def _post(hand: Hand, sent: Sent, **params: Any) -> str:
    files = {"file": (sent.name, sent.content)}
    answer = hand.ask("POST", "/ingest", files=files, params=params)
    assert answer["sha"] == sent.sha, "another hash was acknowledged than that of what was sent"
    return str(answer["status"])


# How often each is done, and what.
ACTS: list[tuple[int, Callable[[Hand], None]]] = [
    (10, upload),
    (2, upload_again),
    (2, upload_deleted),
    (1, bring_back),
    (4, edit_title),
    (4, tag),
    (3, collect),
    (3, throw_away),
    (2, restore),
    (2, purge),
    (2, import_folder),
    (4, upload_in_pieces),
    (6, go_on_in_pieces),
    (3, put_by_dav),
    (3, drop_into_inbox),
    (2, get_receipt),
    (1, back_up),
    (1, verify),
]


def act(hand: Hand) -> str:
    """One of them, by chance; its name."""
    weights, acts = zip(*ACTS, strict=True)
    [chosen] = hand.rng.choices(acts, weights)
    hand.doing = chosen.__name__
    chosen(hand)
    return hand.doing
