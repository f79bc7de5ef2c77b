"""Transposed two-dimensional convolution."""

from __future__ import annotations

from typing import final

from layerkit import Activation, Context, Initializer
from layerkit.errors import ArgumentError, ShapeError
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape
from layerkit_conv.arguments import PaddingLike, Pair, read_pair
from layerkit_conv.convolution import Convolution
from layerkit_conv.correlation import correlate, differentiate, spread
from layerkit_conv.planar import to_images, to_padded, to_planar
from layerkit_conv.response import add_bias, differentiate_bias


@final
class ConvTranspose2D(Convolution):
    """Spreads every input over a window of a larger image: the transpose of the linear map that is a convolution.

    y[n, r·stride + i·dilation, c·stride + j·dilation, f] sums W[i, j, f, k] · x[n, r, c, k] over all that falls there,
    then come b[f] and the activation; ``padding`` pixels are cut off from the edges of y.

    Shapes: x ``(batch, height, width, channels)``, ``weight`` W ``(kernel rows, kernel columns, filters / groups,
    channels)`` (that of the convolution from y to x), ``bias`` b ``(filters,)``, y ``(batch, rows, columns, filters)``
    with rows = (height − 1) · stride + (kernel − 1) · dilation + 1 − padding + output_padding. Height and width may
    vary from batch to batch.

    Args:
        filters: how many outputs at each place.
        kernel_size: the window's pixels, for rows and columns or as a pair.
        stride: how far apart windows begin.
        padding: what is cut off: ``"valid"`` (nothing), ``"same"`` (the output is stride times the input), a number
            for all sides, ``(rows, columns)``, or ``((top, bottom), (left, right))``.
        output_padding: rows and columns added at the end, less than stride or dilation: a convolution with a stride
            gives outputs of one size for several sizes of input, and this says which is meant.
        dilation: how far apart the pixels of a window lie.
        groups: channels and filters fall into so many groups, each connected to its own.
        activation: what follows; None leaves the output linear.
        initializer: draws W; Glorot's uniform by default.
        bias_initializer: draws b; zeros by default.
        use_bias: False leaves b out.

    Source: Dumoulin and Visin, *A guide to convolution arithmetic for deep learning*, arXiv:1603.07285, 2016.

    >>> from layerkit import Sequential
    >>> from layerkit_conv import ConvTranspose2D
    >>> Sequential([ConvTranspose2D(3, 4, stride=2, padding=1)]).initialize((8, 8, 16)).output_shape
    (16, 16, 3)
    """

    recordable = True

    def __init__(
        self,
        filters: int,
        kernel_size: Pair,
        *,
        stride: Pair = 1,
        padding: PaddingLike = "valid",
        output_padding: Pair = 0,
        dilation: Pair = 1,
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
        self.output_padding = output_padding
        self.dilation = dilation
        self.groups = groups
        self.activation = activation
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        self.use_bias = use_bias
        windows = self._windows = self.checked_windows()
        extra = self._extra = read_pair(self, "output_padding", output_padding, minimum=0)
        if any(extra[axis] >= max(windows.stride[axis], windows.dilation[axis], 1) for axis in (0, 1)):
            raise ArgumentError(
                f"ConvTranspose2D: output_padding must be less than stride or dilation, got {output_padding!r} with "
                f"stride {stride!r} and dilation {dilation!r}"
            )
        if padding == "same" and extra != (0, 0):
            raise ArgumentError(
                f"ConvTranspose2D: with padding='same' the output is stride times the input, so output_padding must be "
                f"0, got {output_padding!r}"
            )

    def build(self, input_shape: Shape) -> Shape:
        channels = self.channels_of(input_shape)
        size = [
            None if count is None else self._windows.length(axis, count) + self._extra[axis]
            for axis, count in enumerate(input_shape[:2])
        ]
        if any(length is not None and length < 1 for length in size):
            raise ShapeError(
                f"ConvTranspose2D: nothing is left of the output for inputs of {with_batch(input_shape)}: padding "
                f"{self.padding!r} cuts off more than there is; use less"
            )
        connected = (self.filters // self.groups, channels)
        return self.declare(self._windows.kernel, connected, channels, size)

    def forward(self, x: Array, ctx: Context) -> Array:
        saved = ctx.saved
        grid = saved.grid = self._windows.onto(x.shape[1], x.shape[2], extra=self._extra)
        maps = saved.maps = to_planar(x, ctx, "maps")
        images = ctx.scratch("images", (self.filters, grid.rows.padded, grid.columns.padded, x.shape[0]))
        spread(maps, self.weight, images, grid, self.groups, ctx)
        inner = images[:, grid.rows.inner, grid.columns.inner]
        z = ctx.scratch("z", inner.shape)
        if self.use_bias:
            add_bias(inner, self.bias, out=z)
        else:
            z[...] = inner
        y: Array = saved.response.forward(z)
        return y

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        saved = ctx.saved
        grid, maps = saved.grid, saved.maps
        delta = saved.response.backward(grad, ctx)
        if self.use_bias:
            differentiate_bias(delta, ctx.gradient("bias"), ctx)
        images = to_padded(to_images(delta), grid, ctx, "delta images")
        differentiate(images, maps, ctx.gradient("weight"), grid, self.groups, ctx)
        if not ctx.needs_input_gradient:
            return None
        below = ctx.scratch("below", maps.shape)
        correlate(images, self.weight, below, grid, self.groups, ctx)
        return to_images(below)
