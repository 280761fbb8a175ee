"""Albums: a photo cloud for one person, on a box at home. Nothing ever leaves it."""

import os

# Before numpy is first imported. Two BLAS threads wait for each other as soon as anything else
# works: a query of 12 ms took 430 ms beside a busy pipeline. Heavy work has engines of its own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
