"""Models: one file each, loaded late, offline only."""

import os

# Before numpy is first imported. Two BLAS threads wait for each other as soon as anything else
# works: a query of 12 ms took 430 ms beside a busy pipeline. Heavy work has engines of its own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
