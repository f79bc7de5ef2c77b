"""How every function of a kernel is compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

OPTIONS: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract"}}
"""Division by zero gives infinity or NaN, as in NumPy; a product and a sum may become one instruction. Sums keep their
order, for every result must be the ``numpy`` engine's, within rounding."""


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function for use in kernels; it must stand at the top level of its module, to be found by name."""
    return njit(no_cfunc_wrapper=True, forceinline=True, **OPTIONS)(function)
