"""What all layers here ask of shapes and masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit import Context, Layer
from layerkit.errors import DataError, ShapeError
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape


def features_of(layer: Layer, input_shape: Shape) -> int:
    """The width of inputs ``(batch, time, features)``; the time axis may vary.

    Raises:
        ShapeError: the inputs are of another rank, or their last axis varies.
    """
    one_input = len(input_shape) == 2 and not isinstance(input_shape[0], tuple)
    if not one_input or not isinstance(input_shape[-1], int):
        kind = type(layer).__name__
        raise ShapeError(
            f"{kind}: takes inputs of (batch, time, features), features known, got inputs of {with_batch(input_shape)}"
        )
    return int(input_shape[-1])


def time_mask(x: Array, ctx: Context) -> Array | None:
    """The pass's mask, ``(batch, time)`` booleans, checked against a layer's input ``(batch, time, …)``; None: no mask.

    Raises:
        ShapeError, DataError: the mask does not fit; the message names the layer.
    """
    mask: Any = ctx.mask
    if mask is None:
        return None
    given = np.asarray(mask)
    if given.shape != x.shape[:2]:
        raise ShapeError(
            f"{place_of(ctx)}: the mask must be (batch, time) booleans of shape {x.shape[:2]}, for inputs {x.shape}; "
            f"got a mask of shape {given.shape}"
        )
    if given.dtype != np.bool_:
        raise DataError(
            f"{place_of(ctx)}: the mask must hold booleans, True where a step counts, got {given.dtype}: "
            "write mask.astype(bool)"
        )
    return given


def place_of(ctx: Context) -> str:
    """The layer and its place in the network, for a message."""
    return f"layer {ctx.path} ({type(ctx.layer).__name__})"
