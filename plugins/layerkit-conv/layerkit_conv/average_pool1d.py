"""The mean over windows of time."""

from __future__ import annotations

from typing import final

from layerkit.arguments import check_boolean
from layerkit_conv.average_pool2d import AveragePool2D
from layerkit_conv.pool1d import EdgesLike, Pool1D, pool_options


@final
class AveragePool1D(Pool1D):
    """The mean of each window of steps, channel by channel. A mask is refused.

    Shapes: x ``(batch, time, channels)``, y ``(batch, steps, channels)`` with steps = ⌊(time + padding − pool_size) /
    stride⌋ + 1. Time may vary from batch to batch.

    Args:
        pool_size: how many steps a window has.
        stride: how far apart windows begin; None: as far as they are long.
        padding: ``"valid"``, ``"same"``, a number for both ends, or ``(before, after)``, each less than the window.
        count_include_pad: whether the zeros of the padding count in a mean; if not, it is that of the steps alone.

    Source: LeCun et al., *Backpropagation applied to handwritten zip code recognition*, Neural Computation 1, 1989.

    >>> from layerkit import Sequential
    >>> from layerkit_conv import AveragePool1D
    >>> Sequential([AveragePool1D(3, stride=2, padding=1)]).initialize((28, 4)).output_shape
    (14, 4)
    """

    def __init__(
        self,
        pool_size: int = 2,
        *,
        stride: int | None = None,
        padding: EdgesLike = "valid",
        count_include_pad: bool = True,
    ) -> None:
        check_boolean(self, "count_include_pad", count_include_pad)
        self._images = AveragePool2D(
            **pool_options(self, pool_size, stride, padding), count_include_pad=count_include_pad
        )
        self.pool_size = pool_size
        self.stride = stride
        self.padding = padding
        self.count_include_pad = count_include_pad
