"""Tiny checkpoints with random weights in the real file formats, so that the real loaders run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from albums.ml.torchvision_cure import cure_torchvision

TINY_CLIP = {
    "embed_dim": 64,
    "vision_cfg": {
        "image_size": 64, "layers": 2, "width": 64, "patch_size": 16, "head_width": 32
    },
    "text_cfg": {
        "context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 2
    },
}  # fmt: skip


def picture(seed: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """A coloured pattern; another seed gives another picture."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def make_clip(folder: Path, seed: int = 0) -> None:
    """An open_clip checkpoint of the architecture "tiny-clip", which it also registers."""
    cure_torchvision()
    import open_clip
    import torch
    from safetensors.torch import save_model

    folder.mkdir(parents=True, exist_ok=True)
    configs = folder / "configs"
    configs.mkdir(exist_ok=True)
    (configs / "tiny-clip.json").write_text(json.dumps(TINY_CLIP))
    open_clip.add_model_config(configs)
    torch.manual_seed(seed)
    save_model(open_clip.create_model("tiny-clip"), str(folder / "open_clip_model.safetensors"))


@dataclass(frozen=True)
class Shape:
    """How large a captioner is; what is not named here is as small as the tokenizer needs."""

    pixels: int  # of the square picture that it looks at
    image_tokens: int
    vision: dict[str, Any]
    text: dict[str, Any]
    scale: int = 2  # pixels merged into one token, each way


TINY_IDEFICS = Shape(
    32, 4,
    {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
     "num_attention_heads": 2, "image_size": 32, "patch_size": 8},
    {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
     "num_attention_heads": 2, "num_key_value_heads": 2},
)  # fmt: skip
TINY_FLORENCE = Shape(
    64, 5,
    {"embed_dim": [8, 16, 16, 32], "num_heads": [1, 2, 2, 4], "num_groups": [1, 2, 2, 4],
     "depths": [1, 1, 1, 1], "window_size": 2, "projection_dim": 32},
    {"d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_ffn_dim": 64,
     "decoder_ffn_dim": 64, "encoder_attention_heads": 2, "decoder_attention_heads": 2},
)  # fmt: skip


def make_idefics(folder: Path, shape: Shape = TINY_IDEFICS) -> None:
    """What SmolVLM-256M-Instruct is, in small: Idefics3 with a chat template."""
    cure_torchvision()
    import torch
    from transformers import (
        Idefics3Config,
        Idefics3ForConditionalGeneration,
        Idefics3ImageProcessor,
        Idefics3Processor,
    )

    cells = [f"<row_{row}_col_{column}>" for row in range(1, 5) for column in range(1, 5)]
    named = {
        "image_token": "<image>",
        "fake_image_token": "<fake_token_around_image>",
        "global_image_token": "<global-img>",
        "end_of_utterance_token": "<end_of_utterance>",
    }
    start = "<|im_start|>"
    tokenizer = _tokenizer(
        ["<|endoftext|>", start, *named.values(), *cells],
        bos=start, eos="<end_of_utterance>", pad="<|endoftext|>", named=named,
    )  # fmt: skip
    size = len(tokenizer)
    image_token = tokenizer.convert_tokens_to_ids("<image>")
    config = Idefics3Config(
        vision_config=shape.vision,
        text_config={
            "model_type": "llama", "vocab_size": size, "max_position_embeddings": 2048,
            "pad_token_id": tokenizer.pad_token_id, **shape.text,
        },
        scale_factor=shape.scale, image_token_id=image_token,
    )  # fmt: skip
    torch.manual_seed(0)
    template = (
        "{% for m in messages %}<|im_start|>{{ m['role'] }}:{% for c in m['content'] %}"
        "{% if c['type'] == 'image' %}<image>{% else %}{{ c['text'] }}{% endif %}{% endfor %}"
        "<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"
    )
    edge = {"longest_edge": shape.pixels}
    images = Idefics3ImageProcessor(
        size={"longest_edge": 4 * shape.pixels}, max_image_size=edge, do_image_splitting=True
    )
    save: Any = Idefics3ForConditionalGeneration(config)
    save.save_pretrained(folder)
    processor = Idefics3Processor(
        images, tokenizer, image_seq_len=shape.image_tokens, chat_template=template
    )
    processor.save_pretrained(folder)


def make_florence(folder: Path, shape: Shape = TINY_FLORENCE) -> None:
    """Florence-2 in small, with its 1,000 location tokens."""
    cure_torchvision()
    import torch
    from transformers import (
        CLIPImageProcessor,
        Florence2Config,
        Florence2ForConditionalGeneration,
        Florence2Processor,
    )

    places = [f"<loc_{i}>" for i in range(1000)]
    tokenizer = _tokenizer(
        ["<s>", "<pad>", "</s>", "<unk>", "<image>", *places],
        bos="<s>", eos="</s>", pad="<pad>", named={"image_token": "<image>"},
    )  # fmt: skip
    config = Florence2Config(
        vision_config=shape.vision,
        text_config={
            "model_type": "bart", "vocab_size": len(tokenizer), "max_position_embeddings": 1024,
            "bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 2,
            **shape.text,
        },
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
    )  # fmt: skip
    torch.manual_seed(0)
    images: Any = CLIPImageProcessor(
        size={"height": shape.pixels, "width": shape.pixels},
        crop_size={"height": shape.pixels, "width": shape.pixels},
    )
    images.image_seq_length = shape.image_tokens
    Florence2ForConditionalGeneration(config).save_pretrained(folder)
    Florence2Processor(image_processor=images, tokenizer=tokenizer).save_pretrained(folder)


def _tokenizer(special: list[str], *, bos: str, eos: str, pad: str, named: dict[str, str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400 + len(special), special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
    )  # fmt: skip
    tokenizer.train_from_iterator(["a photo of two dogs on a beach", "title tags"], trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, bos_token=bos, eos_token=eos, pad_token=pad,
        extra_special_tokens=named,
    )  # fmt: skip
