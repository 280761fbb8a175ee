from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from albums.errors import BadInput, ModelMissing, NotFound
from albums.ml.basic import SPACE
from albums.ml.hub import Corrupt, Progress, Unreachable
from albums.ml.manifest import read_manifest
from albums.ml.pull import pull_model
from albums.ml.shelf import Shelf
from tests.ml.hub_on_loopback import COMMIT, Hub

WEIGHTS = bytes(range(256)) * 4000


def _manifest(folder: Path, **file: Any) -> Path:
    path = folder / "manifest.json"
    rows = json.loads(Path("models/manifest.json").read_text())
    rows["models"] = [row for row in rows["models"] if row["id"] == "basic"]
    rows["models"].append(
        {
            "id": "some-model", "kind": "captioner", "family": "florence", "tier": "default",
            "hub": "someone/some-model", "revision": "main", "licence": "MIT",
            "languages": "English", "good_for": "tests",
            "files": [
                {"name": "model.safetensors", **file},
                {"name": "merges.txt", "optional": True},
            ],
        }
    )  # fmt: skip
    path.write_text(json.dumps(rows))
    return path


class World:
    """A shelf with one model that only the loopback hub has."""

    def __init__(self, folder: Path, hub: Hub, **file: Any) -> None:
        self.hub, self.folder = hub, folder / "models"
        hub.files = {"model.safetensors": WEIGHTS}
        self.manifest = _manifest(folder, **file)
        self.known = read_manifest(self.manifest).models[-1]
        self.model = self.folder / "some-model"
        self.seen: list[Progress] = []

    def shelf(self) -> Shelf:
        return Shelf(self.folder, manifest=self.manifest, hub=self.hub.url)

    def pull(self) -> None:
        pull_model(self.known, self.model, self.hub.url, self.seen.append)

    def state(self) -> str:
        return next(row.state for row in self.shelf().list() if row.id == "some-model")


def test_a_fresh_shelf_is_useful_without_a_download(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    states = {(row.kind, row.id): row.state for row in shelf.list()}
    assert states["embedder", "basic"] == states["captioner", "basic"] == "chosen"
    assert states["embedder", "clip-vit-b-32-256"] == "absent"
    assert shelf.space() == SPACE == shelf.embedder().space
    assert shelf.caption_version() == shelf.captioner().version == "basic:1"
    assert shelf.embedder() is shelf.embedder()


def test_a_missing_model_is_said_at_once_with_what_to_do(tmp_path: Path, hub: Hub) -> None:
    shelf = Shelf(tmp_path, embedder="clip-vit-b-32-256", captioner="florence-2-base", hub=hub.url)
    with pytest.raises(ModelMissing, match="albums models pull clip-vit-b-32-256"):
        shelf.embedder()
    with pytest.raises(ModelMissing, match="albums models pull florence-2-base"):
        shelf.captioner()
    assert shelf.space() == "clip-vit-b-32-256:missing"
    assert hub.paths == []


def test_an_unknown_model_is_named_with_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="florence-2-base"):
        Shelf(tmp_path, captioner="florence").captioner()
    with pytest.raises(BadInput, match="clip-vit-b-32-256"):
        Shelf(tmp_path).pull("clip")
    with pytest.raises(ModelMissing, match="space"):
        Shelf(tmp_path).embedder("another:space")


def test_a_pull_verifies_and_records_what_arrived(tmp_path: Path, hub: Hub) -> None:
    world = World(tmp_path, hub)
    assert world.state() == "absent"
    world.pull()
    assert (world.model / "model.safetensors").read_bytes() == WEIGHTS
    row = next(row for row in world.shelf().list() if row.id == "some-model")
    assert row.state == "chosen"  # auto takes the best that is here
    assert row.commit == COMMIT
    first = hashlib.sha256(WEIGHTS).hexdigest()
    assert (row.files[0]["sha256"], row.files[0]["trusted"]) == (first, "first use")
    assert world.seen[-1] == Progress("model.safetensors", len(WEIGHTS), len(WEIGHTS))
    assert not list(world.model.glob("*.part"))
    hub.paths.clear()
    world.pull()
    assert all("merges" in path for path in hub.paths)  # optional, and not on this hub


def test_a_pull_that_was_cut_goes_on_where_it_stopped(tmp_path: Path, hub: Hub) -> None:
    world = World(tmp_path, hub, bytes=len(WEIGHTS), sha256=hashlib.sha256(WEIGHTS).hexdigest())
    hub.cut_after = 300_000
    world.pull()
    assert hub.ranges == ["bytes=300000-"]
    assert (world.model / "model.safetensors").read_bytes() == WEIGHTS


def test_what_an_earlier_pull_left_is_used(tmp_path: Path, hub: Hub) -> None:
    world = World(tmp_path, hub, sha256=hashlib.sha256(WEIGHTS).hexdigest())
    world.model.mkdir(parents=True)
    (world.model / "model.safetensors.part").write_bytes(WEIGHTS[:12345])
    assert world.state() == "partial"
    world.pull()
    assert hub.ranges == ["bytes=12345-"]
    assert (world.model / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize("published", ["manifest", "hub"])
def test_a_wrong_hash_leaves_nothing_behind(tmp_path: Path, hub: Hub, published: str) -> None:
    file = {"sha256": "0" * 64} if published == "manifest" else {}
    world = World(tmp_path, hub, **file)
    hub.says_hashes = published == "hub"
    if published == "hub":  # what an earlier pull left is of another file
        world.model.mkdir(parents=True)
        (world.model / "model.safetensors.part").write_bytes(b"another file")
    with pytest.raises(Corrupt, match="not the file that was published"):
        world.pull()
    assert {path.name for path in world.model.iterdir()} == {".pull.lock"}


def test_a_file_that_the_hub_lacks_is_a_clear_sentence(tmp_path: Path, hub: Hub) -> None:
    world = World(tmp_path, hub)
    hub.files = {}
    with pytest.raises(NotFound, match=r"no file model.safetensors of some-model.*404"):
        world.pull()


def test_a_hub_out_of_reach_is_a_clear_sentence(tmp_path: Path, hub: Hub) -> None:
    world = World(tmp_path, hub)
    hub.url = "http://127.0.0.1:9"  # the discard port: nobody listens
    with pytest.raises(Unreachable, match="goes on where it stopped"):
        world.pull()


def test_verify_finds_a_file_that_changed_on_the_disk(tmp_path: Path, hub: Hub) -> None:
    world = World(tmp_path, hub)
    world.pull()
    assert [check.ok for check in world.shelf().verify("some-model")] == [True]
    (world.model / "model.safetensors").write_bytes(WEIGHTS[:-1] + b"!")
    assert [check.ok for check in world.shelf().verify("some-model")] == [False]


def test_the_manifest_names_only_whole_revisions_and_hashes() -> None:
    for known in read_manifest().models:
        hashed = all(file.sha256 for file in known.files)  # a tag may be moved, a hash not
        assert known.shipped or len(known.revision) == 40 or hashed
        assert known.licence
        assert all(file.sha256 is None or len(file.sha256) == 64 for file in known.files)
