"""A network as an SVG image."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from layerkit.plots.network import Box

_HIGH, _BETWEEN, _APART, _MARGIN = 54.0, 30.0, 24.0, 16.0
_SIGN = 7.2
"""The width of a character, in pixels; a little more than most have."""
_STYLE = (
    "svg{color:#1a1a1a}.ground{fill:#fff}.box{fill:none}@media(prefers-color-scheme:dark){svg{color:#eee}"
    ".ground{fill:#1a1a1a}}"
)


def as_svg(name: str, boxes: list[Box]) -> str:
    """Boxes in rows from top to bottom, each below all that it reads."""
    rows, ways = _rows(boxes)
    width = {place: _width(boxes[place]) if place < len(boxes) else 8.0 for row in rows for place in row}
    whole = max(sum(width[place] for place in row) + _APART * (len(row) - 1) for row in rows) + 2 * _MARGIN
    high = len(rows) * (_HIGH + _BETWEEN) - _BETWEEN + 2 * _MARGIN
    centre: dict[int, tuple[float, float]] = {}
    for level, row in enumerate(rows):
        left = (whole - sum(width[place] for place in row) - _APART * (len(row) - 1)) / 2
        for place in row:
            centre[place] = (left + width[place] / 2, _MARGIN + level * (_HIGH + _BETWEEN))
            left += width[place] + _APART
    size = {"width": f"{whole:g}", "height": f"{high:g}", "viewBox": f"0 0 {whole:g} {high:g}"}
    root = Element(
        "svg",
        {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "font-family": "sans-serif", "font-size": "12", **size},
    )
    SubElement(root, "title").text = f"Diagram of {name}"
    SubElement(root, "style").text = _STYLE
    marker = {"id": "tip", "viewBox": "0 0 8 8", "refX": "8", "refY": "4", "markerWidth": "7", "markerHeight": "7"}
    tip = SubElement(SubElement(root, "defs"), "marker", {**marker, "orient": "auto"})
    SubElement(tip, "path", {"d": "M0 0 L8 4 L0 8 Z", "fill": "currentColor"})
    SubElement(root, "rect", {"class": "ground", "width": "100%", "height": "100%"})
    for way in ways:
        points = [point for at, place in enumerate(way) for point in _ends(centre[place], at, len(way))]
        text = " ".join(f"{x:.6g},{y:.6g}" for x, y in points)
        line = {"points": text, "fill": "none", "stroke": "currentColor", "marker-end": "url(#tip)"}
        SubElement(root, "polyline", line)
    for place, box in enumerate(boxes):
        _draw(root, box, centre[place], width[place])
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _ends(centre: tuple[float, float], at: int, length: int) -> list[tuple[float, float]]:
    """Where a way leaves a box, passes a row between two, or ends."""
    x, top = centre
    if at == 0:
        return [(x, top + _HIGH)]
    if at == length - 1:
        return [(x, top)]
    return [(x, top), (x, top + _HIGH)]


def _rows(boxes: list[Box]) -> tuple[list[list[int]], list[list[int]]]:
    """The places in each row, and each way from box to box. What passes a row has a place of its own there."""
    level: list[int] = []
    for box in boxes:
        level.append(1 + max((level[source] for source in box.reads), default=-1))
    rows: list[list[int]] = [[] for _ in range(max(level) + 1)]
    for place, its_row in enumerate(level):
        rows[its_row].append(place)
    ways = []
    free = len(boxes)
    above: dict[int, list[int]] = {place: [] for place in range(len(boxes))}
    for place, box in enumerate(boxes):
        for source in box.reads:
            way = [source]
            for passed in range(level[source] + 1, level[place]):
                rows[passed].append(free)
                above[free] = [way[-1]]
                way.append(free)
                free += 1
            above[place].append(way[-1])
            ways.append([*way, place])
    for upper, row in pairwise(rows):
        order = {place: at for at, place in enumerate(upper)}
        middle = {
            place: sum(order[each] for each in above[place]) / len(above[place]) if above[place] else float(at)
            for at, place in enumerate(row)
        }
        row.sort(key=middle.__getitem__)
    return rows, ways


def _width(box: Box) -> float:
    return max(90.0, _SIGN * max(map(len, _words(box))) + 20)


def _words(box: Box) -> list[str]:
    return [" ".join(filter(None, (box.path, box.title))), box.shape, box.size]


def _draw(root: Element, box: Box, centre: tuple[float, float], width: float) -> None:
    x, top = centre
    place = {"x": f"{x - width / 2:.6g}", "y": f"{top:.6g}", "width": f"{width:.6g}", "height": f"{_HIGH:g}", "rx": "5"}
    SubElement(root, "rect", {"class": "box", "stroke": "currentColor", **place})
    words = [each for each in _words(box) if each]
    first = top + _HIGH / 2 - 8 * (len(words) - 1) + 4
    for line, text in enumerate(words):
        style = {"font-weight": "bold"} if line == 0 else {}
        at = {"x": f"{x:.6g}", "y": f"{first + 16 * line:.6g}", "text-anchor": "middle", "fill": "currentColor"}
        SubElement(root, "text", {**at, **style}).text = "".join(sign if sign.isprintable() else " " for sign in text)
