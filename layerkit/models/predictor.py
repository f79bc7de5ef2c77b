"""A model frozen for prediction."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from layerkit.calls import explained
from layerkit.errors import ShapeError
from layerkit.interfaces.activation import Activation
from layerkit.models.boundary import checked_input, row_count
from layerkit.models.inference import Inference
from layerkit.models.named_input import in_order
from layerkit.models.node import Node
from layerkit.models.schema import Schema
from layerkit.models.structure import Structure
from layerkit.models.tape import Tape, unrecorded
from layerkit.types import Array, Value


@final
class Predictor:
    """Predicts batches of one size, in memory that is laid out once: what ``Model.predictor`` gives.

    Holds a copy of the parameters, so training the model further does not change it. Where every layer may be recorded,
    a prediction is the NumPy operations alone. A predictor serves one thread at a time: make one for each thread.
    """

    def __init__(self, structure: Structure, node: Node, readout: Activation | None, rows: int, schema: Schema) -> None:
        self.schema = schema
        """The names that the model knew when this was made."""
        self._structure = structure
        self._node = node
        self._readout = readout
        self._rows = rows
        self._inference = Inference(structure, node, readout)
        self._x: Value = None
        self._tape: Tape | None = None
        self._output: Array

    @explained
    def predict(self, x: Any) -> Array:
        """What the model says of each row of ``x``, ``(rows, *input_shape)``: the caller's own array.

        Raises:
            ShapeError: ``x`` has another shape, or another number of rows, than the predictor was made for.
        """
        if self._tape is None:
            return self._first(x)
        held = self._x
        if type(x) is not np.ndarray or x.shape != held.shape or x.dtype != held.dtype:
            x = self._checked(x)
            if x.dtype != held.dtype:
                return np.array(self._inference.predict(x))
        np.copyto(held, x)
        self._tape.run()
        return self._output.copy()

    def _first(self, x: Any) -> Array:
        """The first prediction, and any other where recording is not possible."""
        x = self._checked(x)
        output: Array = np.array(self._inference.predict(x))
        if self._x is None:
            self._x = x
            nodes = [inner for each in self._inference.passes() for inner in each.node.walk()]
            if isinstance(x, np.ndarray) and all(node.layer.recordable for node in nodes):
                self._record(x.copy(), output)
        return output

    def _record(self, x: Array, expected: Array) -> None:
        tape = Tape()
        try:
            recorded = Inference(self._structure, self._node, self._readout, wrap=tape.wrap)
            output = unrecorded(recorded.predict(tape.wrap(x)))
            tape.run()
        except Exception:
            # what takes arrays of NumPy's own only is predicted by the passes
            return
        # the operations are repeated only if, run once more, they gave what the passes gave
        if tape.valid and np.array_equal(output, expected):
            self._x, self._tape, self._output = x, tape, output

    def _checked(self, x: Any) -> Value:
        x = checked_input(in_order(x, self.schema, self._node.layer.input_names), self._node, self._structure.dtype)
        rows = row_count(x)
        if rows != self._rows:
            raise ShapeError(f"this predictor was made for batches of {self._rows} rows, got {rows}; make another")
        return x
