"""The way around another layer."""

from __future__ import annotations

from layerkit_numba.interface import Backward, Forward, LayerKernel, Part, Step, kernel
from layerkit_numba.kernels.joins import add, over_all


@kernel("layerkit.layers.residual:Residual")
def _residual(part: Part) -> LayerKernel:
    back: tuple[Step, ...] = (Backward("inner", "dy"),)
    if part.needs_input_gradient:
        back += (over_all(add, "dy:flat", "inner.dx:flat", "dx:flat"),)
    return LayerKernel(
        forward=(Forward("inner", "x"), over_all(add, "x:flat", "inner.y:flat", "y:flat")),
        backward=back,
        reads_output=False,
        masks="ignored",
    )
