"""Draws the curves of activations and schedules, for docs/reference.md, as small SVG files in docs/pictures.

An elementwise activation is drawn with its derivative, made with its defaults; a schedule over six epochs, with the
arguments of its first case in the conformance kit. ``scripts/make_generated_files.py`` writes the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any

import numpy as np

from layerkit import Activation, Schedule, Sequential, UpdateContext
from layerkit.plugin import ComponentEntry, PluginHost
from layerkit.testing import cases_of

FOLDER = "docs/pictures"
_WIDTH, _HEIGHT, _MARGIN = 320.0, 200.0, 24.0
_REACH = 6.0
_EPOCHS, _STEPS_PER_EPOCH = 6, 50
_TALLEST = 6.0
_COLOURS = ("#0f62a8", "#c2570c")
_DASHES = ("", ' stroke-dasharray="5 4"')
_FLAT = 5
"""How far from a straight line, in hundredths of a pixel, a point may lie to be left out."""

Curve = tuple[str, list[tuple[float, float]]]
"""What it is called, and its points."""


def picture_of(entry: ComponentEntry) -> str:
    """Where the picture of a component is, from the page on; only some components have one."""
    return f"pictures/{entry.kind.removesuffix('s')}-{entry.name}.svg"


def pictures(host: PluginHost) -> dict[str, str]:
    """Each file with its content."""
    found = {}
    drawings: tuple[tuple[str, Callable[[ComponentEntry, Any], str | None]], ...] = (
        ("activations", _activation),
        ("schedules", _schedule),
    )
    for kind, draw in drawings:
        for entry in host.components(kind):
            drawn = draw(entry, host.load(kind, entry.name))
            if drawn is not None:
                found[f"docs/{picture_of(entry)}"] = drawn
    return found


def _activation(entry: ComponentEntry, kind: type[Activation]) -> str | None:
    activation = kind()
    if not activation.elementwise:
        return None
    model = Sequential([activation]).initialize(1, dtype="float64")
    # a jump of the derivative at a kink is drawn as one
    near = [kink + shift for kink in activation.kinks for shift in (-1e-6, 1e-6)]
    z = np.unique(np.concatenate([np.linspace(-_REACH, _REACH, 121), near]))[:, None]
    values, slopes = model.predict(z)[:, 0], activation.derivative(z)[:, 0]
    curves = [(name, _points(z[:, 0], array)) for name, array in (("y", values), ("y′", slopes))]
    return "\n".join(_svg(repr(activation), "z", (-_REACH, _REACH), curves)) + "\n"


def _schedule(entry: ComponentEntry, kind: type[Schedule]) -> str:
    schedule = kind(**cases_of(None, entry.cases)[0].arguments)
    ctx = UpdateContext((), np.dtype(np.float64), rng=np.random.default_rng(0), steps_per_epoch=_STEPS_PER_EPOCH)
    steps = np.arange(_EPOCHS * _STEPS_PER_EPOCH)
    rates = np.array([schedule.rate(int(step), ctx) for step in steps])
    curves = [("rate", _points(steps / _STEPS_PER_EPOCH, rates))]
    return "\n".join(_svg(repr(schedule), "epochs", (0, _EPOCHS), curves)) + "\n"


def _points(x: Any, y: Any) -> list[tuple[float, float]]:
    return [(float(one), float(other)) for one, other in zip(x, y, strict=True) if abs(other) <= _TALLEST + 1]


def _svg(title: str, across: str, reach: tuple[float, float], curves: Sequence[Curve]) -> Iterator[str]:
    heights = [y for _, points in curves for _, y in points]
    low, high = min(0.0, *heights), min(max(1.0, *heights), _TALLEST)
    # a little room above and below
    low, high = low - 0.05 * (high - low), high + 0.05 * (high - low)

    def at(x: float, y: float) -> tuple[int, int]:
        across = _MARGIN + (x - reach[0]) / (reach[1] - reach[0]) * (_WIDTH - 2 * _MARGIN)
        down = _HEIGHT - _MARGIN - (y - low) / (high - low) * (_HEIGHT - 2 * _MARGIN)
        return round(100 * across), round(100 * down)

    def text(x: float, y: float, words: str, *, anchor: str = "middle", colour: str = "#555") -> str:
        return f'<text x="{x:.4g}" y="{y:.4g}" fill="{colour}" text-anchor="{anchor}">{escape(words)}</text>'

    right, bottom = _WIDTH - _MARGIN, _HEIGHT - _MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH:g}" height="{_HEIGHT:g}" role="img" '
        f'viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" font-family="sans-serif" font-size="11">'
    )
    yield f"<title>{escape(title)}</title>"
    yield f'<rect width="{_WIDTH:g}" height="{_HEIGHT:g}" fill="#fff"/>'
    frame = f'<rect x="{_MARGIN:g}" y="{_MARGIN:g}" width="{right - _MARGIN:g}" height="{bottom - _MARGIN:g}"/>'
    yield f'<clipPath id="frame">{frame}</clipPath>'
    yield f'<g stroke="#bbb">{_line(at(reach[0], 0), at(reach[1], 0))}{_line(at(0, low), at(0, high))}</g>'
    for height in (0.0, 1.0, *((_TALLEST,) if high > _TALLEST else ())):
        yield text(_MARGIN - 5, at(0, height)[1] / 100 + 4, f"{height:g}", anchor="end")
    for place in (reach[0], reach[1]):
        yield text(at(place, 0)[0] / 100, bottom + 15, f"{place:g}".replace("-", "−"))
    yield text(_WIDTH / 2, bottom + 15, across)
    for number, (name, points) in enumerate(curves):
        colour, dashes = _COLOURS[number], _DASHES[number]
        places = " ".join(f"{x / 100:.4g},{y / 100:.4g}" for x, y in _straightened([at(*point) for point in points]))
        style = f'fill="none" stroke="{colour}" stroke-width="1.8"{dashes}'
        yield f'<polyline points="{places}" {style} clip-path="url(#frame)"/>'
        yield text(_MARGIN + 6 + 26 * number, 16, name, anchor="start", colour=colour)
    yield text(right, 16, title, anchor="end")
    yield "</svg>"


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<line x1="{x1 / 100:.4g}" y1="{y1 / 100:.4g}" x2="{x2 / 100:.4g}" y2="{y2 / 100:.4g}"/>'


def _straightened(points: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The points but for those that lie on the line between their neighbours."""
    kept = [points[0]]
    first = 0
    for last in range(2, len(points)):
        (x1, y1), (x2, y2) = points[first], points[last]
        length = max(np.hypot(x2 - x1, y2 - y1), 1e-9)
        off = (abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) for x, y in points[first + 1 : last])
        if max(off) > _FLAT * length:
            first = last - 1
            kept.append(points[first])
    return [*kept, points[-1]]
