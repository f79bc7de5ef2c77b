"""Where data enters a model: shapes are checked once, here, and floating input is cast to the model's dtype."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.arrays import cast, plain_array
from layerkit.errors import DataError, ShapeError
from layerkit.models.node import Node
from layerkit.shapes import channels_last_hint, fits, is_many, with_batch
from layerkit.types import Array, DType, Shape, Value


def checked_input(x: Any, node: Node, dtype: DType) -> Value:
    """``x`` as the model's layers take it: arrays of the built shape, in ``dtype`` (integers only where wanted).

    Raises:
        ShapeError: an array does not fit; the message names the layer and both shapes.
        DataError: ``x`` is not numeric.
    """
    if type(x) is np.ndarray and x.dtype == dtype and x.shape[1:] == node.input_shape and x.ndim > 0:
        return x
    return cast_inputs(required_input(x, node), node, dtype)


def cast_inputs(x: Value, node: Node, dtype: DType) -> Value:
    """``x`` in ``dtype``, integers as they are where the model's layers take them."""
    keeps = keeps_integers(node)
    if isinstance(x, tuple):
        return tuple(cast(part, dtype, keep_integers=keep) for part, keep in zip(x, keeps, strict=True))
    return cast(x, dtype, keep_integers=keeps[0])


def keeps_integers(node: Node) -> tuple[bool, ...]:
    """For each input, whether integers stay what they are."""
    kind = node.layer.integer_input
    kinds = kind if isinstance(kind, tuple) else (kind,) * (len(node.input_shape) if is_many(node.input_shape) else 1)
    return tuple(each != "cast" for each in kinds)


def required_input(x: Any, node: Node) -> Value:
    """``x`` as arrays of the built shape, in whatever dtype it has.

    Raises:
        ShapeError, DataError: as ``checked_input``.
    """
    shape = node.input_shape
    if not is_many(shape):
        if isinstance(x, tuple) and any(isinstance(part, np.ndarray) for part in x):
            raise ShapeError(
                f"{_reader(node)} takes one array of shape {with_batch(shape)}, got a tuple of {len(x)} arrays"
            )
        return _required(x, shape, node)
    if not isinstance(x, tuple) or len(x) != len(shape):
        raise ShapeError(f"{_reader(node)} takes a tuple of {len(shape)} arrays of shapes {with_batch(shape)}")
    arrays = tuple(_required(part, each, node) for part, each in zip(x, shape, strict=True))
    if len({array.shape[0] for array in arrays}) > 1:
        raise ShapeError(f"all inputs must have one row an example; got {[array.shape[0] for array in arrays]} rows")
    return arrays


def checked_mask(mask: Any, node: Node, rows: int) -> Array:
    """The mask of ``rows`` sequences, ``(rows, time)`` booleans, for a model that knows an axis of time.

    Raises:
        DataError: it holds no booleans, or nothing in the model is ``(batch, time, …)``.
        ShapeError: it has another shape.
    """
    array = plain_array(mask, "the mask")
    if array.dtype != np.bool_:
        raise DataError(
            f"{_reader(node)}: the mask must hold booleans, True where a step counts, got {array.dtype}: write "
            "mask.astype(bool)"
        )
    times = {shape[0] for each in node.walk() for shape in _sequences(each)}
    if not times:
        raise DataError(
            "a mask tells which steps of sequences count, and nothing in this model has an axis of time, "
            "(batch, time, …): leave rows out by weights of 0, and features out of x"
        )
    if array.ndim != 2 or array.shape[0] != rows or times.isdisjoint((None, array.shape[1])):
        lengths = " or ".join(str(time) for time in sorted(time for time in times if time is not None))
        wanted = "time" if None in times else lengths
        raise ShapeError(
            f"{_reader(node)}: the mask must be (batch, time) booleans of shape ({rows}, {wanted}), got a mask of "
            f"shape {array.shape}"
        )
    return array


def row_count(x: Value) -> int:
    """How many examples ``x`` holds."""
    return int(x[0].shape[0] if isinstance(x, tuple) else x.shape[0])


def row_slice(x: Value, start: int, stop: int) -> Value:
    """Some rows of ``x``, as views."""
    return tuple(part[start:stop] for part in x) if isinstance(x, tuple) else x[start:stop]


def _required(x: Any, shape: Shape, node: Node) -> Array:
    array = plain_array(x, "the input")
    if array.dtype.kind not in "fiub":
        hint = ""
        if array.dtype == object:
            hint = ": write x.astype(float); rows of different lengths are filled up, and mask= tells what counts"
        raise DataError(f"{_reader(node)} takes numbers, got an array of dtype {array.dtype}{hint}")
    if array.ndim == 0 or not fits(array.shape[1:], shape):
        hint = ""
        if fits(array.shape, shape):
            hint = ": for one example, add the batch axis with x[None]"
        elif array.shape[1:] == (1,) and fits(array.shape[:1], shape):
            hint = ": for one example, make it a batch of one row, x.reshape(1, -1), or frame.iloc[[0]] of a DataFrame"
        elif (
            array.ndim == 4 and fits((*array.shape[2:], array.shape[1]), shape) and channels_last_hint(array.shape[1:])
        ):
            hint = channels_last_hint(array.shape[1:])
        elif array.ndim > 1 and all(shape) and np.prod(array.shape[1:]) == np.prod(shape):
            hint = ": the number of values fits, so reshape the data, or begin the network with Flatten() or Reshape(…)"
        raise ShapeError(f"{_reader(node)} takes inputs of shape {with_batch(shape)}, got {array.shape}{hint}")
    return array


def _sequences(node: Node) -> list[Shape]:
    """The shapes ``(time, …, features)`` that a layer takes or gives."""
    shapes = [
        part for shape in (node.input_shape, node.output_shape) for part in (shape if is_many(shape) else [shape])
    ]
    return [shape for shape in shapes if len(shape) > 1]


def _reader(node: Node) -> str:
    """The layer that reads the data: the first of the innermost, for a message."""
    while node.parts:
        part = next(iter(node.parts.values()))
        if part.input_shape != node.input_shape:
            break
        node = part
    return node.title
