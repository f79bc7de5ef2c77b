"""What a classifier gains and pays at every threshold: ROC and precision–recall."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from layerkit.metrics.ranked_scores import weights_of_scores
from layerkit.plots.drawing import LINES, MARKERS, axes_for, cut, each_of, plain
from layerkit.plots.scored import against_the_rest
from layerkit.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Curve = Callable[[Array, Array], tuple[Array, Array, float]]
"""From the weights of positives and of negatives at each score, highest first, to the curve and the area under it."""


def roc_curve(
    targets: Any,
    scores: Any,
    *,
    weights: Any = None,
    name: str | None = None,
    classes: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How many positives are found, over how many negatives are taken for one, as the threshold falls.

    The dashed diagonal is what chance gives. The legend has the area, as ``RocAuc`` measures it. Of more than two
    classes, or of labels, each has a line of its own, against the rest. Call it again with the same ``ax`` to compare
    models.

    Args:
        targets: 0 or 1, ``(n,)``; class numbers; or rows of 0 and 1, ``(n, classes)``.
        scores: as ``predict`` gives them, ``(n,)``, ``(n, 1)`` or ``(n, classes)``; they need be no probabilities.
        weights: of the examples, ``(n,)``.
        name: what the line is called.
        classes: the names of the classes.
        ax: where to draw; a new figure if left out.

    Raises:
        MissingExtraError: matplotlib is missing.
        DataError: the targets do not fit the scores, or all are of one class.

    >>> ax = roc_curve([0, 1, 0, 1], [1.0, 2.0, 3.0, 4.0])
    >>> ax.lines[-1].get_label(), ax.lines[-1].get_ydata().tolist()
    ('area 0.75', [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    ax = axes_for("roc_curve", ax)
    if not any(line.get_gid() == "chance" for line in ax.lines):
        ax.axline((0, 0), (1, 1), linestyle=":", color="gray", gid="chance")
    _draw(ax, "roc_curve", targets, scores, weights, name, classes, _roc, "area", {})
    ax.set(xlabel="negatives taken for positive", ylabel="positives found", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    return ax


def precision_recall_curve(
    targets: Any,
    scores: Any,
    *,
    weights: Any = None,
    name: str | None = None,
    classes: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How many of those taken for positive are, over how many positives are found, as the threshold falls.

    The legend has the average precision, Σ (Rₙ − Rₙ₋₁) Pₙ: the area under the steps. All else is as in ``roc_curve``.

    >>> ax = precision_recall_curve([0, 1, 0, 1], [1.0, 2.0, 3.0, 4.0])
    >>> ax.lines[-1].get_label(), ax.lines[-1].get_xdata().tolist()
    ('average precision 0.833', [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    ax = axes_for("precision_recall_curve", ax)
    steps = {"drawstyle": "steps-pre"}
    _draw(ax, "precision_recall_curve", targets, scores, weights, name, classes, _precision, "average precision", steps)
    ax.set(xlabel="positives found (recall)", ylabel="precision", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    return ax


def _roc(positive: Array, negative: Array) -> tuple[Array, Array, float]:
    found, alarms = (np.append(0.0, np.cumsum(each) / each.sum()) for each in (positive, negative))
    return alarms, found, float(np.trapezoid(found, alarms))


def _precision(positive: Array, negative: Array) -> tuple[Array, Array, float]:
    hits = np.cumsum(positive)
    taken = hits + np.cumsum(negative)
    precision, recall = hits / taken, np.append(0.0, hits / hits[-1])
    return recall, np.append(1.0, precision), float(np.diff(recall).dot(precision))


def _draw(
    ax: Axes,
    picture: str,
    targets: Any,
    scores: Any,
    weights: Any,
    name: str | None,
    classes: Sequence[str] | None,
    curve: _Curve,
    measure: str,
    style: dict[str, Any],
) -> None:
    found = list(against_the_rest(picture, targets, scores, classes, weights))
    before = sum(str(line.get_gid()).startswith("curve-") for line in ax.lines)
    for place, (label, score, weight) in enumerate(found, before):
        _, positive, negative = weights_of_scores(score, weight)
        x, y, area = curve(positive[::-1], negative[::-1])
        told = [part for part in (name, cut(label) if len(found) > 1 else None) if part]
        text = f"{', '.join(told)}: {measure} {area:.3g}" if told else f"{measure} {area:.3g}"
        text = plain(text)
        marker = each_of(MARKERS, place) if len(found) > len(LINES) else None
        ax.plot(x, y, each_of(LINES, place), marker=marker, markevery=0.15, label=text, gid=f"curve-{place}", **style)
    ax.legend(loc="lower right" if measure == "area" else "lower left", fontsize="small" if len(found) > 4 else None)
