"""The learning rate of every step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layerkit.arguments import check_instance, check_integer
from layerkit.errors import ArgumentError
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.update_context import UpdateContext
from layerkit.plots.drawing import LINES, axes_for, each_of, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS = 2000


def schedule(
    schedule: Schedule, *, steps: int, epochs: int | None = None, name: str | None = None, ax: Axes | None = None
) -> Axes:
    """The learning rate that a schedule gives over a training; call it again with the same ``ax`` to compare.

    Args:
        schedule: such as ``Cosine(0.1, length=10)``.
        steps: how many steps the training has, at least 1; of more than 2000, so many of them are drawn.
        epochs: in how many epochs of equal length; schedules in epochs need it, and the axis then counts them.
        name: what the line is called; the schedule as it is written if left out.
        ax: where to draw; a new figure if left out.

    Raises:
        MissingExtraError: matplotlib is missing.
        ArgumentError: an argument is out of range, or the schedule needs ``epochs``.

    >>> from layerkit import StepDecay
    >>> ax = schedule(StepDecay(0.5, factor=0.1, every=2), steps=4, epochs=4)
    >>> ax.lines[0].get_xdata().tolist(), [round(rate, 3) for rate in ax.lines[0].get_ydata().tolist()]
    ([0.0, 1.0, 2.0, 3.0], [0.5, 0.5, 0.05, 0.05])
    """
    check_instance("schedule", "schedule", schedule, Schedule)
    ax = axes_for("schedule", ax)
    check_integer("schedule", "steps", steps, minimum=1, maximum=10**9)
    if epochs is not None:
        check_integer("schedule", "epochs", epochs, minimum=1)
        if steps % epochs:
            raise ArgumentError(f"schedule: {steps} steps are no {epochs} epochs of equal length")
    length = None if epochs is None else steps // epochs
    ctx = UpdateContext((), np.dtype(np.float64), rng=np.random.default_rng(0), steps_per_epoch=length)
    places = np.unique(np.linspace(0, steps - 1, min(steps, _POINTS)).astype(np.int64))
    rates = [float(schedule.rate(int(place), ctx)) for place in places]
    line = each_of(LINES, len(ax.lines))
    ax.plot(places / (length or 1), rates, line, label=plain(name or repr(schedule)))
    ax.set(xlabel="step" if length is None else "epoch", ylabel="learning rate")
    ax.legend()
    return ax
