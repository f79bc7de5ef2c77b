"""A convolution in two steps: each channel by itself, then all channels of a pixel."""

from __future__ import annotations

from typing import final

from layerkit import Activation, Context, Initializer, Layer
from layerkit.types import Array, Shape
from layerkit_conv.arguments import PaddingLike, Pair
from layerkit_conv.conv2d import Conv2D
from layerkit_conv.depthwise_conv2d import DepthwiseConv2D


@final
class SeparableConv2D(Layer):
    """A depthwise convolution without bias, and then a convolution of one pixel: far fewer weights than ``Conv2D`` has.

    Shapes: x ``(batch, height, width, channels)``, ``depthwise.weight`` ``(kernel rows, kernel columns, 1, channels ·
    depth_multiplier)``, ``pointwise.weight`` ``(1, 1, channels · depth_multiplier, filters)``, ``pointwise.bias``
    ``(filters,)``, y ``(batch, rows, columns, filters)``.

    Args:
        filters: how many outputs at each place.
        kernel_size: the window's pixels, for rows and columns or as a pair.
        depth_multiplier: how many outputs each channel has between the two steps.
        stride, padding, dilation: of the first step, as in ``Conv2D``.
        activation: what follows the second step; None leaves the output linear.
        initializer: draws the weights of both; Glorot's uniform by default.
        bias_initializer: draws the bias; zeros by default.
        use_bias: False leaves it out.

    Source: Chollet, *Xception: deep learning with depthwise separable convolutions*, CVPR 2017.

    >>> from layerkit import Sequential
    >>> from layerkit_conv import SeparableConv2D
    >>> model = Sequential([SeparableConv2D(16, 3, padding="same")]).initialize((8, 8, 4))
    >>> model.output_shape, model.structure.parameters.size
    ((8, 8, 16), 116)
    """

    recordable = True

    def __init__(
        self,
        filters: int,
        kernel_size: Pair,
        *,
        depth_multiplier: int = 1,
        stride: Pair = 1,
        padding: PaddingLike = "valid",
        dilation: Pair = 1,
        activation: Activation | None = None,
        initializer: Initializer | None = None,
        bias_initializer: Initializer | None = None,
        use_bias: bool = True,
    ) -> None:
        self.filters = filters
        self.kernel_size = kernel_size
        self.depth_multiplier = depth_multiplier
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.activation = activation
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        self.use_bias = use_bias
        self._depthwise = DepthwiseConv2D(
            kernel_size,
            depth_multiplier=depth_multiplier,
            stride=stride,
            padding=padding,
            dilation=dilation,
            initializer=initializer,
            use_bias=False,
        )
        self._pointwise = Conv2D(
            filters,
            1,
            activation=activation,
            initializer=initializer,
            bias_initializer=bias_initializer,
            use_bias=use_bias,
        )

    def build(self, input_shape: Shape) -> Shape:
        return self.part("pointwise", self._pointwise, self.part("depthwise", self._depthwise, input_shape))

    def connect(self, ctx: Context) -> None:
        depthwise = ctx.part("depthwise")
        depthwise.needs_input_gradient = ctx.needs_input_gradient
        ctx.part("pointwise").needs_input_gradient = ctx.needs_input_gradient or depthwise.trainable

    def forward(self, x: Array, ctx: Context) -> Array:
        y: Array = ctx.part("pointwise").forward(ctx.part("depthwise").forward(x))
        return y

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        between = ctx.part("pointwise").backward(grad)
        return None if between is None else ctx.part("depthwise").backward(between)
