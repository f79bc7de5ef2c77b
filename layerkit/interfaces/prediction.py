"""What an engine is asked to predict with, and what it answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, final

from layerkit.types import Array, Value


@final
@dataclass(frozen=True, slots=True)
class PredictionJob:
    """A model that is to predict batches of ``rows`` rows, None: of any; its values do not change any more.

    ``inference`` is an ``Inference``: ``inference.passes()`` are the model's context tree, in inference mode, and that
    of its readout, if it has one, each with its ``structure`` and ``node``.
    """

    inference: Any
    rows: int | None


class FixedPrediction(NamedTuple):
    """A prediction in memory that stays: ``run()`` fills ``output`` with what is predicted of ``x``."""

    x: Array
    run: Callable[[], object]
    output: Array


class Prediction(ABC):
    """Predicts batches, one after another, for one thread at a time."""

    @abstractmethod
    def run(self, x: Value) -> Array:
        """What is predicted of ``x``, which has been checked: the caller's own array."""

    def fixed(self, x: Value) -> FixedPrediction | None:
        """The same in memory that stays, for arrays of the shape and dtype of ``x``; None where that does not pay."""
        return None
