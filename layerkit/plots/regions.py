"""Which class a model sees where, in two dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from layerkit.arguments import check_instance, check_integer
from layerkit.data.examples import Examples
from layerkit.errors import ArgumentError, DataError
from layerkit.models.classes import told_classes
from layerkit.models.model import Model
from layerkit.plots.drawing import HATCHES, MARKERS, axes_for, each_of, plain
from layerkit.steps.named_data import matched
from layerkit.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARGIN = 0.08
_MOST_CLASSES = 20


def decision_regions(model: Model, x: Any, y: Any = None, *, resolution: int = 200, ax: Axes | None = None) -> Axes:
    """The plane of two features, each place in the colour and hatch of the class that is predicted there.

    Examples with a known class are drawn with a marker a class, in its colour.

    Args:
        model: a classifier of two features, with values.
        x: examples ``(n, 2)``, which tell what part of the plane is drawn; or ``Examples``, perhaps with ``y``.
        y: the true class of each, ``(n,)``, numbers or names; None draws no examples.
        resolution: how many places a side, from 2 to 2000.
        ax: where to draw; a new figure if left out.

    Raises:
        MissingExtraError: matplotlib is missing.
        ArgumentError: the model takes other inputs, or tells no classes.
        DataError: ``x`` is no such data.

    >>> from layerkit import Dense, Sequential, Softmax
    >>> model = Sequential([Dense(2, activation=Softmax())]).initialize(2, seed=0)
    >>> ax = decision_regions(model, [[0.0, 0.0], [1.0, 1.0]], [0, 1], resolution=20)
    >>> sorted(text.get_text() for text in ax.get_legend().get_texts())
    ['0', '1']
    """
    check_instance("decision_regions", "model", model, Model)
    ax = axes_for("decision_regions", ax)
    check_integer("decision_regions", "resolution", resolution, minimum=2, maximum=2000)
    if model.input_shape != (2,):
        raise ArgumentError(f"decision_regions: the model must take 2 features, and it takes {model.input_shape}")
    if isinstance(x, Examples) and y is not None:
        raise ArgumentError("decision_regions: Examples hold their targets: leave y out")
    examples = matched(x if isinstance(x, Examples) else Examples(x, y), model.schema)
    points = np.asarray(examples.x, np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points) or not np.isfinite(points).all():
        raise DataError(f"decision_regions: x must be finite numbers (n, 2), at least one row, got {points.shape}")
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.where(high > low, _MARGIN * (high - low), 1.0)
    sides = [np.linspace(low[axis] - room[axis], high[axis] + room[axis], resolution) for axis in (0, 1)]
    grid = np.stack(np.meshgrid(*sides), axis=-1)
    predicted = _classes(model, grid.reshape(-1, 2)).reshape(resolution, resolution)
    true = None if examples.y is None else _true_classes(examples.y)
    outputs = model.output_shape[-1]
    count = max(2, outputs if isinstance(outputs, int) else 2, 0 if true is None else int(true.max()) + 1)
    if count > _MOST_CLASSES:
        raise ArgumentError(f"decision_regions: {count} classes cannot be told apart; {_MOST_CLASSES} at most")
    names = [*(model.schema.classes or examples.classes or ())][:count]
    names += [str(place) for place in range(len(names), count)]
    _draw(ax, sides, predicted, points, true, [*map(plain, names)])
    columns = model.schema.columns or examples.names or ("first feature", "second feature")
    ax.set(xlabel=plain(columns[0]), ylabel=plain(columns[1]))
    return ax


def _classes(model: Model, x: Array) -> Array:
    found = told_classes(model.predict(x), model.structure.node, model.readout, model.threshold, None)
    if found.ndim != 1:
        raise ArgumentError("decision_regions: the model predicts labels that do not exclude each other, or sequences")
    return found.astype(np.int64)


def _true_classes(y: Array) -> Array:
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    found = y.argmax(axis=1) if y.ndim == 2 else y
    if found.ndim != 1 or (found != np.floor(found)).any() or (found < 0).any():
        raise DataError(f"decision_regions: y must be class numbers from 0, names or one-hot rows, got shape {y.shape}")
    return found.astype(np.int64)


def _draw(ax: Axes, sides: list[Array], predicted: Array, points: Array, true: Array | None, names: list[str]) -> None:
    from matplotlib import rc_context, rcParams
    from matplotlib.patches import Patch

    colours = rcParams["axes.prop_cycle"].by_key().get("color", ["C0"])
    handles: list[tuple[Any, ...]] = []
    for place, name in enumerate(names):
        colour = each_of(colours, place)
        hatch = each_of(HATCHES, place)
        here = predicted == place
        if here.any():
            # half a step inside: the borders of neighbours meet
            levels = [0.5, 1.5]
            with rc_context({"hatch.color": rcParams["text.color"], "hatch.linewidth": 0.4}):
                ax.contourf(*sides, here.astype(float), levels=levels, colors=[colour], hatches=[hatch], alpha=0.3)
        if true is not None and (true == place).any():
            marker = each_of(MARKERS, place)
            drawn = ax.scatter(*points[true == place].T, marker=marker, s=16, color=colour, linewidths=0.4, label=name)
            drawn.set_gid(f"class {place}")
            handles.append((Patch(facecolor=colour, hatch=hatch, alpha=0.5), drawn))
        else:
            handles.append((Patch(facecolor=colour, hatch=hatch, alpha=0.5),))
    ax.legend(handles, names, title="class", handlelength=3)
