"""Pictures of ``layerkit.plots`` as part of a page: in the page's colours, each with names of its own inside."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

from layerkit.plots.drawing import rendered
from layerkit.reports.sections import Picture

_INK = "#010203"
"""A colour that no picture uses otherwise: it becomes that of the page's text, dark or light."""
_COLOURED = ("text.color", "axes.edgecolor", "axes.labelcolor", "axes.titlecolor", "xtick.color", "ytick.color")
_STYLE: dict[str, Any] = {
    **dict.fromkeys(_COLOURED, _INK),
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "font.size": 9,
    # a name of a class is no formula
    "text.parse_math": False,
}
_PREAMBLE = re.compile(r"^.*?(?=<svg)|<metadata>.*?</metadata>|<style type=\"text/css\">.*?</style>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_NAMES = re.compile(r'(\bid="|url\(#|xlink:href="#)')


def picture(draw: Callable[..., Any], caption: str, *, name: str, size: tuple[float, float] = (5.0, 3.2)) -> Picture:
    """What ``draw(ax=…)`` draws on axes of ``size`` inches; ``name`` is its own in the page."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_STYLE), warnings.catch_warnings():
        # signs that a font lacks are the browser's to show, since text stays text
        warnings.simplefilter("ignore", UserWarning)
        ax = Figure(figsize=size, layout="constrained").subplots()
        draw(ax=ax)
        _write_powers_plainly(ax)
        svg = rendered(ax, "svg").decode()
    svg = _TAG.sub(
        lambda tag: _NAMES.sub(rf"\g<1>{name}-", tag[0]).replace(_INK, "currentColor"), _PREAMBLE.sub("", svg)
    )
    return Picture(svg.replace("<svg ", f'<svg role="img" aria-label="{_escaped(caption)}" ', 1), caption)


def _write_powers_plainly(ax: Any) -> None:
    """Logarithmic axes write powers as formulas unless told otherwise."""
    from matplotlib.ticker import LogFormatter

    for inner in (ax, *ax.child_axes):
        for axis in (inner.xaxis, inner.yaxis):
            if axis.get_scale() == "log":
                axis.set_major_formatter(LogFormatter())
                axis.set_minor_formatter(LogFormatter())


def _escaped(text: str) -> str:
    from html import escape

    return escape(text)
