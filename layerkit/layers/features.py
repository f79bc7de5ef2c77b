"""The axis of features, which is the last."""

from __future__ import annotations

from layerkit.errors import ShapeError
from layerkit.interfaces.layer import Layer
from layerkit.shapes import is_many, with_batch
from layerkit.types import Shape


def features_of(layer: Layer, input_shape: Shape) -> int:
    """How many features a layer's input ``(batch, …, features)`` has.

    Raises:
        ShapeError: it has no last axis of known length, or is several arrays.
    """
    if not input_shape or is_many(input_shape) or not isinstance(input_shape[-1], int):
        raise ShapeError(
            f"{type(layer).__name__}: the last axis must have a known length, got inputs of {with_batch(input_shape)}"
        )
    features: int = input_shape[-1]
    return features
