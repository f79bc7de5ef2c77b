"""The network as a picture, in what notebooks show of an estimator."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape
from typing import Any, NamedTuple

from layerkit.errors import LayerkitError
from layerkit.interfaces.layer import Layer
from layerkit.models.node import Node
from layerkit.shapes import with_batch
from layerkit.sklearn.training import hidden

_HEIGHT, _GAP, _MARGIN, _LETTER = 44, 26, 8, 7.2


class _Box(NamedTuple):
    title: str
    below: str


def with_network(estimator: Any, html: str) -> str:
    """What scikit-learn shows of an estimator, with its network below."""
    try:
        boxes = list(_fitted(estimator) if hasattr(estimator, "model_") else _planned(estimator))
    except LayerkitError:
        # what cannot be drawn yet, ``fit`` tells of
        return html
    return f"{html}{_svg(boxes)}"


def _fitted(estimator: Any) -> Iterator[_Box]:
    model = estimator.model_
    node = model.structure.node
    yield _Box("X", with_batch(node.input_shape))
    for part in node.parts.values() or (node,):
        yield _Box(_title(part.layer), _measures(part))
    if model.readout is not None:
        yield _Box(type(model.readout).__name__, "readout")


def _planned(estimator: Any) -> Iterator[_Box]:
    yield _Box("X", "")
    if estimator.standardize is True:
        yield _Box("Standardize", "")
    for layer in hidden(estimator):
        yield _Box(_title(layer), "")
    if estimator.output is not None:
        yield _Box("output", "follows from y")


def _title(layer: Layer) -> str:
    activation = getattr(layer, "activation", None)
    units = getattr(layer, "units", None)
    title = type(layer).__name__ + (f" {units}" if isinstance(units, int) else "")
    return title if activation is None else f"{title}, {type(activation).__name__}"


def _measures(node: Node) -> str:
    size = sum(math.prod(each.shape) for inner in node.walk() if inner.first for each in inner.parameters.values())
    return f"{with_batch(node.output_shape)}" + (f" · {size:,} parameters" if size else "")


def _svg(boxes: list[_Box]) -> str:
    drawn, left = [], _MARGIN
    for place, box in enumerate(boxes):
        width = round(max(len(box.title), len(box.below), 4) * _LETTER) + 2 * _MARGIN
        if place:
            drawn.append(
                f'<path d="M{left} {_MARGIN + _HEIGHT / 2} h{_GAP - 6} m-5 -4 l6 4 l-6 4" fill="none" '
                'stroke="currentColor"/>'
            )
            left += _GAP
        middle = left + width / 2
        drawn.append(
            f'<rect x="{left}" y="{_MARGIN}" width="{width}" height="{_HEIGHT}" rx="6" fill="none" '
            f'stroke="currentColor"/><text x="{middle}" y="{_MARGIN + 19}">{escape(box.title)}</text>'
            f'<text x="{middle}" y="{_MARGIN + 35}" opacity="0.7">{escape(box.below)}</text>'
        )
        left += width
    return (
        f'<svg class="layerkit-network" role="img" aria-label="the network" width="{left + _MARGIN}" '
        f'height="{_HEIGHT + 2 * _MARGIN}" font-family="monospace" font-size="12" text-anchor="middle" '
        f'fill="currentColor">{"".join(drawn)}</svg>'
    )
