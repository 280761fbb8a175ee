from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from albums.errors import ModelMissing
from albums.ml import engines
from albums.ml.clip import ClipEmbedder, Prepared, onnx_file, pixels
from albums.ml.clip_prepare import _load, _quickest, open_clip_tokens, prepare, torch_tower
from albums.ml.clip_tokens import Tokens
from albums.ml.manifest import Known, read_manifest
from albums.ml.shelf import Shelf
from tests.ml.tiny import picture


@pytest.fixture(scope="session")
def manifest(tiny_clip: Path) -> Path:
    path = tiny_clip.parent / "manifest.json"
    rows = json.loads(Path("models/manifest.json").read_text())
    rows["models"] = [row for row in rows["models"] if row["id"] == "basic"]
    tiny = {
        "kind": "embedder", "family": "open_clip", "tier": "default", "hub": "x/y",
        "revision": "main", "architecture": "tiny-clip", "licence": "MIT", "dims": 64,
        "languages": "English", "good_for": "tests",
        "files": [{"name": "open_clip_model.safetensors"}],
    }  # fmt: skip
    rows["models"] += [{"id": "tiny-clip", **tiny}, {"id": "other-clip", **tiny}]
    path.write_text(json.dumps(rows))
    return path


@pytest.fixture(scope="session")
def known(manifest: Path) -> Known:
    return next(known for known in read_manifest(manifest).models if known.id == "tiny-clip")


@pytest.fixture(scope="session")
def prepared(tiny_clip: Path, known: Known) -> Prepared:
    return prepare(known, tiny_clip, threads=1, photos=[picture(100)])


@pytest.fixture(scope="session")
def shelf(tiny_clip: Path, manifest: Path, prepared: Prepared) -> Shelf:
    return Shelf(tiny_clip.parent, manifest=manifest, threads=1)


@pytest.mark.slow
def test_every_engine_was_compared_and_the_chosen_one_kept_parity(prepared: Prepared) -> None:
    for tower, chosen in (("image", prepared.image), ("text", prepared.text)):
        measured = prepared.parity[tower]
        assert {"onnxruntime-fp32", "onnxruntime-int8", "torch-fp32"} <= set(measured)
        assert measured[chosen["engine"]]["kept"]
        assert measured[chosen["engine"]]["cosine"] >= prepared.threshold["cosine"]


def test_the_served_vectors_are_near_those_of_torch(
    shelf: Shelf, prepared: Prepared, known: Known, tiny_clip: Path
) -> None:
    images = [picture(seed) for seed in range(3)]
    vectors = np.stack([seen.vector for seen in shelf.embedder().see(images)])
    torch_run = torch_tower(known, tiny_clip, "image", "torch-fp32")
    reference = engines.unit(torch_run(pixels(images, prepared.image)))
    assert (vectors * reference).sum(1).min() > 0.98
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_pictures_are_made_ready_as_open_clip_does_it(known: Known, tiny_clip: Path) -> None:
    import open_clip

    model, how = _load(known, tiny_clip)
    settings = open_clip.transform.PreprocessCfg(**model.visual.preprocess_cfg)
    for mode in ("shortest", "squash"):
        settings.resize_mode = mode
        transform = open_clip.transform.image_transform_v2(settings, is_train=False)
        for size in ((321, 200), (77, 301), (64, 64), (1000, 999)):
            ours = pixels([picture(1, size)], {**how, "resize": mode})[0]
            theirs = transform(picture(1, size)).numpy()
            np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_sentences_become_the_token_ids_of_open_clip(known: Known, tiny_clip: Path) -> None:
    texts = [
        "a photo of a dog", "Größe &amp; Café — it's 12:30!", "", "  many   spaces\n",
        "🐕 犬 собака", "word " * 200, "don't they'll we've", "x_y-z 3.14",
    ]  # fmt: skip
    ours = Tokens(tiny_clip, 77, "lower")(texts)
    np.testing.assert_array_equal(ours, open_clip_tokens(known, tiny_clip)(texts))


def test_a_damaged_quantised_file_is_not_used(
    prepared: Prepared, known: Known, tiny_clip: Path, tmp_path: Path
) -> None:
    shutil.copytree(tiny_clip, tmp_path, dirs_exist_ok=True)
    file = onnx_file(tmp_path, "image", "onnxruntime-int8")
    import onnx

    graph = onnx.load(file)
    weights = [each for each in graph.graph.initializer if each.data_type == onnx.TensorProto.INT8]
    for each in weights:
        each.raw_data = bytes(np.random.default_rng(0).integers(0, 256, len(each.raw_data)))
    onnx.save(graph, file)
    onnx_file(tmp_path, "text", "onnxruntime-int8").write_bytes(b"not a graph")
    found = prepare(known, tmp_path, threads=1)
    assert weights
    assert not found.parity["image"]["onnxruntime-int8"]["kept"]
    assert not found.parity["text"]["onnxruntime-int8"]["kept"]
    assert found.image["engine"] != "onnxruntime-int8"


def test_switching_the_model_changes_the_space_and_the_old_one_still_answers(
    shelf: Shelf, manifest: Path, tiny_clip: Path, prepared: Prepared
) -> None:
    assert shelf.space() == prepared.space
    other = tiny_clip.parent / "other-clip"
    shutil.copytree(tiny_clip, other)
    (other / "engine.json").unlink()
    try:
        assert shelf.space() == prepared.space  # not measured yet: auto leaves it alone
        shelf.use("other-clip")
        assert shelf.space() != prepared.space
        assert shelf.embedder().space == shelf.space()
        assert shelf.embedder(prepared.space).space == prepared.space
        chosen = {row.kind: row.id for row in shelf.list() if row.state == "chosen"}
        assert chosen == {"embedder": "other-clip", "captioner": "basic"}
        shelf.use("basic")
        assert Shelf(tiny_clip.parent, manifest=manifest).space().startswith("basic")
    finally:
        shutil.rmtree(other)
        (tiny_clip.parent / "chosen.json").unlink()


def test_weights_without_a_model_folder_are_missing(manifest: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        Shelf(tmp_path, embedder="tiny-clip", manifest=manifest).embedder()


def test_an_embedder_gives_labels_of_the_words_it_knows(shelf: Shelf) -> None:
    embedder = shelf.embedder()
    assert isinstance(embedder, ClipEmbedder)
    words = embedder.embed_texts(["a photo of a beach"])
    found = embedder._labels.of(words)[0]  # a picture that is exactly what the sentence says
    assert found == () or found[0].score <= 1
    assert embedder._labels.vectors.shape[0] > 1000


@pytest.mark.parametrize(
    ("wrong", "kept"), [(0.0, True), (0.01, True), (5.0, False), (float("nan"), False)]
)
def test_parity_is_lost_where_vectors_differ(wrong: float, kept: bool) -> None:
    vectors = np.random.default_rng(0).normal(size=(32, 16)).astype(np.float32)
    noise = np.random.default_rng(1).normal(size=vectors.shape).astype(np.float32)
    assert engines.parity(vectors, vectors + wrong * noise).kept is kept


def test_torch_is_chosen_only_where_it_is_far_quicker() -> None:
    rows = {
        "onnxruntime-int8": {"per_second": 90.0, "kept": False},
        "onnxruntime-fp32": {"per_second": 40.0, "kept": True},
        "torch-bf16": {"per_second": 70.0, "kept": True},
    }
    assert _quickest(rows) == "onnxruntime-fp32"
    rows["torch-bf16"]["per_second"] = 100.0
    assert _quickest(rows) == "torch-bf16"
