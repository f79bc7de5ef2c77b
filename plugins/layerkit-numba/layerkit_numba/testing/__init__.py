"""Checks of kernels, against the components that they are for."""

from __future__ import annotations

from layerkit_numba.testing.checking import check_kernel, has_kernel

__all__ = ["check_kernel", "has_kernel"]
