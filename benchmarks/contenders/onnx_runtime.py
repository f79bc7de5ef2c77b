"""ONNX Runtime, which predicts alone."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.contender import Contender, Problem, RefusedError
from benchmarks.data import Array
from benchmarks.reference import Parameters

_OPSET, _IR = 17, 10


@final
class OnnxRuntime(Contender):
    """The network as ``Gemm`` and ``Sigmoid`` nodes in an ``InferenceSession`` on the processor."""

    cost = None

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = problem.threads
        model = _model(problem).SerializeToString()
        self._session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def train(self, rows: Array) -> float:
        raise RefusedError("it predicts, and trains nothing")

    def parameters(self) -> Parameters:
        return self.problem.initial

    def predict(self, x: Array) -> Array:
        (found,) = self._session.run(None, {"x": x})
        return np.asarray(found)


def _model(problem: Problem) -> Any:
    nodes, constants, name = [], [], "x"
    for place, (weights, biases) in enumerate(problem.initial):
        constants += [numpy_helper.from_array(weights, f"w{place}"), numpy_helper.from_array(biases, f"b{place}")]
        nodes.append(helper.make_node("Gemm", [name, f"w{place}", f"b{place}"], [f"z{place}"]))
        nodes.append(helper.make_node("Sigmoid", [f"z{place}"], [f"a{place}"]))
        name = f"a{place}"
    sizes = problem.case.sizes
    ends = [
        [helper.make_tensor_value_info(end, TensorProto.FLOAT, [None, size])]
        for end, size in (("x", sizes[0]), (name, sizes[-1]))
    ]
    graph = helper.make_graph(nodes, problem.case.name, *ends, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
