"""What keeps a network from learning in the data itself, before any layer: its axes, and digits that are lost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerkit.data.examples import Examples
from layerkit.errors import LayerkitWarning
from layerkit.models.model import Model
from layerkit.models.node import Node
from layerkit.shapes import is_many
from layerkit.steps.intake import Intake
from layerkit.types import Array, Shape

_ROWS = 1000
_NUMBERS = 2**16
_NOISE = 0.1
"""What part of a feature's deviation may be lost to the rounding of the model's dtype."""
_OWN_NOISE = 1e4
"""How many roundings of its own dtype a feature must differ by: a constant that was computed differs by some."""
_SMALLEST_IMAGE = 8
_LARGE_IMAGE = 64


def about_channels(model: Model) -> Iterator[LayerkitWarning]:
    """A warning where a convolution over images takes what looks like their columns for their channels."""
    root = model.structure.node
    shape = root.input_shape
    if is_many(shape) or not _has_channels_first(shape):
        return
    for node in root.walk():
        kernels = [declared.shape for declared in node.parameters.values() if len(declared.shape) == 4]
        if kernels:
            # along a strip that is one high, a kernel may go one way only
            if node.input_shape == shape and not (shape[0] == 1 and all(kernel[0] == 1 for kernel in kernels)):
                yield _channels_first(node, shape)
            return
        if not node.parts and node.output_shape != node.input_shape:
            # from here on the axes are others
            return


def about_precision(model: Model, data: Intake) -> Iterator[LayerkitWarning]:
    """A warning where a feature differs by less than the model's dtype tells at its size.

    At most 1,000 rows of arrays in memory are looked at.
    """
    source = data.given
    if not isinstance(source, Examples) or isinstance(source.x, (tuple, np.memmap)) or source.x.ndim < 2:
        return
    x, first = source.x, _first_layer(model.structure.node)
    wider = x.dtype.kind == "f" and x.dtype.itemsize > data.dtype.itemsize
    whole = x.dtype.kind in "iu" and x.dtype.itemsize > 2
    # layers that take integers as they are, such as an embedding, lose nothing
    if not wider and not (whole and (first.layer.integer_input == "cast" or first.layer.normalizes)):
        return
    rows = max(2, min(_ROWS, _NUMBERS // max(x[:1].size, 1)))
    some = x[:: max(1, -(-len(x) // rows))].reshape(-1, x.shape[-1]).astype(np.float64)
    size = np.abs(some).max(axis=0)
    size[size == 0] = 1
    # of numbers of about 1, for squares of others may be none
    noise = ((some.astype(data.dtype) - some) / size).std(axis=0)
    deviation = (some / size).std(axis=0)
    own = _OWN_NOISE * np.finfo(x.dtype).eps if wider else 0.0
    lost = np.flatnonzero((deviation > own) & (noise > _NOISE * deviation))
    if len(lost):
        yield _lost_digits(lost, source, some, data)


def _lost_digits(lost: Array, source: Examples, some: Array, data: Intake) -> LayerkitWarning:
    column = int(lost[0])
    name = f"feature {column}" + ("" if source.names is None else f" ({source.names[column]!r})")
    others = f", and {len(lost) - 1} more likewise" if len(lost) > 1 else ""
    values = some[:, column]
    size = float(np.abs(values).max())
    deviation = float((values / size).std() * size)
    apart = float(np.spacing(np.array(size, data.dtype)))
    return LayerkitWarning(
        f"{name} is of the size of {size:.3g} and has a deviation of {deviation:.3g}, but {data.dtype} numbers of that "
        f"size are {apart:.2g} apart, so what it says is lost before the first layer{others}. Take off what all rows "
        "share, x - x.mean(axis=0), and divide by what they differ by; or give the model another dtype, with "
        "model.initialize(input_shape, dtype='float64')",
        name="precision",
    )


def _channels_first(node: Node, shape: Shape) -> LayerkitWarning:
    count, rows, columns = shape
    channels = "1 channel" if count == 1 else f"{count} channels"
    return LayerkitWarning(
        f"{node.title} takes the last axis for channels, and inputs of {shape} look like images of {rows} × {columns} "
        f"with {channels} first. Give np.moveaxis(x, 1, -1), which is (batch, {rows}, {columns}, {count})",
        name="channels-first",
    )


def _has_channels_first(shape: Shape) -> bool:
    """Whether a shape is that of square, or of large coloured, images whose channels come first.

    Few channels in front of two axes of one length. What is 3 high, and so wide and so deep, is hardly an image.
    """
    if len(shape) != 3 or not all(isinstance(axis, int) for axis in shape):
        return False
    count, rows, columns = shape
    shorter, longer = sorted((rows, columns))
    if count not in (1, 3, 4) or shorter < _SMALLEST_IMAGE:
        return False
    return bool(rows == columns or (count == 3 and shorter >= _LARGE_IMAGE and longer <= 2 * shorter))


def _first_layer(node: Node) -> Node:
    while node.parts:
        node = next(iter(node.parts.values()))
    return node
