"""The maximum over windows of time."""

from __future__ import annotations

from typing import final

from layerkit_conv.max_pool2d import MaxPool2D
from layerkit_conv.pool1d import EdgesLike, Pool1D, pool_options


@final
class MaxPool1D(Pool1D):
    """The largest value in each window of steps, channel by channel; the gradient goes to where it was.

    Where several are the largest, the first gets the gradient. Padding never wins. A mask is refused.

    Shapes: x ``(batch, time, channels)``, y ``(batch, steps, channels)`` with steps = ⌊(time + padding − pool_size) /
    stride⌋ + 1. Time may vary from batch to batch.

    Args:
        pool_size: how many steps a window has.
        stride: how far apart windows begin; None: as far as they are long.
        padding: ``"valid"``, ``"same"``, a number for both ends, or ``(before, after)``, each less than the window.

    Source: Waibel et al., 1989, and Ranzato et al., CVPR 2007, as for ``Conv1D`` and ``MaxPool2D``.

    >>> from layerkit import Sequential
    >>> from layerkit_conv import MaxPool1D
    >>> Sequential([MaxPool1D(2)]).initialize((24, 8)).output_shape
    (12, 8)
    """

    def __init__(self, pool_size: int = 2, *, stride: int | None = None, padding: EdgesLike = "valid") -> None:
        self._images = MaxPool2D(**pool_options(self, pool_size, stride, padding))
        self.pool_size = pool_size
        self.stride = stride
        self.padding = padding
