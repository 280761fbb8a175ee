"""Makes albums/ml/class_vectors.npy: MiniLM's vector of each ImageNet class, 1,000 x 384 float16.

Half a minute of work that is the same on every machine. Run again when the texts change:
python scripts/make_class_vectors.py
"""

import numpy as np

from albums.ml.basic import CLASS_VECTORS, class_text
from albums.ml.imagenet import classes
from albums.ml.minilm import MiniLM

if __name__ == "__main__":
    vectors = MiniLM().embed([class_text(known) for known in classes()])
    np.save(CLASS_VECTORS, vectors.astype(np.float16))
