"""The steps as a picture: one panel a case, one bar a contender, against the hand-written NumPy loop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.contenders import entry_named


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Write the picture to ``path``, in the format of its suffix.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    timed = [row for row in rows if "microseconds" in row]
    groups = list(dict.fromkeys((row["case"], row["threads"]) for row in timed))
    figure = Figure(figsize=(9, 0.6 + 2.6 * max(len(groups), 1)), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, group in zip(figure.subplots(max(len(groups), 1), squeeze=False)[:, 0], groups, strict=False):
        shown = sorted(
            (row for row in timed if (row["case"], row["threads"]) == group), key=lambda row: row["microseconds"]
        )
        ours = ["layerkit" in entry_named(row["contender"]).requires for row in shown]
        colours = ["tab:orange" if own else "tab:blue" for own in ours]
        bars = axes.barh(
            [row["contender"] for row in shown],
            [row["microseconds"] for row in shown],
            color=colours,
        )
        axes.bar_label(bars, labels=[f"{row['microseconds']:.1f}" for row in shown], padding=3)
        axes.set(title=f"{group[0]}, threads: {group[1]}", xlabel="µs a step (logarithmic)", xscale="log")
        axes.invert_yaxis()
        axes.margins(x=0.15)
    figure.savefig(path)
