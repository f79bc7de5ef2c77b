"""The passes of layers that give weighted sums of windows of images."""

from __future__ import annotations

from typing import final

from layerkit import Context
from layerkit.types import Array
from layerkit_conv.convolution import Convolution
from layerkit_conv.correlation import correlate, differentiate, spread
from layerkit_conv.images import grid_on
from layerkit_conv.planar import to_images, to_padded
from layerkit_conv.response import add_bias, differentiate_bias
from layerkit_conv.windows import Windows


class Correlated(Convolution):
    """The base of convolutions of images; a constructor sets ``_windows``. Weights tell the groups and the filters."""

    recordable = True
    _windows: Windows

    @final
    def forward(self, x: Array, ctx: Context) -> Array:
        saved, weight = ctx.saved, self.weight
        grid = saved.grid = grid_on(self, self._windows, x, ctx)
        images = saved.images = to_padded(x, grid, ctx, "images")
        saved.groups = x.shape[3] // weight.shape[2]
        z = ctx.scratch("z", (weight.shape[3], grid.rows.count, grid.columns.count, x.shape[0]))
        correlate(images, weight, z, grid, saved.groups, ctx)
        if self.use_bias:
            add_bias(z, self.bias, out=z)
        y: Array = saved.response.forward(z)
        return y

    @final
    def backward(self, grad: Array, ctx: Context) -> Array | None:
        saved = ctx.saved
        grid, images = saved.grid, saved.images
        delta = saved.response.backward(grad, ctx)
        differentiate(images, delta, ctx.gradient("weight"), grid, saved.groups, ctx)
        if self.use_bias:
            differentiate_bias(delta, ctx.gradient("bias"), ctx)
        if not ctx.needs_input_gradient:
            return None
        below = ctx.scratch("below", images.shape)
        spread(delta, self.weight, below, grid, saved.groups, ctx)
        return to_images(below[:, grid.rows.inner, grid.columns.inner])
