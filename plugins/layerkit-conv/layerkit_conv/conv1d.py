"""Convolution over time."""

from __future__ import annotations

from typing import TypeAlias, final

import numpy as np

from layerkit import Activation, Context, Initializer
from layerkit.errors import ShapeError
from layerkit.types import Array, Shape
from layerkit_conv.convolution import Convolution
from layerkit_conv.correlation import correlate, differentiate, spread
from layerkit_conv.planar import to_images, to_padded
from layerkit_conv.response import add_bias, differentiate_bias
from layerkit_conv.sequences import (
    as_images,
    as_sequences,
    check_sequences,
    check_steps,
    count_steps,
    misfit,
    read_edges,
    windows_over_time,
)

EdgesLike: TypeAlias = str | int | tuple[int, int]


@final
class Conv1D(Convolution):
    """Every output is a weighted sum of a few steps of the sequence: y = f(x ∗ W + b).

    y[n, t, f] = f(b[f] + Σ W[i, k, f] · x[n, t·stride + i·dilation, k]), the sum over the window i and the channels k
    of f's group, x being padded with zeros. As everywhere in this field, the kernel is not mirrored.

    Under a mask, steps that do not count are zeros to the windows, as padding is, and their outputs are zeros. A mask
    needs steps that stay: stride 1, and padding ``"same"`` or ``"causal"``, or such that the length is kept.

    Shapes: x ``(batch, time, channels)``, ``weight`` W ``(kernel, channels / groups, filters)``, ``bias`` b
    ``(filters,)``, y ``(batch, steps, filters)`` with steps = ⌊(time + padding − (kernel − 1) · dilation − 1) / stride⌋
    + 1. Time may vary from batch to batch.

    Args:
        filters: how many outputs at each step.
        kernel_size: how many steps a window has.
        stride: how far apart windows begin.
        padding: zeros around the sequence: ``"valid"`` (none), ``"same"`` (⌈time / stride⌉ outputs, an odd zero at the
            end), ``"causal"`` (all before it, so that no output sees a later step), a number for both ends, or
            ``(before, after)``.
        dilation: how far apart the steps of a window lie.
        groups: the channels fall into so many groups, and each filter sees one of them.
        activation: f; None leaves the output linear.
        initializer: draws W; Glorot's uniform by default.
        bias_initializer: draws b; zeros by default.
        use_bias: False leaves b out.

    Raises:
        ShapeError: in a pass, a mask is given, and the layer does not keep the steps.

    Source: Waibel, Hanazawa, Hinton, Shikano and Lang, *Phoneme recognition using time-delay neural networks*, IEEE
    Transactions on Acoustics, Speech and Signal Processing 37, 1989; van den Oord et al., *WaveNet*, 2016 (causal).

    >>> from layerkit import ReLU, Sequential
    >>> from layerkit_conv import Conv1D
    >>> model = Sequential([Conv1D(8, 3, padding="causal", dilation=2, activation=ReLU())]).initialize((None, 4))
    >>> model.output_shape, model.parameters["0.weight"].shape
    ((None, 8), (3, 4, 8))
    """

    recordable = True

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        *,
        stride: int = 1,
        padding: EdgesLike = "valid",
        dilation: int = 1,
        groups: int = 1,
        activation: Activation | None = None,
        initializer: Initializer | None = None,
        bias_initializer: Initializer | None = None,
        use_bias: bool = True,
    ) -> None:
        self.filters = filters
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.groups = groups
        self.activation = activation
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        self.use_bias = use_bias
        self.check_sums()
        check_steps(self, kernel_size=kernel_size, stride=stride, dilation=dilation)
        edges = read_edges(self, padding, causal=(kernel_size - 1) * dilation)
        self._windows = windows_over_time(kernel_size, stride, dilation, edges)

    def build(self, input_shape: Shape) -> Shape:
        channels = self.checked_groups(check_sequences(self, input_shape), input_shape)
        steps = count_steps(self, self._windows, input_shape[0])
        return self.declare((self.kernel_size,), (channels // self.groups, self.filters), channels, (steps,))

    def forward(self, x: Array, ctx: Context) -> Array:
        saved = ctx.saved
        grid = saved.grid = self._windows.on(x.shape[1], 1)
        if grid.rows.count < 1:
            raise misfit(f"layer {ctx.path} (Conv1D)", self._windows, x.shape[1])
        counts = saved.counts = ctx.mask_over(x)
        if counts is not None:
            if grid.rows.count != x.shape[1]:
                raise ShapeError(
                    f"layer {ctx.path} (Conv1D): under a mask the steps must stay, and {x.shape[1]} of them become "
                    f"{grid.rows.count}: give padding='same' or 'causal', and stride 1"
                )
            x = np.multiply(x, counts, out=ctx.scratch("counted", x.shape))
        images = saved.images = to_padded(as_images(x), grid, ctx, "images")
        z = ctx.scratch("z", (self.filters, grid.rows.count, 1, x.shape[0]))
        correlate(images, self.weight, z, grid, self.groups, ctx)
        if self.use_bias:
            add_bias(z, self.bias, out=z)
        y = as_sequences(saved.response.forward(z))
        return y if counts is None else np.multiply(y, counts, out=ctx.scratch("counted output", y.shape))

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        saved = ctx.saved
        grid, images, counts = saved.grid, saved.images, saved.counts
        if counts is not None:
            grad = np.multiply(grad, counts, out=ctx.scratch("counted gradient", grad.shape))
        delta = saved.response.backward(as_images(grad), ctx)
        differentiate(images, delta, ctx.gradient("weight"), grid, self.groups, ctx)
        if self.use_bias:
            differentiate_bias(delta, ctx.gradient("bias"), ctx)
        if not ctx.needs_input_gradient:
            return None
        below = ctx.scratch("below", images.shape)
        spread(delta, self.weight, below, grid, self.groups, ctx)
        gradient = as_sequences(to_images(below[:, grid.rows.inner, grid.columns.inner]))
        return gradient if counts is None else np.multiply(gradient, counts, out=ctx.scratch("input", gradient.shape))
