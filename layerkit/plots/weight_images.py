"""What the units of a layer look for, as images."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from layerkit.arguments import check_instance, check_integer
from layerkit.errors import ArgumentError
from layerkit.models.model import Model
from layerkit.models.node import Node
from layerkit.plots.drawing import PALETTE, axes_for, plain
from layerkit.plots.images import image_shape
from layerkit.plots.network import node_of
from layerkit.plots.tiles import draw_tiles, grid_of
from layerkit.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAME = "weight"


def weights(
    model: Model,
    *,
    layer: str | int | None = None,
    count: int = 64,
    columns: int | None = None,
    shape: tuple[int, int] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The weights of a layer, an image a unit or filter, all on one scale that is symmetric around 0.

    Of a layer like ``Dense``, whose weights are ``(inputs, units)``, a unit's weights have the shape of the model's
    input where that is an image of as many pixels; where it is none, the matrix itself is drawn, a row a unit. Of a
    convolution, whose weights are ``(rows, columns, channels, filters)``, each filter is drawn for each channel, one
    filter after another.

    Args:
        model: with values.
        layer: the path of the layer, as ``summary`` shows it; the first that has such weights if left out.
        count: how many images at most, from 1 to 1024.
        columns: how many side by side; about as many as rows if left out, and of several channels one for each.
        shape: height and width of a unit's image, where the model's input does not tell.
        ax: where to draw; a new figure if left out.

    Raises:
        MissingExtraError: matplotlib is missing.
        ArgumentError: there is no such layer, it has no such weights, or they do not make such images.
        NotBuiltError: the model has no values yet.

    >>> from layerkit import Dense, Flatten, Sequential
    >>> model = Sequential([Flatten(), Dense(6)]).initialize((8, 8), seed=0)
    >>> ax = weights(model)
    >>> len(ax.images), ax.images[0].get_array().shape
    (6, (8, 8))
    """
    check_instance("weights", "model", model, Model)
    ax = axes_for("weights", ax)
    check_integer("weights", "count", count, minimum=1, maximum=1024)
    node = _layer_node(model, layer)
    values = np.asarray(model.parameters[node.join(_NAME)], np.float64)
    limit = float(np.abs(values).max()) or 1.0
    style: dict[str, Any] = {"cmap": PALETTE, "vmin": -limit, "vmax": limit}
    images, side = _images(values, model, node, shape)
    if images is None:
        image = ax.imshow(values.T, aspect="auto", interpolation="nearest", **style)
        ax.set(xlabel="input", ylabel="unit")
    else:
        images = images[:count]
        _, across = grid_of("weights", len(images), columns or side)
        image = draw_tiles(ax, list(images), across, interpolation="nearest", **style)[0]
    ax.figure.colorbar(image, ax=ax, label=plain(f"weight of {node.title}"))
    return ax


def _layer_node(model: Model, layer: str | int | None) -> Node:
    nodes = {node.path: node for node in node_of(model).walk()}
    able = {path: node for path, node in nodes.items() if _drawable(node)}
    if layer is None:
        if not able:
            raise ArgumentError(
                "weights: the model has no layer with a weight of two or four axes, (inputs, units) say"
            )
        return next(iter(able.values()))
    node = able.get(str(layer))
    if node is None:
        known = ", ".join(map(repr, able)) or "none"
        why = "has no such weights" if str(layer) in nodes else "does not exist"
        raise ArgumentError(f"weights: layer {str(layer)!r} {why}; layers with weights that can be drawn: {known}")
    return node


def _drawable(node: Node) -> bool:
    declared = node.parameters.get(_NAME)
    return node.first and declared is not None and len(declared.shape) in (2, 4) and math.prod(declared.shape) > 0


def _images(values: Array, model: Model, node: Node, shape: tuple[int, int] | None) -> tuple[Array | None, int | None]:
    """The images ``(n, height, width)``, None where there are none, and how many belong side by side."""
    if values.ndim == 4:
        if shape is not None:
            raise ArgumentError(f"weights: the filters of {node.title} have a shape of their own: leave shape out")
        rows, columns, channels, filters = values.shape
        images = values.transpose(3, 2, 0, 1).reshape(filters * channels, rows, columns)
        return images, None if channels == 1 else channels
    inputs, units = values.shape
    wanted = image_shape("weights", model.input_shape, inputs, shape)
    return (None if wanted is None else values.T.reshape(units, *wanted)), None
