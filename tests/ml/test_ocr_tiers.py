"""Readers of other scripts: fetched, chosen, and asked beside the shipped one."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from albums.errors import ModelMissing
from albums.ml.manifest import MANIFEST, read_manifest
from albums.ml.ocr import RECOGNISER
from albums.ml.ocr_lines import as_read
from albums.ml.shelf import Shelf
from tests.ml.hub_on_loopback import Hub
from tests.ml.written import LETTER, page


def _weights() -> bytes:
    """Those of the shipped reader stand for another script's."""
    spec = find_spec("rapidocr")
    assert spec is not None
    assert spec.origin is not None
    return (Path(spec.origin).parent / "models" / RECOGNISER).read_bytes()


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    rows = json.loads(MANIFEST.read_text())
    for row in rows["models"]:
        for file in row.get("files", []):
            file.pop("sha256", None)
            file.pop("bytes", None)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(rows))
    return path


def test_a_reader_of_another_script_is_fetched_and_asked_beside_the_shipped_one(
    tmp_path: Path, manifest: Path, hub: Hub
) -> None:
    shelf = Shelf(tmp_path / "models", threads=1, manifest=manifest, hub=hub.url)
    before = shelf.reader_version()
    hub.files = {"korean_PP-OCRv5_rec_mobile.onnx": _weights()}
    [row] = shelf.pull("ppocr-korean")
    assert row.state == "ready"  # what a person reads is theirs to say
    assert shelf.reader_version() == before
    shelf.use("ppocr-korean")
    assert shelf.reader_version() not in ("", before)
    assert (tmp_path / "models/ppocr-korean/korean_PP-OCRv5_rec_mobile.onnx").exists()
    assert [line.text for line in shelf.reader().read(page())] == list(LETTER)
    assert "onnx/PP-OCRv5/rec/korean_PP-OCRv5_rec_mobile.onnx" in hub.paths[0]


def test_a_reader_that_is_not_here_says_how_to_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="albums models pull ppocr-arabic"):
        Shelf(tmp_path, reader="ppocr-arabic").reader()


def test_every_reader_that_is_fetched_has_a_published_hash() -> None:
    readers = [known for known in read_manifest().models if known.kind == "reader"]
    assert readers[0].shipped
    fetched = [file for known in readers for file in known.files]
    assert len({file.sha256 for file in fetched}) == len(fetched) > 9
    assert all(file.sha256 and len(file.sha256) == 64 for file in fetched)


def test_arabic_and_hebrew_are_put_into_the_order_they_are_read_in() -> None:
    said = "אבג דה"[::-1]
    assert as_read(said) == "אבג דה"
    assert as_read("12.50 " + "שקל"[::-1]) == "שקל 12.50"
    assert as_read("Wi-Fi 5 GHz " + "רשת"[::-1]) == "רשת Wi-Fi 5 GHz"
    assert as_read("Total 12.50") == "Total 12.50"
