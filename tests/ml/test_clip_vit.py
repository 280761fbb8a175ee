"""The tower that is exported gives the vectors of the tower that it stands for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from albums.ml.clip_prepare import _load
from albums.ml.clip_vit import lean_image_tower
from albums.ml.manifest import read_manifest


@pytest.fixture
def model(tiny_clip: Path) -> Any:
    """Random weights in every place where a trained model has some."""
    import torch

    known = next(known for known in read_manifest().models if known.family == "open_clip")
    tiny = replace(known, architecture="tiny-clip")
    model, _ = _load(tiny, tiny_clip)
    torch.manual_seed(3)
    with torch.no_grad():
        for weight in model.visual.parameters():
            weight.normal_(0, 0.2)
    return model


def test_it_gives_the_vectors_of_the_tower_it_stands_for(model: Any) -> None:
    import torch

    lean = lean_image_tower(model)
    assert lean is not None
    batch = torch.randn(3, 3, 64, 64)
    with torch.inference_mode():
        expected = model.encode_image(batch, normalize=True)
        assert torch.allclose(lean(batch), expected, atol=1e-5)
        assert (expected[0] @ expected[1]).item() < 0.999  # the pictures matter


def test_a_tower_of_another_kind_is_left_as_it_is(model: Any) -> None:
    model.visual.pool_type = "avg"
    assert lean_image_tower(model) is None
