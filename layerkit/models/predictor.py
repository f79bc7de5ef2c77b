"""A model frozen for prediction."""

from __future__ import annotations

from functools import partial
from typing import Any, final

import numpy as np

from layerkit.errors import ShapeError
from layerkit.interfaces.scratch import Scratch
from layerkit.models.boundary import checked_input
from layerkit.models.node import Node
from layerkit.models.passes import Pass
from layerkit.models.recording import RecordedScratch, Tape
from layerkit.models.structure import Structure
from layerkit.random_streams import RandomStreams
from layerkit.types import Array, Value


@final
class Predictor:
    """Predicts batches of one size, in memory that is laid out once: what ``Model.predictor`` gives.

    Holds a copy of the parameters, so training the model further does not change it. Where every layer may be recorded,
    a prediction is the NumPy operations alone. A predictor serves one thread at a time: make one for each thread.
    """

    def __init__(self, structure: Structure, node: Node, readout: tuple[Structure, Node] | None, rows: int) -> None:
        self._node = node
        self._dtype = structure.dtype
        self._rows = rows
        self._nodes = [(structure, node)] if readout is None else [(structure, node), readout]
        self._passes = self._contexts(Scratch)
        self._x: Value = None
        self._tape: Tape | None = None
        self._output: Array

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
                return np.array(self._run(self._passes, x))
        np.copyto(held, x)
        self._tape.run()
        return self._output.copy()

    def _first(self, x: Any) -> Array:
        """The first prediction, and any other where recording is not possible."""
        x = self._checked(x)
        output: Array = np.array(self._run(self._passes, x))
        if self._x is None:
            self._x = x
            if isinstance(x, np.ndarray) and all(
                inner.layer.recordable for _, node in self._nodes for inner in node.walk()
            ):
                self._record(x.copy(), output)
        return output

    def _record(self, x: Array, expected: Array) -> None:
        tape = Tape()
        for structure, _ in self._nodes:
            tape.know(structure.parameters)
            tape.know(structure.states)
        output = self._run(self._contexts(partial(RecordedScratch, tape=tape)), tape.wrap(x)).view(np.ndarray)
        tape.run()
        if tape.valid and np.array_equal(output, expected):
            self._x, self._tape, self._output = x, tape, output

    def _contexts(self, scratch: Any) -> list[Pass]:
        return [
            Pass(structure, node, RandomStreams(0), training=False, scratch=scratch) for structure, node in self._nodes
        ]

    def _run(self, passes: list[Pass], x: Value) -> Value:
        for each in passes:
            x = each.forward(x, float(self._rows))
        return x

    def _checked(self, x: Any) -> Value:
        x = checked_input(x, self._node, self._dtype)
        rows = (x[0] if isinstance(x, tuple) else x).shape[0]
        if rows != self._rows:
            raise ShapeError(f"this predictor was made for batches of {self._rows} rows, got {rows}; make another")
        return x
