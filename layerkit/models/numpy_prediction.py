"""Predictions in NumPy."""

from __future__ import annotations

from typing import final

import numpy as np

from layerkit.interfaces.prediction import FixedPrediction, Prediction, PredictionJob
from layerkit.models.inference import Inference
from layerkit.models.piece_rows import piece_rows
from layerkit.models.tape import Tape, unrecorded
from layerkit.types import Array, Value

_FEW_BYTES = 2**18
"""Of so much the copy into memory that stays costs less than what it saves."""


@final
class NumpyPrediction(Prediction):
    """Runs the layers' passes; of few rows, where every layer may be recorded, the NumPy operations alone."""

    def __init__(self, job: PredictionJob) -> None:
        self._inference: Inference = job.inference

    def run(self, x: Value) -> Array:
        if _is_small(x):
            return np.array(self._inference.predict(x))
        # layers hold on to what they were given, and so would a tree that is kept
        return self._inference.again().predict_in_pieces(x, None, piece_rows(self._inference.passes()[0].node, x))

    def fixed(self, x: Value) -> FixedPrediction | None:
        nodes = [inner for each in self._inference.passes() for inner in each.node.walk()]
        if isinstance(x, tuple) or not _is_small(x) or not all(node.layer.recordable for node in nodes):
            return None
        held, expected = x.copy(), self.run(x)
        tape = Tape()
        try:
            output = unrecorded(self._inference.again(tape.wrap).predict(tape.wrap(held)))
            tape.run()
        except Exception:
            # what takes arrays of NumPy's own only is predicted by the passes
            return None
        # the operations are repeated only if, run once more, they gave what the passes gave
        return FixedPrediction(held, tape.run, output) if tape.valid and np.array_equal(output, expected) else None


def _is_small(x: Value) -> bool:
    return sum(part.nbytes for part in x) <= _FEW_BYTES if isinstance(x, tuple) else x.nbytes <= _FEW_BYTES
