"""Convolution of each channel by itself."""

from __future__ import annotations

from typing import final

from layerkit import Activation, Initializer
from layerkit.arguments import check_integer
from layerkit.types import Shape
from layerkit_conv.arguments import PaddingLike, Pair
from layerkit_conv.correlated import Correlated
from layerkit_conv.images import check_images, count_windows


@final
class DepthwiseConv2D(Correlated):
    """Every channel is convolved by itself, with ``depth_multiplier`` filters of its own: y = f(x ∗ W + b).

    It is ``Conv2D`` with as many groups as there are channels, whose number need not be known before.

    Shapes: x ``(batch, height, width, channels)``, ``weight`` W ``(kernel rows, kernel columns, 1, channels ·
    depth_multiplier)``, those of the first channel first, ``bias`` b ``(channels · depth_multiplier,)``, y ``(batch,
    rows, columns, channels · depth_multiplier)``.

    Args:
        kernel_size: the window's pixels, for rows and columns or as a pair.
        depth_multiplier: how many outputs each channel has.
        stride, padding, dilation: as in ``Conv2D``.
        activation: f; None leaves the output linear.
        initializer: draws W; Glorot's uniform by default.
        bias_initializer: draws b; zeros by default.
        use_bias: False leaves b out.

    Source: Sifre, *Rigid-motion scattering for image classification*, 2014, section 6.2.

    >>> from layerkit import Sequential
    >>> from layerkit_conv import DepthwiseConv2D
    >>> Sequential([DepthwiseConv2D(3, depth_multiplier=2)]).initialize((8, 8, 5)).output_shape
    (6, 6, 10)
    """

    def __init__(
        self,
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
        check_integer(self, "depth_multiplier", depth_multiplier, minimum=1)
        self.kernel_size = kernel_size
        self.depth_multiplier = depth_multiplier
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.activation = activation
        self.initializer = initializer
        self.bias_initializer = bias_initializer
        self.use_bias = use_bias
        # how many there are, the number of channels tells
        self.filters = self.groups = 1
        self._windows = self.checked_windows()

    def build(self, input_shape: Shape) -> Shape:
        channels = check_images(self, input_shape)
        filters = channels * self.depth_multiplier
        size = count_windows(self, self._windows, input_shape)
        return self.declare_sums(self._windows.kernel, (1, filters), size, channels, filters, channels)
