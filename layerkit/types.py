"""The names that type hints share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array: TypeAlias = NDArray[Any]
"""Any array; which shapes and dtypes fit stands in the docstrings."""

Value: TypeAlias = Any
"""What flows between layers: one array, or a tuple of arrays."""

Shape: TypeAlias = Any
"""A tuple of axis lengths without the batch axis (``None``: varies from batch to batch), or a tuple of such shapes."""

ShapeLike: TypeAlias = int | Sequence[Any]
"""What a person may write for a shape: ``784`` stands for ``(784,)``."""

TargetForm: TypeAlias = Literal["dense", "labels"]

DType: TypeAlias = np.dtype[Any]

__all__ = ["Array", "DType", "DTypeLike", "Shape", "ShapeLike", "TargetForm", "Value"]
