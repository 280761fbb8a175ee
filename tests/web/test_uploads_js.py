"""tus-js-client as it is, from Node and in a browser, against a real server."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from albums.assembly import Albums
from tests.web.chromium import Chromium
from tests.web.conftest import Box, Local
from tests.web.test_ingest import files_in

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent / "tus_js"
NAME = "Мария на пляже.jpg"
MB = 1 << 20


@pytest.fixture(scope="session")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script beside tus-js-client, which is installed once and kept in the user's cache."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node and npm are not installed")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "albums-tests"
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:12]
    installed = cache / f"tus-js-{lock}"
    if not installed.exists():
        _install(tmp_path_factory.mktemp("npm") / "tus", installed)
    folder = tmp_path_factory.mktemp("tus_js")
    (folder / "node_modules").symlink_to(installed / "node_modules")
    for name in ("package.json", "upload.mjs"):
        shutil.copy(HERE / name, folder)
    return folder / "upload.mjs"


def _install(folder: Path, installed: Path) -> None:
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100)
    if done.returncode:
        pytest.skip(f"npm could not install tus-js-client: {done.stderr.strip()[-300:]}")
    installed.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(folder, installed.with_name(f"{installed.name}.{os.getpid()}"))
    try:
        installed.with_name(f"{installed.name}.{os.getpid()}").rename(installed)
    except OSError:  # another run was quicker
        shutil.rmtree(installed.with_name(f"{installed.name}.{os.getpid()}"))


class Node:
    """Uploads one file with tus-js-client."""

    def __init__(self, script: Path, server: Box, folder: Path) -> None:
        self.script = script
        self.server = server
        self.file = folder / "file"
        self.content = os.urandom(20 * MB)
        self.file.write_bytes(self.content)

    @property
    def sha(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def upload(self, **asked: Any) -> dict[str, Any]:
        asked |= {
            "endpoint": f"{self.server.url}/uploads",
            "headers": self.server.headers,
            "file": str(self.file),
            "name": NAME,
        }
        command = ["node", str(self.script), json.dumps(asked)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result


@pytest.fixture
def node(script: Path, server: Box, tmp_path: Path) -> Node:
    return Node(script, server, tmp_path)


@pytest.mark.parametrize(
    ("options", "requests"),
    [
        ({"chunkSize": 8 * MB}, ["POST", "PATCH", "PATCH", "PATCH"]),
        ({}, ["POST", "PATCH"]),
        ({"uploadDataDuringCreation": True}, ["POST"]),
        ({"uploadDataDuringCreation": True, "chunkSize": 8 * MB}, ["POST", "PATCH", "PATCH"]),
        ({"overridePatchMethod": True}, ["POST", "POST"]),
    ],
    ids=["chunks", "one-request", "with-creation", "with-creation-in-chunks", "override"],
)
def test_tus_js_client_uploads(node: Node, options: dict[str, Any], requests: list[str]) -> None:
    result = node.upload(options=options)
    assert result.get("done"), result
    assert [answer[0] for answer in result["answers"]] == requests
    assert result["answers"][-1][2:] == ["ingested", node.sha]
    with node.server.client() as client:
        assert client.get(f"/api/v1/assets/{node.sha}").json()["name"] == NAME
        assert client.get(f"/api/v1/assets/{node.sha}/original").content == node.content


def test_tus_js_client_aborts_and_another_process_resumes(node: Node, tmp_path: Path) -> None:
    storage = str(tmp_path / "urls.json")
    options = {"chunkSize": 4 * MB}
    first = node.upload(options=options, storage=storage, abortAt=8 * MB)
    assert first["aborted"] >= 8 * MB
    second = node.upload(options=options, storage=storage)
    assert second.get("done"), second
    assert second["url"] == first["url"]
    assert second["answers"][0][0] == "HEAD"
    assert second["answers"][-1][2:] == ["ingested", node.sha]


def test_tus_js_client_terminates(node: Node, albums: Albums) -> None:
    result = node.upload(options={"chunkSize": 4 * MB}, abortAt=8 * MB, terminate=True)
    assert result["answers"][-1][:2] == ["DELETE", 204]
    assert files_in(albums, "uploads") == files_in(albums, "originals") == []


def test_tus_js_client_begins_anew_what_expired(node: Node, albums: Albums, tmp_path: Path) -> None:
    storage = str(tmp_path / "urls.json")
    first = node.upload(options={"chunkSize": 4 * MB}, storage=storage, abortAt=8 * MB)
    with albums.library.write() as db:
        db.execute("update uploads set expires_at = 0")
    second = node.upload(options={"chunkSize": 4 * MB}, storage=storage)
    assert second.get("done"), second
    assert second["url"] != first["url"]
    assert second["answers"][-1][2:] == ["ingested", node.sha]


IN_BROWSER = """
(async () => {
  const bytes = new Uint8Array(5 * 1024 * 1024).map((_, at) => (at * 7919) >> 3);
  let broken = false;
  await new Promise((done, failed) => {
    const upload = new tus.Upload(new Blob([bytes]), {
      endpoint: "/uploads",
      chunkSize: 1024 * 1024,
      metadata: { filename: "\u043f\u043b\u044f\u0436.jpg" },
      onError: failed,
      onSuccess: done,
      onChunkComplete: async (size, sent) => {
        if (broken || sent < 2 * 1024 * 1024) return;
        broken = true;
        await upload.abort();
        upload.start();
      },
    });
    upload.start();
  });
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
})()
"""


def test_it_uploads_from_a_page_in_a_browser_and_goes_on_after_a_break(
    script: Path, local: Local, browser: Chromium
) -> None:
    browser.open(local.link())
    client = script.parent / "node_modules" / "tus-js-client" / "dist" / "tus.min.js"
    browser.run(f"{client.read_text()}; typeof tus.Upload")
    answer = browser.tell(
        "Runtime.evaluate", expression=IN_BROWSER, awaitPromise=True, returnByValue=True
    )
    sha = answer["result"]["value"]
    with local.albums.library.read() as db:
        [row] = db.execute("select * from assets").fetchall()
    assert (row["sha"], row["name"]) == (sha, "пляж.jpg")
    assert local.albums.vault.originals.reread(sha, row["extension"])
