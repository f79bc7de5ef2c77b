"""Two-dimensional convolution."""

from __future__ import annotations

from typing import Any, ClassVar, final

from layerkit import Activation, Context, Glorot, Initializer, Layer, Zeros
from layerkit.arguments import check_boolean, check_instance, check_integer
from layerkit.errors import ArgumentError, ShapeError
from layerkit.shapes import with_batch
from layerkit.types import Array, Shape
from layerkit_conv.arguments import PaddingLike, Pair, read_padding, read_pair
from layerkit_conv.correlation import correlate, differentiate, spread
from layerkit_conv.images import check_images, count_windows, grid_on
from layerkit_conv.planar import to_images, to_padded
from layerkit_conv.response import Response, add_bias, differentiate_bias
from layerkit_conv.windows import Windows


@final
class Conv2D(Layer):
    """Every output is a weighted sum of a small window of the image: y = f(x ∗ W + b).

    y[n, r, c, f] = f(b[f] + Σ W[i, j, k, f] · x[n, r·stride + i·dilation, c·stride + j·dilation, k]), the sum over the
    window (i, j) and the channels k of f's group, x being padded with zeros. As everywhere in this field, the kernel is
    not mirrored.

    Shapes: x ``(batch, height, width, channels)``, ``weight`` W ``(kernel rows, kernel columns, channels / groups,
    filters)``, ``bias`` b ``(filters,)``, y ``(batch, rows, columns, filters)`` with rows = ⌊(height + padding −
    (kernel − 1) · dilation − 1) / stride⌋ + 1. Height and width may vary from batch to batch.

    The windows are unfolded into matrices, at most 16 MiB at a time whatever the size of the batch.

    Args:
        filters: how many outputs at each place.
        kernel_size: the window's pixels, for rows and columns or as a pair.
        stride: how far apart windows begin.
        padding: zeros around the image: ``"valid"`` (none), ``"same"`` (⌈size / stride⌉ outputs, an odd zero at the
            end), a number for all sides, ``(rows, columns)``, or ``((top, bottom), (left, right))``.
        dilation: how far apart the pixels of a window lie.
        groups: the channels fall into so many groups, and each filter sees one of them; ``groups=channels`` is a
            depthwise convolution.
        activation: f; None leaves the output linear.
        initializer: draws W; Glorot's uniform by default.
        bias_initializer: draws b; zeros by default.
        use_bias: False leaves b out.

    Source: LeCun, Bottou, Bengio and Haffner, *Gradient-based learning applied to document recognition*, Proceedings of
    the IEEE 86(11), 1998.

    >>> from layerkit import ReLU, Sequential
    >>> from layerkit_conv import Conv2D
    >>> model = Sequential([Conv2D(8, 5, stride=2, activation=ReLU())]).initialize((28, 28, 1))
    >>> model.output_shape, model.parameters["0.weight"].shape
    ((12, 12, 8), (5, 5, 1, 8))
    """

    recordable = True
    conformance_cases: ClassVar[tuple[dict[str, Any], ...]] = (
        {"arguments": {"filters": 4, "kernel_size": 3, "stride": 2, "padding": 1}, "input_shapes": [(5, 6, 2)]},
        {"arguments": {"filters": 4, "kernel_size": 2, "groups": 2}, "input_shapes": [(None, None, 2)]},
    )
    weight: Array
    bias: Array

    def __init__(
        self,
        filters: int,
        kernel_size: Pair,
        *,
        stride: Pair = 1,
        padding: PaddingLike = "valid",
        dilation: Pair = 1,
        groups: int = 1,
        activation: Activation | None = None,
        initializer: Initializer | None = None,
        bias_initializer: Initializer | None = None,
        use_bias: bool = True,
    ) -> None:
        check_integer(self, "filters", filters, minimum=1)
        check_integer(self, "groups", groups, minimum=1)
        check_instance(self, "activation", activation, Activation, optional=True)
        check_instance(self, "initializer", initializer, Initializer, optional=True)
        check_instance(self, "bias_initializer", bias_initializer, Initializer, optional=True)
        check_boolean(self, "use_bias", use_bias)
        if filters % groups:
            raise ArgumentError(f"Conv2D: filters must be a multiple of groups, got {filters} filters, {groups} groups")
        self._windows = Windows(
            read_pair(self, "kernel_size", kernel_size, minimum=1),
            read_pair(self, "stride", stride, minimum=1),
            read_pair(self, "dilation", dilation, minimum=1),
            read_padding(self, padding),
        )
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

    def build(self, input_shape: Shape) -> Shape:
        channels = check_images(self, input_shape)
        if channels % self.groups:
            raise ShapeError(
                f"Conv2D: the channels must fall into {self.groups} groups of one size, got inputs of "
                f"{with_batch(input_shape)}; choose groups that divide {channels}"
            )
        rows, columns = count_windows(self, self._windows, input_shape)
        kernel = self._windows.kernel
        pixels = kernel[0] * kernel[1]
        fan_in, fan_out = pixels * channels // self.groups, pixels * self.filters // self.groups
        shape = (*kernel, channels // self.groups, self.filters)
        self.parameter("weight", shape, self.initializer or Glorot(), fan_in=fan_in, fan_out=fan_out)
        if self.use_bias:
            initializer = self.bias_initializer or Zeros()
            self.parameter("bias", (self.filters,), initializer, fan_in=fan_in, fan_out=fan_out, tags=("bias",))
        output_shape = (rows, columns, self.filters)
        return output_shape if self.activation is None else self.part("function", self.activation, output_shape)

    def connect(self, ctx: Context) -> None:
        ctx.saved.response = Response(self.activation, ctx)

    def forward(self, x: Array, ctx: Context) -> Array:
        saved = ctx.saved
        grid = saved.grid = grid_on(self, self._windows, x, ctx)
        images = saved.images = to_padded(x, grid, ctx, "images")
        z = ctx.scratch("z", (self.filters, grid.rows.count, grid.columns.count, x.shape[0]))
        correlate(images, self.weight, z, grid, self.groups, ctx)
        if self.use_bias:
            add_bias(z, self.bias, out=z)
        y: Array = saved.response.forward(z)
        return y

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        saved = ctx.saved
        grid, images = saved.grid, saved.images
        delta = saved.response.backward(grad, ctx)
        differentiate(images, delta, ctx.gradient("weight"), grid, self.groups, ctx)
        if self.use_bias:
            differentiate_bias(delta, ctx.gradient("bias"), ctx)
        if not ctx.needs_input_gradient:
            return None
        below = ctx.scratch("below", images.shape)
        spread(delta, self.weight, below, grid, self.groups, ctx)
        return to_images(below[:, grid.rows.inner, grid.columns.inner])
