from __future__ import annotations

import json
from pathlib import Path

import pytest

from albums.ml.instruct import _SCHEMA, InstructCaptioner
from albums.ml.manifest import Known, ModelFile
from albums.ml.model import Caption, Captioner, Scene
from albums.ml.vlm import load, load_captioner
from tests.ml.tiny import picture

_SCENE = Scene(picture(1), captured_at="2024-05-12T10:00:00", place="Lisbon, Portugal")


def _known(family: str) -> Known:
    return Known(
        id=f"tiny-{family}", kind="captioner", family=family, tier="test", licence="MIT",
        good_for="tests", languages="English", hub="x/y", revision="main", px=64,
        files=(ModelFile("model.safetensors"),),
    )  # fmt: skip


@pytest.fixture(scope="session")
def instruct(tiny_idefics: Path) -> Captioner:
    (tiny_idefics / "engine.json").write_text('{"engine": "torch-int8"}')
    return load_captioner(_known("instruct"), tiny_idefics, "v1", threads=1)


@pytest.fixture(scope="session")
def florence(tiny_florence: Path) -> Captioner:
    return load_captioner(_known("florence"), tiny_florence, "v1", threads=1)


def _check(caption: Caption) -> None:
    assert 3 <= len(caption.title.split()) <= 7
    assert caption.description[-1] in ".!?"
    assert all(tag == tag.lower() for tag in caption.tags)


@pytest.mark.slow
def test_florence_always_gives_a_valid_caption(florence: Captioner) -> None:
    caption = florence.caption(_SCENE)
    _check(caption)
    assert florence.caption(_SCENE) == caption
    assert (florence.model, florence.version) == ("tiny-florence", "v1")


def test_the_engine_of_a_captioner_is_measured_once_and_kept(
    florence: Captioner, tiny_florence: Path
) -> None:
    found = json.loads((tiny_florence / "engine.json").read_text())
    assert found["engine"] == florence.engine
    assert found["measured"]["torch-fp32"]["cosine"] == pytest.approx(1, abs=1e-5)
    assert {"torch-fp32", "torch-int8"} <= set(found["measured"])


def test_an_instruct_model_of_random_weights_still_answers_by_the_schema(
    instruct: Captioner,
) -> None:
    assert isinstance(instruct, InstructCaptioner)
    assert instruct.engine == "torch-int8"
    inputs = instruct._inputs(_SCENE)
    start = inputs["input_ids"].shape[1]
    ids = instruct._generate(inputs, logits_processor=[instruct._grammar(start)])
    text = instruct._loaded.processor.tokenizer.decode(ids[0, start:], skip_special_tokens=True)
    told = json.loads(text)
    assert set(told) == set(_SCHEMA["required"])
    assert 3 <= len(told["title"].split()) <= 7
    assert 5 <= len(told["tags"]) <= 10
    _check(instruct.caption(_SCENE))


def test_an_image_is_never_cut_into_tiles(instruct: Captioner) -> None:
    assert isinstance(instruct, InstructCaptioner)
    assert instruct._inputs(_SCENE)["pixel_values"].shape[1] == 1


def test_engines_of_a_captioner_agree_on_the_first_word(tiny_idefics: Path) -> None:
    import numpy as np

    full, small = (
        InstructCaptioner("tiny", "v1", load(tiny_idefics, engine), 64).first_logits(picture(3))
        for engine in ("torch-fp32", "torch-int8")
    )
    assert np.corrcoef(full, small)[0, 1] > 0.98
