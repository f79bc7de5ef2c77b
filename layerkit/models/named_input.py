"""Inputs that come with names, in the order of a model's columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.data.frames import column_names, features, is_frame
from layerkit.errors import DataError
from layerkit.interfaces.dataset import Dataset, RandomAccess, Stream
from layerkit.models.schema import Schema


def in_order(x: Any, schema: Schema) -> Any:
    """A DataFrame as an array of the model's columns, a column of targets left out; anything else as it is.

    Raises:
        DataError: a column is missing, foreign, or holds no numbers, or ``x`` is a source of whole examples.
    """
    if type(x) is np.ndarray:
        return x
    if isinstance(x, (Dataset, RandomAccess, Stream)):
        hint = ": give its inputs, .x" if hasattr(x, "x") else ", which loads examples: give inputs, .load(split).x"
        raise DataError(f"predict takes an array or a DataFrame, got {type(x).__name__}{hint}")
    if not is_frame(x):
        return x
    names = column_names(x)
    targets = [name for name in schema.targets if name not in (schema.columns or ())]
    order = schema.order(names, extra=targets)
    wanted = None if order is None or names is None else [names[place] for place in order.tolist()]
    return features(x, columns=wanted).array
