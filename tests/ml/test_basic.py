from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image, ImageDraw

from albums.ml import engines
from albums.ml.basic import CLASS_VECTORS, BasicEmbedder, _torch_net, class_text
from albums.ml.basic_captioner import BasicCaptioner
from albums.ml.imagenet import classes
from albums.ml.labels import labels
from albums.ml.minilm import MiniLM
from albums.ml.model import Label, Scene
from tests.ml.tiny import picture


def _clock() -> Image.Image:
    image = Image.new("RGB", (400, 300), (250, 250, 245))
    draw = ImageDraw.Draw(image)
    draw.ellipse((60, 20, 340, 290), outline="black", width=10, fill="white")
    for hour in range(12):
        x, y = math.sin(hour * math.pi / 6), -math.cos(hour * math.pi / 6)
        draw.line((200 + 115 * x, 155 + 115 * y, 200 + 130 * x, 155 + 130 * y), "black", 6)
        draw.text((196 + 100 * x, 148 + 100 * y), str(hour or 12), "black")
    draw.line((200, 155, 200, 70), "black", 6)
    draw.line((200, 155, 260, 180), "black", 8)
    return image


def test_an_image_becomes_a_unit_vector_and_the_same_one_again(basic: BasicEmbedder) -> None:
    first, other = basic.see([picture(1), picture(2, (200, 500))])
    again = basic.see([picture(1)])[0]
    assert first.vector.shape == (basic.dims,) == (384,)
    assert first.vector.dtype == np.float32
    assert np.linalg.norm(first.vector) == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(first.vector, again.vector, atol=1e-5)
    assert first.vector @ other.vector < 0.999


def test_a_drawn_clock_is_found_by_its_name_and_by_broader_words(basic: BasicEmbedder) -> None:
    clock, *others = basic.see([_clock(), *(picture(seed) for seed in range(5))])
    found = {label.name: label for label in clock.labels}
    assert "timepiece" in found["analog clock"].broader
    assert found["timepiece"].score >= found["analog clock"].score > 0.3
    query = basic.embed_texts(["a clock that tells the time"])[0]
    assert query @ clock.vector > max(query @ other.vector for other in others)


def test_no_images_and_no_texts_are_no_error(basic: BasicEmbedder) -> None:
    assert basic.see([]) == []
    assert basic.embed_texts([]).shape == (0, 384)


def test_the_exported_net_answers_what_torch_answers(basic: BasicEmbedder) -> None:
    import torch

    batch = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(7)).numpy()
    exported = basic._nets["lite0"](batch)
    np.testing.assert_allclose(exported, engines.torch_run(_torch_net("lite0"))(batch), atol=1e-3)


def test_sentence_vectors_are_those_of_the_published_model() -> None:
    from albums.ml.minilm import _folder
    from albums.ml.torchvision_cure import cure_torchvision

    cure_torchvision()
    import torch
    from transformers import AutoModel, AutoTokenizer

    texts = ["two dogs on a beach", "a", "a very old house by the sea, in winter"]
    tokenizer = AutoTokenizer.from_pretrained(_folder())
    given = tokenizer(texts, padding=True, return_tensors="pt")
    with torch.inference_mode():
        states = AutoModel.from_pretrained(_folder()).eval()(**given).last_hidden_state
    mask = given["attention_mask"][..., None]
    mean = (states * mask).sum(1) / mask.sum(1)
    expected = torch.nn.functional.normalize(mean).numpy()
    np.testing.assert_allclose(MiniLM().embed(texts), expected, atol=1e-5)


def test_the_class_vectors_of_the_package_are_those_of_its_texts() -> None:
    some = [0, 1, 281, 409, 999]
    texts = [class_text(classes()[i]) for i in some]
    shipped = np.load(CLASS_VECTORS)
    assert shipped.shape == (1000, 384)
    np.testing.assert_allclose(shipped[some], MiniLM().embed(texts), atol=1e-3)


def test_a_dog_is_named_where_no_breed_is_sure() -> None:
    breeds = [i for i, known in enumerate(classes()) if "dog" in known.broader]
    shares = np.zeros(1000, np.float32)
    shares[breeds[:20]] = 0.04
    found = {label.name: label for label in labels(shares)}
    assert found["dog"].score == pytest.approx(0.8, abs=0.01)
    assert "animal" in found["dog"].broader
    assert not any(classes()[i].name in found for i in breeds[:20])


def test_a_shrug_names_nothing() -> None:
    assert labels(np.full(1000, 0.001, np.float32)) == ()


@pytest.mark.parametrize(
    ("found", "title", "tags"),
    [
        ((Label("beagle", 0.8, ("dog",)), Label("dog", 0.9)), "Beagle in Lisbon, May 2024",
         ("beagle", "dog")),
        ((Label("beagle", 0.3, ("dog",)), Label("dog", 0.9)), "Dog in Lisbon, May 2024", ("dog",)),
        ((Label("beagle", 0.3, ("dog",)),), "Photo, 12 May 2024, Lisbon", ()),
        ((), "Photo, 12 May 2024, Lisbon", ()),
    ],
)  # fmt: skip
def test_a_caption_names_only_what_is_sure(
    found: tuple[Label, ...], title: str, tags: tuple[str, ...]
) -> None:
    scene = Scene(picture(1), found, "2024-05-12T10:00:00+01:00", "Lisbon, Portugal")
    caption = BasicCaptioner().caption(scene)
    assert caption.title == title
    assert caption.tags == tags
    assert caption.description.endswith("in Lisbon, Portugal on 12 May 2024.")


@pytest.mark.parametrize("found", [(), (Label("dog", 0.9),)])
def test_a_film_is_not_called_a_photo(found: tuple[Label, ...]) -> None:
    caption = BasicCaptioner().caption(Scene(picture(1), found, kind="Video"))
    assert caption.title.startswith("Video of")
    assert caption.description.startswith("Video of")
