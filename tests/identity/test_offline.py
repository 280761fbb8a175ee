"""Libraries that report to their makers by themselves do not do so in a process of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# A model of one step, opened and run.
_RUN = """
import onnx, onnxruntime, numpy
from onnx import helper
x, y = (helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [1]) for n in "xy")
graph = helper.make_graph([helper.make_node("Abs", ["x"], ["y"])], "g", [x], [y])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
session = onnxruntime.InferenceSession(model.SerializeToString())
assert session.run(None, {"x": numpy.array([-2], numpy.float32)})[0] == 2
"""


def diary(code: str, home: Path) -> list[str]:
    """What such a process leaves in its user's home."""
    home.mkdir()
    silencing = ("ORT_", "XDG_", "CI", "GITHUB_ACTIONS")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(silencing)}
    subprocess.run(
        [sys.executable, "-c", code], check=True, env=environment | {"HOME": str(home)}, timeout=60
    )
    return [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()]


def test_the_engine_of_the_models_keeps_no_diary_to_send(tmp_path: Path) -> None:
    assert any("onnxruntime" in file for file in diary(_RUN, tmp_path / "without"))
    assert diary("import albums" + _RUN, tmp_path / "with") == []
