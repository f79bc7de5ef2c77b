"""A model frozen for prediction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, final

import numpy as np

from layerkit.calls import explained
from layerkit.errors import ShapeError
from layerkit.interfaces.engine import Engine
from layerkit.interfaces.prediction import Prediction, PredictionJob
from layerkit.models.boundary import checked_input, row_count
from layerkit.models.inference import Inference
from layerkit.models.named_input import in_order
from layerkit.models.numpy_prediction import NumpyPrediction
from layerkit.models.schema import Schema
from layerkit.types import Array, DType, Value


@final
class Predictor:
    """Predicts batches of one size, or of any, in memory that is laid out once: what ``Model.predictor`` gives.

    Holds a copy of the parameters, so training the model further does not change it. In NumPy, where every layer may be
    recorded, the prediction of few rows is the NumPy operations alone; an engine that compiles does so at the first
    prediction. A predictor serves one thread at a time: make one for each thread, or copy one. It is not pickled.
    """

    def __init__(self, inference: Inference, rows: int | None, schema: Schema, engine: Engine | None) -> None:
        self.schema = schema
        """The names that the model knew when this was made."""
        (self._model, *_) = inference.passes()
        self._rows, self._inference, self._engine = rows, inference, engine
        job = PredictionJob(inference, rows)
        self._prediction: Prediction = NumpyPrediction(job) if engine is None else engine.start_prediction(job)
        self._fixed: tuple[Array, Callable[[], object], Array, tuple[int, ...], DType] | None = None
        self._begun = False

    def __deepcopy__(self, memo: dict[int, Any]) -> Predictor:
        return Predictor(self._inference.again(), self._rows, self.schema, self._engine)

    def __copy__(self) -> Predictor:
        return self.__deepcopy__({})

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Predictor is laid out in the memory of its process, and is not pickled: pickle or save the model, and "
            "make a predictor of it where one is needed"
        )

    @explained
    def predict(self, x: Any) -> Array:
        """What the model says of each row of ``x``, ``(rows, *input_shape)``: the caller's own array.

        Raises:
            ShapeError: ``x`` has another shape, or another number of rows, than the predictor was made for.
        """
        if self._fixed is None:
            return self._passed(x)
        held, run, output, shape, dtype = self._fixed
        # every test of these is a part of a microsecond
        if type(x) is not np.ndarray or x.dtype is not dtype or x.shape != shape:
            x = self._checked(x)
            if x.dtype != dtype:
                return self._prediction.run(x)
        held[...] = x
        run()
        return output.copy()

    def _passed(self, x: Any) -> Array:
        """The first prediction, and any other where memory that stays is of no use."""
        x = self._checked(x)
        output = self._prediction.run(x)
        if self._rows is not None and not self._begun:
            self._begun, fixed = True, self._prediction.fixed(x)
            self._fixed = None if fixed is None else (*fixed, fixed.x.shape, fixed.x.dtype)
        return output

    def _checked(self, x: Any) -> Value:
        node = self._model.node
        x = checked_input(in_order(x, self.schema, node.layer.input_names), node, self._model.structure.dtype)
        rows = row_count(x)
        if self._rows not in (None, rows):
            raise ShapeError(f"this predictor was made for batches of {self._rows} rows, got {rows}; make another")
        return x
