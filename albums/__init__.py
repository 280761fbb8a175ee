"""Albums: a photo cloud for one person, on a box at home. Nothing ever leaves it."""

import os

# Before numpy is first imported. Two BLAS threads wait for each other as soon as anything else
# works: a query of 12 ms took 430 ms beside a busy pipeline. Heavy work has engines of its own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Before onnxruntime is first imported, in guarded and in short-lived processes alike. From C++,
# where no hook sees it, it keeps a diary of models and runs and sends that to its maker.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"
