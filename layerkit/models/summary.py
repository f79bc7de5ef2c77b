"""A model's layers as a table."""

from __future__ import annotations

from layerkit.models.node import Node
from layerkit.models.structure import Structure
from layerkit.shapes import with_batch


def summarize(node: Node, structure: Structure) -> str:
    """Path, layer, output shape and parameters of every layer; the sums of all values below."""
    rows = [("path", "layer", "output shape", "parameters")]
    inside = list(node.walk())
    for inner in inside:
        if inner is node and node.parts:
            continue
        depth = inner.path.count(".")
        count = "shared" if not inner.first else f"{_size(inner):,}"
        frozen = " (frozen)" if inner.layer.frozen else ""
        rows.append((inner.path or "-", "  " * depth + type(inner.layer).__name__ + frozen,
                     with_batch(inner.output_shape), count))  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        f"{row[0]:<{widths[0]}}  {row[1]:<{widths[1]}}  {row[2]:<{widths[2]}}  {row[3]:>{widths[3]}}" for row in rows
    ]
    lines.insert(1, "-" * len(lines[0]))
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
    return "\n".join([*(line.rstrip() for line in lines), f"{totals}, {structure.dtype}"])


def _size(node: Node) -> int:
    total = 0
    for declaration in node.parameters.values():
        size = 1
        for axis in declaration.shape:
            size *= axis
        total += size
    return total
