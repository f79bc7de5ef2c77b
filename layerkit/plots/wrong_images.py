"""The mistakes of which a classifier is most certain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from layerkit.arguments import check_instance, check_integer
from layerkit.costs.binary_cross_entropy import BinaryCrossEntropy
from layerkit.costs.cross_entropy import CrossEntropy
from layerkit.data.examples import Examples
from layerkit.errors import ArgumentError, DataError
from layerkit.experiments.classification import classify
from layerkit.models.model import Model
from layerkit.plots.drawing import axes_for, cut, plain
from layerkit.plots.images import image_shape
from layerkit.plots.tiles import draw_tiles, grid_of
from layerkit.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def most_wrong(
    model: Model,
    x: Any,
    y: Any = None,
    *,
    count: int = 16,
    columns: int | None = None,
    classes: Sequence[str] | None = None,
    shape: tuple[int, int] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The images that are classified wrongly, those first of which the model is most certain.

    Above each stand its true class, what it is taken for, and how certain the model is of that. Of images without a
    mistake the Axes says so.

    Args:
        model: a classifier with values.
        x: images ``(n, height, width)``, perhaps with a third axis of 1 or 3 channels, or rows of pixels; or
            ``Examples`` that hold ``y`` too.
        y: the true class of each, ``(n,)``, numbers or names; or one-hot rows.
        count: how many at most, from 1 to 400.
        columns: how many side by side; about as many as rows if left out.
        classes: the names of the classes; those that the model or the examples know, if left out.
        shape: height and width of an image, where ``x`` are rows of pixels.
        ax: where to draw; a new figure if left out.

    Raises:
        MissingExtraError: matplotlib is missing.
        ArgumentError: an argument cannot be used, or ``x`` are no images.
        DataError: an example has no class, or several.
        NotBuiltError, ShapeError: as ``predict``.

    >>> from layerkit import Dense, Flatten, Sequential
    >>> model = Sequential([Flatten(), Dense(2)]).initialize((2, 2), seed=0)
    >>> model.parameters["1.weight"][...] = 0
    >>> ax = most_wrong(model, np.ones((3, 2, 2)), [0, 1, 0])
    >>> [text.get_text() for text in ax.texts]
    ['1, not 0 (0)']
    """
    check_instance("most_wrong", "model", model, Model)
    ax = axes_for("most_wrong", ax, size=(7, 7))
    check_integer("most_wrong", "count", count, minimum=1, maximum=400)
    if isinstance(x, Examples):
        if y is not None:
            raise ArgumentError("most_wrong: Examples hold their targets: leave y out")
        examples = x
    elif y is None:
        raise ArgumentError("most_wrong: y is missing: give the true class of each image")
    else:
        examples = Examples(x, y, classes=classes)
    if isinstance(examples.x, tuple):
        raise ArgumentError("most_wrong: these are examples of several inputs, and images are wanted")
    if not len(examples):
        raise DataError("most_wrong: there are no examples")
    images = _images(examples.x, model, shape)
    cost = BinaryCrossEntropy() if model.output_shape == (1,) else CrossEntropy()
    found = classify(model, examples, cost)
    if found is None:
        raise DataError(
            "most_wrong: the targets must tell one class for each image, and the model must be a classifier with an "
            f"output for each class (or one of a probability); its output is {model.output_shape}"
        )
    rows = found.mistakes[:count]
    if not len(rows):
        ax.text(0.5, 0.5, f"none of {len(examples):,} is wrong", ha="center", va="center", transform=ax.transAxes)
        ax.set_axis_off()
        return ax
    names = tuple(classes) if classes is not None and len(classes) == len(found.classes) else found.classes
    captions = [
        plain(f"{cut(names[found.labels[row]])}, not {cut(names[found.predicted[row]])} ({found.certainty[row]:.2g})")
        for row in rows.tolist()
    ]
    _, across = grid_of("most_wrong", len(rows), columns)
    style = {"cmap": "gray"} if images.ndim == 3 else {}
    draw_tiles(ax, list(_bright(images[rows])), across, captions=captions, **style)
    ax.set_title(f"{len(found.mistakes):,} of {len(examples):,} are wrong: true class, not what it was taken for")
    return ax


def _images(x: Array, model: Model, shape: tuple[int, int] | None) -> Array:
    """``x`` as ``(n, height, width)``, or with 3 channels.

    Raises:
        ArgumentError: it holds no images.
    """
    if x.dtype.kind in "fiub" and x.ndim in (3, 4) and shape is None and min(x.shape[1:3]) > 1:
        if x.ndim == 3:
            return x
        if x.shape[3] in (1, 3):
            return x[..., 0] if x.shape[3] == 1 else x
    if x.ndim == 2:
        found = image_shape("most_wrong", model.input_shape, x.shape[1], shape)
        if found is not None:
            return x.reshape(len(x), *found)
    raise ArgumentError(
        f"most_wrong: images are (n, height, width), perhaps with 1 or 3 channels, got x of shape {x.shape}: of rows "
        "of pixels, say shape=(height, width)"
    )


def _bright(images: Array) -> Array:
    """Each from 0, its darkest, to 1, its brightest."""
    found = images.astype(np.float64)
    axes = tuple(range(1, found.ndim))
    found -= found.min(axis=axes, keepdims=True)
    highest: Array = np.maximum(found.max(axis=axes, keepdims=True), 1e-300)
    return found / highest
