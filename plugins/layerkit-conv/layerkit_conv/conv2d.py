"""Two-dimensional convolution."""

from __future__ import annotations

from typing import final

from layerkit import Activation, Initializer
from layerkit.types import Shape
from layerkit_conv.arguments import PaddingLike, Pair
from layerkit_conv.correlated import Correlated
from layerkit_conv.images import count_windows


@final
class Conv2D(Correlated):
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
        self._windows = self.checked_windows()

    def build(self, input_shape: Shape) -> Shape:
        channels = self.channels_of(input_shape)
        rows, columns = count_windows(self, self._windows, input_shape)
        connected = (channels // self.groups, self.filters)
        return self.declare(self._windows.kernel, connected, channels, (rows, columns))
