"""Inputs that come with names: columns in the order of a model's, arrays in that of its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from layerkit.data.frames import column_names, features, is_frame
from layerkit.errors import DataError
from layerkit.interfaces.dataset import Dataset, RandomAccess, Stream
from layerkit.models.schema import Schema
from layerkit.suggestions import did_you_mean, quoted
from layerkit.types import Value


def in_order(x: Any, schema: Schema, names: Sequence[str] = ()) -> Any:
    """A DataFrame as an array of the model's columns, a column of targets left out; a dictionary as arrays in the order
    of ``names``, the model's inputs; anything else as it is.

    Raises:
        DataError: a column or an input is missing, foreign, or holds no numbers, or ``x`` is a
            source of whole examples.
    """
    if type(x) is np.ndarray:
        return x
    if isinstance(x, Mapping):
        return tuple_of({name: in_order(part, Schema()) for name, part in x.items()}, names)
    if isinstance(x, (Dataset, RandomAccess, Stream)):
        hint = ": give its inputs, .x" if hasattr(x, "x") else ", which loads examples: give inputs, .load(split).x"
        raise DataError(f"predict takes an array or a DataFrame, got {type(x).__name__}{hint}")
    if not is_frame(x):
        return x
    own = column_names(x)
    targets = [name for name in schema.targets if name not in (schema.columns or ())]
    order = schema.order(own, extra=targets)
    wanted = None if order is None or own is None else [own[place] for place in order.tolist()]
    return features(x, columns=wanted).array


def tuple_of(given: Mapping[str, Any], names: Sequence[str]) -> Value:
    """What is given by name, in the order of a model's inputs: a tuple, or the one thing where there is one input.

    Raises:
        DataError: an input is missing, or one is there that the model does not know, or its inputs have no names.
    """
    if not names:
        raise DataError(
            f"the model's inputs have no names, and the data came by name, {quoted(given)}: give an array, or a tuple "
            "of arrays where there are several inputs; Graph and Parallel name inputs"
        )
    unknown = [str(name) for name in given if name not in names]
    missing = [name for name in names if name not in given]
    if unknown or missing:
        told = [f"{quoted(missing)} {'is' if len(missing) == 1 else 'are'} missing"] * bool(missing)
        told += [f"it knows no {quoted(unknown)}"] * bool(unknown)
        hint = did_you_mean(unknown[0], missing or names) if unknown else ""
        raise DataError(f"the model reads inputs by name, {quoted(names)}: {', and '.join(told)}.{hint}")
    values = tuple(given[name] for name in names)
    return values if len(values) > 1 else values[0]
