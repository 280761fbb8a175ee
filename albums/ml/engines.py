"""What computes a net: exporting it once to ONNX, int8, and the check that nothing got lost.

An engine is only used after its vectors were compared with torch's fp32 vectors.
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from albums.errors import AlbumsError

if TYPE_CHECKING:
    import numpy as np
    import onnxruntime
    import torch
    from numpy.typing import NDArray

    Run = Callable[[NDArray[Any]], NDArray[np.float32]]

COSINE_AT_LEAST = 0.98
SAME_NEIGHBOURS_AT_LEAST = 0.8
_NEIGHBOURS = 10


class EngineBroken(AlbumsError):
    """An exported net does not load: the file is damaged or this machine cannot run it."""

    status, exit_code, code = 500, 13, "engine-broken"


@dataclass(frozen=True)
class Parity:
    """How near a candidate's vectors are to the reference's on the same inputs."""

    cosine: float  # the worst of all inputs
    same_neighbours: float  # mean share of the ten nearest inputs that stay the same

    @property
    def kept(self) -> bool:
        near = self.cosine >= COSINE_AT_LEAST
        return near and self.same_neighbours >= SAME_NEIGHBOURS_AT_LEAST

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


def parity(reference: NDArray[np.float32], candidate: NDArray[np.float32]) -> Parity:
    """Compares vectors of shape (inputs, dims), row by row; rows need not be unit length."""
    import numpy as np

    if not np.isfinite(candidate).all():
        return Parity(0.0, 0.0)
    ours, theirs = unit(reference), unit(candidate)
    cosine = float((ours * theirs).sum(1).min())
    same = [len(a & b) / len(a) for a, b in zip(_nearest(ours), _nearest(theirs), strict=True) if a]
    return Parity(cosine, float(np.mean(same)) if same else 1.0)


def _nearest(vectors: NDArray[np.float32]) -> Iterator[set[int]]:
    import numpy as np

    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -2)
    wanted = min(_NEIGHBOURS, len(vectors) - 1)
    return (set(row[:wanted].tolist()) for row in np.argsort(-alike, axis=1))


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length one, float32; a row of zeros stays as it is."""
    import numpy as np

    vectors = vectors.astype(np.float32, copy=False)
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: NDArray[np.float32] = vectors / np.maximum(length, np.float32(1e-12))
    return scaled


def session(path: Path, threads: int) -> Run:
    """An ONNX file as a function of one batch. `threads` 0 = all cores."""
    return session_with_notes(path, threads)[0]


def session_with_notes(path: Path, threads: int) -> tuple[Run, dict[str, str]]:
    """`session`, and what its makers wrote into the file, such as the characters it knows."""
    loaded = _loaded(path, threads)
    name = loaded.get_inputs()[0].name

    def run(batch: NDArray[Any]) -> NDArray[np.float32]:
        answer: NDArray[np.float32] = loaded.run(None, {name: batch})[0]
        return answer

    return run, dict(loaded.get_modelmeta().custom_metadata_map)


def _loaded(path: Path, threads: int) -> onnxruntime.InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Idle threads that spin would steal the cores from searching.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except _ort_errors() as error:
        raise EngineBroken(
            f"{path.name} cannot be run",
            why=str(error).splitlines()[0][:200],
            hint=f"Remove {path} and run albums models use {path.parent.name} to make it again",
        ) from error


def _ort_errors() -> tuple[type[Exception], ...]:
    # onnxruntime's errors have no common parent of their own.
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    return (
        state.Fail,
        state.InvalidArgument,
        state.InvalidGraph,
        state.InvalidProtobuf,
        state.NoSuchFile,
        state.NotImplemented,
        state.RuntimeException,
    )


def torch_run(module: torch.nn.Module, dtype: torch.dtype | None = None) -> Run:
    """A torch module as a function of one batch; `dtype` casts what comes in."""
    import torch

    def run(batch: NDArray[Any]) -> NDArray[np.float32]:
        with torch.inference_mode():
            given = torch.from_numpy(batch)
            given = given.to(dtype) if dtype is not None and given.is_floating_point() else given
            answer: NDArray[np.float32] = module(given).float().numpy()
        return answer

    return run


def export(
    module: torch.nn.Module, example: torch.Tensor, path: Path, *, traced: bool = False
) -> None:
    """Writes `module` as ONNX with a free batch size; `example` has batch 2.

    `traced` takes a tenth of the time and is enough for plain convolutions; attention needs more.
    """
    import torch

    how: dict[str, Any] = {
        "dynamo": True,
        "dynamic_shapes": ({0: torch.export.Dim("batch", min=1, max=1024)},),
        "external_data": False,
    }
    if traced:
        how = {"dynamo": False, "dynamic_axes": {"batch": {0: "n"}, "vectors": {0: "n"}}}
    with whole(path) as unfinished, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporters warn of their own internals
        torch.onnx.export(
            module,
            (example,),
            unfinished,
            input_names=["batch"],
            output_names=["vectors"],
            verbose=False,
            **how,
        )


def quantise(source: Path, path: Path) -> None:
    """int8 weights for the matrix products, activations quantised as they come."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = onnx.load(source)
    del graph.graph.value_info[:]  # stale shapes make the quantiser refuse some towers
    with whole(path) as unfinished, _quiet_quantiser():
        quantize_dynamic(
            graph, unfinished, op_types_to_quantize=["MatMul", "Gemm"], weight_type=QuantType.QInt8
        )


@contextmanager
def _quiet_quantiser() -> Iterator[None]:
    """It tells the root logger of every tensor that it leaves as it is."""

    def foreign(record: logging.LogRecord) -> bool:
        return "quantization" not in record.pathname

    logging.getLogger().addFilter(foreign)
    try:
        yield
    finally:
        logging.getLogger().removeFilter(foreign)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A name to write under; becomes `path` in one step, or nothing stays behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def per_second(run: Run, batch: NDArray[Any], rounds: int = 3) -> float:
    """Inputs a second at this batch size: the best of a few rounds, after a warm-up."""
    run(batch)
    best = min(_seconds(run, batch) for _ in range(rounds))
    return len(batch) / best


def _seconds(run: Run, batch: NDArray[Any]) -> float:
    start = time.perf_counter()
    run(batch)
    return time.perf_counter() - start


def has_bf16() -> bool:
    """Whether this CPU computes bf16; where it only emulates it, bf16 is 5 times slower."""
    import torch

    flags = torch.cpu.get_capabilities()
    return bool(flags.get("avx512_bf16") or flags.get("amx_bf16"))


def chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def ahead(make: Callable[[Any], Any], parts: Iterable[Any]) -> Iterator[Any]:
    """`make` of each part, in order; the next is being made while one is being used."""
    with ThreadPoolExecutor(1) as pool:
        waiting: Future[Any] | None = None
        for part in parts:
            coming = pool.submit(make, part)
            if waiting is not None:
                yield waiting.result()
            waiting = coming
        if waiting is not None:
            yield waiting.result()
