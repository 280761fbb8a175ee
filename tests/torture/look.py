"""Does every promise hold? Looks through the front door and at the files themselves."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image

from tests.torture.box import Box
from tests.torture.witness import Broken, Sent, Witness


def look(box: Box, witness: Witness) -> None:
    """At a box that answers and that nobody else talks to. Raises Broken."""
    broken = [*_files(box.library), *_database(box.library), *_assets(box, witness)]
    if broken:
        raise Broken(broken)


def settled(box: Box, witness: Witness, seconds: float = 120) -> None:
    """Wait until the pipeline has nothing to do, and all that waited came in. Raises Broken."""
    deadline = time.monotonic() + seconds
    with box.client() as client:
        while True:
            waiting = [s.sha for s in witness.sent.values() if s.waits]
            states = _states(client, waiting)
            late = [witness.sent[sha].waits for sha in waiting if states[sha] == "unknown"]
            left = _work_left(client)
            if not left and not late:
                return
            if time.monotonic() > deadline:
                raise Broken(["work that is not done:", left, "never taken in:", *late])
            time.sleep(0.1)


def _work_left(client: Any) -> dict[str, Any]:
    """By step: what is not closed, whether it is due now or was put off."""
    status = client.get("/api/v1/status").raise_for_status().json()
    left = {
        step["step"]: step["states"]
        for step in status["work"]
        if step["states"].get("open") or step["states"].get("waiting")
    }
    return left if status["idle"] else left | {"idle": False}


def look_at_pictures(box: Box, witness: Witness) -> None:
    """Every photo of a settled box shows. Raises Broken."""
    broken = []
    with box.client() as client:
        for sent in witness.sent.values():
            if sent.name.endswith(".jpg") and sent.place.sure == "kept":
                answer = client.get(f"/api/v1/assets/{sent.sha}/pictures/300")
                try:
                    Image.open(io.BytesIO(answer.content)).load()
                except OSError as error:
                    broken.append(f"{sent.name} does not show: {answer.status_code} {error}")
    if broken:
        raise Broken(broken)


def _assets(box: Box, witness: Witness) -> Iterator[str]:
    with box.client() as client:
        known = list(witness.sent.values())
        states = _states(client, [sent.sha for sent in known])
        for sent in known:
            place, detail = _place(client, sent, states[sent.sha])
            may = set(sent.place.may)
            if not sent.place.seen(place):
                yield f"{sent} may be {may}, but is {place}"
            elif sent.waits and place == "absent" and not _still_waits(client, sent):
                yield f"{sent} is neither in the library nor waiting"
            elif detail:
                yield from _details(sent, detail)
            if sent.wanted and place in ("absent", "purged"):
                sent.place.may.add("kept")
        for begun in witness.begun:
            answer = client.head(begun.where, headers={"tus-resumable": "1.0.0"})
            offset = answer.headers.get("upload-offset")
            if begun.offset and (answer.status_code != 200 or int(offset) < begun.offset):
                yield f"the upload {begun.where} was at {begun.offset}, is at {offset}"
        for receipt, sha in witness.receipts.items():
            answer = client.get(f"/api/v1/receipts/{receipt}")
            if answer.status_code != 200 or answer.json()["sha"] != sha:
                yield f"the receipt {receipt} is gone: {answer.text}"


def _still_waits(client: Any, sent: Sent) -> bool:
    """It lies whole where it was put; or it has just been taken."""
    if isinstance(sent.waits, Path):
        try:
            return sent.waits.read_bytes() == sent.content
        except FileNotFoundError:
            pass
    elif client.get(sent.waits).content == sent.content:
        return True
    return _states(client, [sent.sha])[sent.sha] == "kept"


def _states(client: Any, shas: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(shas), 10_000):
        asked = {"hashes": shas[start : start + 10_000]}
        found |= client.post("/api/v1/have", json=asked).raise_for_status().json()["answers"]
    return found


def _place(client: Any, sent: Sent, state: str) -> tuple[str, dict[str, Any]]:
    """Where it is, and its details where they matter."""
    if state == "unknown":
        return "absent", {}
    if state == "kept" and not (sent.tags or sent.collections or sent.title.may != {None}):
        return "kept", {}
    answer = client.get(f"/api/v1/assets/{sent.sha}")
    if answer.status_code == 404:
        return ("purged" if state == "deleted" else "lost"), {}
    detail = answer.raise_for_status().json()
    return ("trash" if detail["trashed_at"] else "kept"), detail


def _details(sent: Sent, detail: dict[str, Any]) -> Iterator[str]:
    said = detail["caption_details"]
    title = said["title"] if said and said["author"] == "person" else None
    may: set[Any] = set(sent.title.may)
    if not sent.title.seen(title):
        yield f"{sent.name}: the title may be {may}, but is {title!r}"
    tags = {tag["tag"] for tag in detail["tags"]}
    for name, promise in sent.tags.items():
        if not promise.seen(name in tags):
            yield f"{sent.name}: tagged {name} is {name in tags}"
    for name, promise in sent.collections.items():
        if not promise.seen(name in detail["collections"]):
            yield f"{sent.name}: in {name!r} is {name in detail['collections']}"


def _files(library: Path) -> Iterator[str]:
    """Whatever has a final name is whole."""
    for path in (library / "originals").glob("*/*"):
        if path.name.endswith(".sidecar.json"):
            try:
                json.loads(path.read_bytes())
            except ValueError:
                yield f"{path.name} is no whole sidecar"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != path.name[:64]:
            yield f"{path.name} has other bytes than its name says"


def _database(library: Path) -> Iterator[str]:
    with sqlite3.connect(library / "albums.db") as db:
        for check in ("integrity_check", "foreign_key_check"):
            rows = [tuple(row) for row in db.execute(f"pragma {check}")]
            if rows not in ([], [("ok",)]):
                yield f"{check}: {rows[:3]}"
        for sha, extension in db.execute("select sha, extension from assets"):
            folder = library / "originals" / sha[:2]
            if not (folder / f"{sha}{extension}").exists():
                yield f"{sha}{extension} is listed, but not there"
            if not _has_sidecar(library, sha):
                yield f"{sha} is listed, but has no sidecar"
    db.close()


def _has_sidecar(library: Path, sha: str) -> bool:
    """Or a draft that becomes one, at the next start where it cannot now."""
    sidecar = library / "originals" / sha[:2] / f"{sha}.sidecar.json"
    if sidecar.exists():
        return True
    with suppress(FileNotFoundError):  # it becomes one just now
        drafts = (library / "incoming").glob("*.draft.json")
        if any(json.loads(draft.read_bytes())["sha"] == sha for draft in drafts):
            return True
    return sidecar.exists()
