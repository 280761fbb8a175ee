"""Florence-2: a caption, a longer one and the objects, by its fixed task prompts.

The picture is looked at once; the three tasks are then answered in one batch.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from albums.ml.model import Caption, Scene
from albums.ml.wording import things_in, valid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from albums.ml.vlm import Loaded

_TASKS = ("<CAPTION>", "<MORE_DETAILED_CAPTION>", "<OD>")
_MOST_TOKENS, _BEAMS = 160, 3  # beams cost little here and are what the published quality used
_BOX = re.compile(r"(?:<loc_\d+>)+")


class FlorenceCaptioner:
    """Cannot follow instructions, so nothing depends on its obeying any."""

    def __init__(self, model: str, version: str, loaded: Loaded) -> None:
        self.model, self.version, self.engine = model, version, loaded.engine
        self._loaded = loaded

    def caption(self, scene: Scene) -> Caption:
        """Title from the short caption, tags from the objects it finds and those it names."""
        short, long, objects = self._answers(scene.image)
        return valid(short, long, [*_objects(objects), *things_in(f"{short} {long}")], scene)

    def first_logits(self, image: Image.Image) -> NDArray[np.float32]:
        made = self._generate(
            image, max_new_tokens=1, output_logits=True, return_dict_in_generate=True
        )
        logits: NDArray[np.float32] = made.logits[0][1].float().cpu().numpy()
        return logits

    def _answers(self, image: Image.Image) -> list[str]:
        ids = self._generate(image, max_new_tokens=_MOST_TOKENS, num_beams=_BEAMS)
        tokenizer = self._loaded.processor.tokenizer
        # Boxes are special tokens too: they part one object's name from the next.
        texts: list[str] = tokenizer.batch_decode(ids, skip_special_tokens=False)
        ends = [token for token in tokenizer.all_special_tokens if not _BOX.fullmatch(token)]
        return [_without(text, ends) for text in texts]

    def _generate(self, image: Image.Image, **how: Any) -> Any:
        import torch

        model, processor = self._loaded.model, self._loaded.processor
        with torch.inference_mode():
            inputs = self._loaded.to_device(
                processor(text=list(_TASKS), images=[image] * len(_TASKS), padding=True,
                          return_tensors="pt")
            )  # fmt: skip
            seen = model.model.get_image_features(inputs["pixel_values"][:1]).pooler_output
            words = model.get_input_embeddings()(inputs["input_ids"])
            places = (inputs["input_ids"] == model.config.image_token_id)[..., None]
            features = seen.to(words.dtype).expand(len(_TASKS), *seen.shape[1:])
            embedded = words.masked_scatter(places, features)
            encoded = model.get_encoder()(
                inputs_embeds=embedded, attention_mask=inputs["attention_mask"]
            )
            return model.generate(
                encoder_outputs=encoded,
                attention_mask=inputs["attention_mask"],
                do_sample=False,
                **how,
            )


def _objects(text: str) -> list[str]:
    return [name.strip() for name in _BOX.split(text) if name.strip()]


def _without(text: str, tokens: list[str]) -> str:
    for token in tokens:
        text = text.replace(token, " ")
    return " ".join(text.split())
