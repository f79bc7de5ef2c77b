"""How a layer's outputs and gradients are spread, while it trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from layerkit.arguments import check_choice
from layerkit.diagnosis.layer_statistics import PERCENTILES, LayerStatistics
from layerkit.errors import ArgumentError
from layerkit.plots.drawing import axes_for, plain
from layerkit.types import Array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_LAYERS = 24


def distributions(
    statistics: LayerStatistics | Sequence[Mapping[str, Any]],
    *,
    of: Literal["outputs", "gradients"] = "outputs",
    layers: Sequence[str | int] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A small picture a layer, one below the other: what it puts out, or its gradients, over the steps of a fit.

    With ``LayerStatistics(percentiles=True)`` they are the median, in a band from the 25th to the 75th percentile, in
    one from the 5th to the 95th. Without, outputs are their mean in a band of one deviation, and gradients their norm.

    Args:
        statistics: the callback after a fit, or its records, also as its file holds them.
        of: ``"outputs"`` or ``"gradients"``; a layer without parameters that are trained has no gradients.
        layers: the paths of the layers, as ``summary`` shows them; all if left out, 24 at most.
        ax: where to draw; it is divided among the layers, and they are its ``child_axes``. A new figure if left out.

    Raises:
        MissingExtraError: matplotlib is missing.
        ArgumentError: there are no records, or no such layer in them.

    >>> records = [{"epoch": n, "step": n, "0.mean": 0.0, "0.deviation": 1.0 / n} for n in (1, 2)]
    >>> ax = distributions(records)
    >>> ax.child_axes[0].get_ylabel(), ax.child_axes[0].lines[0].get_ydata().tolist()
    ('0', [0.0, 0.0])
    """
    check_choice("distributions", "of", of, ("outputs", "gradients"))
    records = statistics.records if isinstance(statistics, LayerStatistics) else list(statistics)
    if not records or not all("step" in record for record in records):
        raise ArgumentError(
            "distributions: statistics must be a LayerStatistics after a fit, or its records, at least one"
        )
    found = _layers(records[-1], of)
    wanted = list(found) if layers is None else [str(each) for each in layers]
    lacking = [each for each in wanted if each not in found]
    if lacking or not wanted:
        known = ", ".join(map(repr, found)) or "none"
        raise ArgumentError(
            f"distributions: the records have no {of} of layer {lacking[:1] or 'any'}; they have {known}"
        )
    wanted = wanted[:_MOST_LAYERS]
    ax = axes_for("distributions", ax, size=(6.4, 1.2 + 1.1 * len(wanted)))
    ax.set_axis_off()
    steps = np.array([record["step"] for record in records], np.float64)
    height = 1 / len(wanted)
    for place, path in enumerate(wanted):
        panel = ax.inset_axes((0, 1 - (place + 1) * height + 0.1 * height, 1, 0.8 * height))
        _draw(panel, steps, {name: _column(records, f"{path}.{name}") for name in found[path]}, of)
        panel.set_ylabel(plain(path), rotation=0, ha="right")
        if place < len(wanted) - 1:
            panel.tick_params(labelbottom=False)
        else:
            panel.set_xlabel("step")
    ax.set_title(of if "output_50" in found[wanted[0]] or "gradient_50" in found[wanted[0]] else _PLAIN[of])
    return ax


_PLAIN = {"outputs": "outputs: mean ± deviation", "gradients": "norm of the gradients"}
_NEEDED = {"outputs": ("mean", "deviation"), "gradients": ("gradient",)}
_PREFIX = {"outputs": "output", "gradients": "gradient"}


def _layers(record: Mapping[str, Any], of: str) -> dict[str, list[str]]:
    """The layers that records tell of, each with what is drawn of it."""
    found: dict[str, list[str]] = {}
    for key in record:
        path, _, name = key.rpartition(".")
        if path and name == _NEEDED[of][0]:
            spread = [f"{_PREFIX[of]}_{each}" for each in PERCENTILES]
            told = all(f"{path}.{each}" in record for each in spread)
            found[path] = spread if told else [each for each in _NEEDED[of] if f"{path}.{each}" in record]
    # layers are shown in the order in which they put something out
    order = [key.removesuffix(".mean") for key in record if key.endswith(".mean")]
    return dict(sorted(found.items(), key=lambda each: order.index(each[0]) if each[0] in order else len(order)))


def _column(records: Sequence[Mapping[str, Any]], name: str) -> Array:
    return np.array([record.get(name, np.nan) for record in records], np.float64)


def _draw(panel: Axes, steps: Array, columns: dict[str, Array], of: str) -> None:
    values = list(columns.values())
    marker = "o" if len(steps) == 1 else None
    if len(values) == len(PERCENTILES):
        bands, middle = [(values[0], values[4]), (values[1], values[3])], values[2]
    elif len(values) == 2:
        bands, middle = [(values[0] - values[1], values[0] + values[1])], values[0]
    else:
        bands, middle = [], values[0]
    [line] = panel.plot(steps, middle, marker=marker)
    for low, high in bands:
        panel.fill_between(steps, low, high, color=line.get_color(), alpha=0.3, linewidth=0)
    if of == "gradients" and not bands and (middle > 0).all():
        panel.set_yscale("log")
