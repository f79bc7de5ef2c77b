"""A few rows of the training data, for looking at."""

from __future__ import annotations

import numpy as np

from layerkit.data.examples import Examples
from layerkit.interfaces.dataset import Batch
from layerkit.interfaces.scratch import Scratch
from layerkit.steps.intake import Intake
from layerkit.types import Array

_NUMBERS = 2**18
_AT_LEAST = 8


def sample(data: Intake, rows: int, *, in_memory: bool = False) -> Batch | None:
    """At most ``rows`` rows as model and cost take them; fewer where a row is large. The same ones at each call.

    None where the data is not held in arrays: a stream is not read ahead, and a source of one's own may count or draw;
    ``in_memory`` leaves memory-mapped arrays alone too.
    """
    source = data.source
    if not isinstance(source, Examples) or source.y is None:
        return None
    inputs = source.x if isinstance(source.x, tuple) else (source.x,)
    if in_memory and any(isinstance(array, np.memmap) for array in (*inputs, source.y)):
        return None
    numbers = sum(array[:1].size for array in inputs)
    rows = min(rows, max(_AT_LEAST, _NUMBERS // max(numbers, 1)))
    scratch = Scratch(data.dtype)
    return data.ready(source.batch(_places(len(source), rows), scratch), scratch)


def sample_targets(data: Intake, rows: int) -> Array | None:
    """The targets of at most ``rows`` rows, in the data's order, as the cost takes them; None as for ``sample``."""
    source = data.source
    if not isinstance(source, Examples) or source.y is None or isinstance(source.y, np.memmap):
        return None
    return data.targets_for_cost(source.y[_places(len(source), rows)], Scratch(data.dtype))


def _places(count: int, rows: int) -> Array:
    # drawn, not evenly spaced: data may repeat with a period
    return np.sort(np.random.default_rng(0).choice(count, rows, replace=False)) if count > rows else np.arange(count)
