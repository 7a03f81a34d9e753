"""Writes the trained network as ONNX with int8 weights, its characters inside."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from training.text.model import FEATURES, LineNet

_LARGE = 1024
"""Weights of more numbers are kept as int8 with scales."""


class _Chances(nn.Module):
    """(1, 384, T) to (1, T, C) probabilities."""

    def __init__(self, net: LineNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, features: Tensor) -> Tensor:
        return self.net(features).softmax(-1)


def write_onnx(net: LineNet, characters: Sequence[str], path: Path) -> str:
    """Write and give name, size and sha256."""
    net.eval()
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.onnx"
        torch.onnx.export(
            _Chances(net), (torch.zeros(1, FEATURES, 40),), str(draft), input_names=["features"],
            output_names=["chances"], opset_version=17, dynamo=False,
            dynamic_axes={"features": {2: "steps"}, "chances": {1: "steps"}},
        )  # fmt: skip
        model = onnx.load(draft)
    _pack(model.graph)
    entry = model.metadata_props.add()
    entry.key, entry.value = "characters", "".join(characters)
    model.producer_name, model.producer_version, model.doc_string = "training.text", "", ""
    data = model.SerializeToString(deterministic=True)
    path.write_bytes(data)
    return f"{path.name}: {len(data) / 1e6:.2f} MB, sha256 {hashlib.sha256(data).hexdigest()}"


def _pack(graph: onnx.GraphProto) -> None:
    """Weights as int8 with a scale for each row; loading folds them back into float32."""
    unpacking, scales = [], []
    for item in graph.initializer:
        values = numpy_helper.to_array(item)
        if item.data_type != TensorProto.FLOAT or values.size < _LARGE:
            continue
        name = item.name
        rows = tuple(range(1, values.ndim))
        scale = np.maximum(np.abs(values).max(axis=rows, keepdims=True) / 127, 1e-12)
        whole = np.round(values / scale).astype(np.int8)
        item.CopyFrom(numpy_helper.from_array(whole, f"{name}.int8"))
        scales.append(numpy_helper.from_array(scale.astype(np.float32), f"{name}.scale"))
        unpacking += [
            helper.make_node("Cast", [item.name], [f"{name}.cast"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{name}.cast", f"{name}.scale"], [name]),
        ]
    graph.initializer.extend(scales)
    for node in reversed(unpacking):
        graph.node.insert(0, node)


__all__ = ["write_onnx"]
