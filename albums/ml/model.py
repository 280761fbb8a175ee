"""What a model must be able to do. Each file beside this one is one family of models.

Vectors of different spaces never mix: `space` names model and engine together and is stored
beside every vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image


@dataclass(frozen=True)
class Label:
    """Something a model believes is in the picture: `name` ("tabby cat"), its probability
    `score` (0..1) and its `broader` names from near to far ("cat", "feline", "animal")."""

    name: str
    score: float
    broader: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """One image as the embedder saw it: a unit vector, float32 of shape (dims,), and labels,
    most probable first (at most about ten; empty where the model has none)."""

    vector: NDArray[np.float32]
    labels: tuple[Label, ...] = ()


class ImageTextEmbedder(Protocol):
    """Puts images and sentences into one space, where near means alike."""

    model: str  # id in the manifest, such as "clip-vit-b-32-256"
    engine: str  # what computes it, such as "onnxruntime-int8"
    space: str  # model and engine: only vectors of one space may be compared
    dims: int
    batch: int  # the batch size that is quickest here

    def see(self, images: Sequence[Image.Image]) -> list[Seen]:
        """Upright RGB images of any size -> one Seen each, in order."""

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Sentences -> unit vectors, float32 of shape (len(texts), dims)."""


@dataclass(frozen=True)
class Scene:
    """What a captioner may look at: the image and what the library already believes."""

    image: Image.Image  # upright RGB, the 800 px picture
    labels: tuple[Label, ...] = ()
    captured_at: str | None = None  # ISO 8601
    place: str | None = None  # "Lisbon, Portugal"
    name: str = ""  # the file's name
    kind: str = "Photo"  # of what: Photo, or Video, whose poster it is


@dataclass(frozen=True)
class Caption:
    """A title of 3-7 words, a description of 1-3 sentences, 5-10 lowercase tags.

    A model that is not sure gives fewer tags rather than wrong ones.
    """

    title: str
    description: str
    tags: tuple[str, ...] = field(default=())


class Captioner(Protocol):
    """Describes one scene in words."""

    model: str
    engine: str
    version: str  # change it and every caption is written again

    def caption(self, scene: Scene) -> Caption:
        """Always a valid Caption, by construction."""


@dataclass(frozen=True)
class ReadLine:
    """A line of text in a picture. `box`: left, top, right, bottom as fractions of the picture's
    width and height; `sure`: 0..1; `turn`: by how many quarters to the left the picture is to be
    turned until this stands upright."""

    text: str
    box: tuple[float, float, float, float]
    sure: float
    turn: int = 0


class TextReader(Protocol):
    """Reads the text in a picture (OCR)."""

    model: str
    version: str  # change it and every picture is read again

    def glance(self, image: Image.Image) -> list[tuple[float, float, float, float]]:
        """Where text seems to stand, without reading it: boxes as in `ReadLine`. Cheap."""

    def read(self, image: Image.Image) -> list[ReadLine]:
        """Upright RGB picture -> its lines in reading order."""


class FaceModel(Protocol):
    """Finds faces and gives each a vector."""

    model: str

    def faces(
        self, image: Image.Image
    ) -> list[tuple[tuple[float, float, float, float], NDArray[np.float32]]]:
        """Boxes as fractions of width and height, each with its unit vector."""
