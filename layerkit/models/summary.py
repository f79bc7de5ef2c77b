"""A model's layers as a table."""

from __future__ import annotations

import math
from collections.abc import Iterator

from layerkit.models.node import Node
from layerkit.models.structure import Structure
from layerkit.notebook import html_table
from layerkit.shapes import is_many, with_batch


def summarize(node: Node, structure: Structure) -> str:
    """Path, layer, output shape and parameters of every layer; the sums of all values below.

    Where containers tell what their parts read, that is a column too, and named inputs of the model have lines.
    """
    rows = _rows(node)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join([*map(str.ljust, row[:-1], widths), row[-1].rjust(widths[-1])]) for row in rows]
    lines.insert(1, "-" * len(lines[0]))
    return "\n".join([*(line.rstrip() for line in lines), _totals(node, structure)])


def summary_html(node: Node, structure: Structure) -> str:
    """The same as a table for a notebook."""
    rows = _rows(node)
    # blanks in front say how deep a layer stands
    told = [[cell.replace("  ", "\N{NO-BREAK SPACE}" * 2) for cell in row] for row in rows[1:]]
    return html_table(rows[0], told, left=len(rows[0]) - 1, below=_totals(node, structure))


def _rows(node: Node) -> list[tuple[str, ...]]:
    rows = [("path", "layer", "reads", "output shape", "parameters"), *_inputs(node), *_layers(node, "")]
    return rows if any(row[2] for row in rows[1:]) else [row[:2] + row[3:] for row in rows]


def _totals(node: Node, structure: Structure) -> str:
    inside = list(node.walk())
    layers = {id(inner.layer) for inner in inside}
    entries = [entry for entry in structure.entries if id(entry.layer) in layers]
    trained = sum(entry.stop - entry.start for entry in entries if entry.trainable)
    frozen_count = sum(entry.stop - entry.start for entry in entries if not entry.trainable)
    states = sum(entry.stop - entry.start for entry in structure.state_entries if id(entry.layer) in layers)
    totals = f"{trained:,} trained parameters"
    if frozen_count:
        totals += f", {frozen_count:,} frozen"
    if states:
        totals += f", {states:,} values of untrained state"
    return f"{totals}, {structure.dtype}"


def _inputs(node: Node) -> Iterator[tuple[str, ...]]:
    names = node.layer.input_names if node.layer.part_inputs else ()
    shapes = node.input_shape if is_many(node.input_shape) else (node.input_shape,)
    for name, shape in zip(names, shapes, strict=True) if names else ():
        yield name, "(input)", "", with_batch(shape), ""


def _layers(node: Node, reads: str) -> Iterator[tuple[str, ...]]:
    """A line for each layer; none for the outermost one, which holds all others."""
    if node.path or not node.parts:
        depth = node.path.count(".")
        count = f"{_size(node):,}" if node.first else "shared"
        frozen = " (frozen)" if node.layer.frozen else ""
        name = "  " * depth + type(node.layer).__name__ + frozen
        yield node.path or "-", name, reads, with_batch(node.output_shape), count
    for name, part in node.parts.items():
        yield from _layers(part, ", ".join(node.layer.part_inputs.get(name, ())))


def _size(node: Node) -> int:
    return sum(math.prod(declaration.shape) for declaration in node.parameters.values())
