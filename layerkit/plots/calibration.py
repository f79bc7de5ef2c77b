"""How far confidence is from how often it is right, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from layerkit.arguments import check_integer
from layerkit.errors import DataError
from layerkit.metrics.calibration_bins import binned, claims
from layerkit.metrics.probabilities import Probabilities
from layerkit.plots.drawing import LINES, MARKERS, axes_for, each_of, plain
from layerkit.plots.scored import checked_scores, checked_weights, truths

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def calibration_curve(
    targets: Any,
    probabilities: Any,
    *,
    bins: int = 10,
    weights: Any = None,
    name: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """How often what is claimed is true, over the probability that it is claimed with: on the diagonal all is right.

    There is a point for each bin that holds something, and the legend has the expected calibration error, as
    ``CalibrationError`` measures it. Of two classes it is about class 1, of more about the likeliest one, of labels
    about all of them. Call it again with the same ``ax`` to compare models.

    Args:
        targets: 0 or 1, ``(n,)``; class numbers; or rows of 0 and 1, ``(n, classes)``.
        probabilities: as ``predict`` gives them, between 0 and 1: ``(n,)``, ``(n, 1)`` or ``(n, classes)``.
        bins: of equal width, from 1 to 1000.
        weights: of the examples, ``(n,)``.
        name: what the line is called.
        ax: where to draw; a new figure if left out.

    Raises:
        MissingExtraError: matplotlib is missing.
        ArgumentError: ``bins`` is out of range.
        DataError: the targets do not fit, or something is no probability.

    >>> ax = calibration_curve([0, 1, 1, 1], [0.5, 0.5, 0.5, 0.5])
    >>> ax.lines[-1].get_ydata().tolist(), ax.lines[-1].get_label()
    ([0.75], 'calibration error 0.25')
    """
    ax = axes_for("calibration_curve", ax)
    check_integer("calibration_curve", "bins", bins, minimum=1, maximum=1000)
    chance = checked_scores("calibration_curve", probabilities, "probabilities")
    if chance.min() < 0 or chance.max() > 1:
        raise DataError(
            f"calibration_curve: probabilities lie between 0 and 1, got {chance.min():g} to {chance.max():g}: give "
            "what predict gives of a model that was trained with CrossEntropy or BinaryCrossEntropy"
        )
    truth, labels = truths("calibration_curve", targets, chance.shape)
    if chance.shape[1] == 1:
        chance = np.hstack([1 - chance, chance])
    each = checked_weights(weights, len(chance))
    weight, claimed, right = binned(*claims(Probabilities(chance, truth, each, labels)), bins)
    error = float(np.abs(claimed - right).sum() / weight.sum())
    used = weight > 0
    if not any(line.get_gid() == "right" for line in ax.lines):
        ax.axline((0, 0), (1, 1), linestyle=":", color="gray", gid="right")
    place = sum(str(line.get_gid()).startswith("curve-") for line in ax.lines)
    text = f"{name}: calibration error {error:.3g}" if name else f"calibration error {error:.3g}"
    style = f"{each_of(MARKERS, place)}{each_of(LINES, place)}"
    ax.plot(claimed[used] / weight[used], right[used] / weight[used], style, label=plain(text), gid=f"curve-{place}")
    ax.set(xlabel="claimed probability", ylabel="share that is true", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    ax.legend(loc="upper left")
    return ax
