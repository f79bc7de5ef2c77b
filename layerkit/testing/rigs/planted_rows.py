"""A batch in which each row is of another kind that normal numbers never are, and what gradients are worth in each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial

import numpy as np

from layerkit.testing.differences import Slope, derivative, worst
from layerkit.testing.inputs import each, parts, read_only, rows_of
from layerkit.testing.rigs.layer_rig import LayerRig, Tree
from layerkit.testing.rigs.products import views
from layerkit.testing.subject import generator
from layerkit.types import Array, Value

_SMALL = 0.01
_FAR = 8.0
_VERY_FAR = 60.0
_PLACES = 5
_DIRECTIONS = 2


def _half_zero(row: Array) -> Array:
    row.flat[::2] = 0.0
    return row


KINDS: Mapping[str, Callable[[Array], Array]] = {
    "that is 0 everywhere": np.zeros_like,
    "of which half is 0": _half_zero,
    "of equal numbers": lambda row: np.full_like(row, 0.5),
    "of whole numbers": lambda row: np.round(2 * row),
    "of negative numbers": lambda row: -np.abs(row),
    "of positive numbers": np.abs,
    f"{_SMALL:g} times as large as usual": lambda row: _SMALL * row,
    f"{_FAR:g} times as large as usual": lambda row: _FAR * row,
    f"{_VERY_FAR:g} times as large as usual": lambda row: _VERY_FAR * row,
}


def planted_rows(rig: LayerRig) -> Value:
    """An input with a row of each kind."""
    return read_only(each(_plant, rig.inputs(len(KINDS), seed=18)))


def faults_by_row(rig: LayerRig, x: Value, training: bool) -> dict[int, str]:
    """What is wrong with the gradients in each row, by its number, of a layer in which rows do not mix.

    All rows are moved at once, each in a place of its own, so that a pass serves them all. Rows in which the output is
    not finite are left out: what the layer cannot take is its author's to say. At a kink there is nothing to compare.
    """
    count = len(parts(x)[0])
    tree = rig.tree(training=training)
    upstream = rig.upstream(x, training=training)
    step = tree.step(x, upstream)
    points = [np.array(array) for array in parts(x)]

    def sums(outputs: Value) -> Array:
        products = [g * y for g, y in zip(parts(upstream), parts(outputs), strict=True)]
        return np.sum([product.reshape(count, -1).sum(axis=1) for product in products], axis=0)

    with np.errstate(all="ignore"):
        sizes = np.maximum(sums(each(np.abs, step.output)), 1)
    rows: list[int] = np.flatnonzero(np.isfinite(sums(step.output))).tolist()
    faults: dict[int, str] = {}
    below = step.input_gradient if isinstance(step.input_gradient, tuple) else (step.input_gradient,)
    for place, (point, gradient) in enumerate(zip(points, below, strict=True)):
        what = f"input {place} of {len(points)}" if len(points) > 1 else "x"
        moves = list(_moves_of_rows(point.shape))
        slopes = [_slopes(partial(_moved, point, move, tree, points, x, sums), sizes, rows) for move in moves]
        for row in rows:
            said = [float(np.sum(gradient[row] * move[row])) for move in moves]
            _note(faults, row, what, gradient[row], said, [each_row[row] for each_row in slopes])
    if training and rig.stochastic:
        return faults  # a row alone draws other numbers
    alone = [tree.step(rows_of(x, slice(row, row + 1)), rows_of(upstream, slice(row, row + 1))) for row in range(count)]
    for entry in rig.structure.entries:
        point = entry.view(rig.structure.parameters)
        moves = [_unit(generator(20 + k).normal(size=point.shape)) for k in range(_DIRECTIONS)]
        slopes = [_slopes(partial(_moved, point, move, tree, points, x, sums), sizes, rows) for move in moves]
        for row in rows:
            gradient = alone[row].gradients[entry.path]
            said = [float(np.sum(gradient * move)) for move in moves]
            _note(faults, row, repr(entry.path), gradient, said, [each_row[row] for each_row in slopes])
    return faults


def _plant(array: Array) -> Array:
    planted = np.array(array)
    for row, change in enumerate(KINDS.values()):
        planted[row] = change(planted[row])
    return planted


def _moves_of_rows(shape: tuple[int, ...]) -> Iterator[Array]:
    """Moves of each row: some places one by one, others in each row, and a direction."""
    rng = generator(19)
    count, size = shape[0], int(np.prod(shape[1:]))
    orders = np.array([rng.permutation(size) for _ in range(count)])
    for place in range(min(size, _PLACES)):
        move = np.zeros((count, size))
        move[np.arange(count), orders[:, place]] = 1.0
        yield move.reshape(shape)
    yield np.array([_unit(row) for row in rng.uniform(-1, 1, shape)])


def _unit(direction: Array) -> Array:
    unit: Array = direction / (np.linalg.norm(direction) or 1.0)
    return unit


def _moved(
    point: Array,
    move: Array,
    tree: Tree,
    points: list[Array],
    x: Value,
    sums: Callable[[Value], Array],
    distance: float,
) -> Array:
    """The sums of all rows, with ``point`` so far along ``move``; it is put back."""
    start = point.copy()
    point += distance * move
    try:
        return sums(tree.forward(views(points, x)))
    finally:
        point[...] = start


def _slopes(sums: Callable[[float], Array], sizes: Array, rows: list[int]) -> dict[int, Slope | None]:
    """For each row the derivative of its sum."""
    known = cache(sums)
    return {row: derivative(partial(_of_row, known, row), size=float(sizes[row])) for row in rows}


def _of_row(sums: Callable[[float], Array], row: int, distance: float) -> float:
    return float(sums(distance)[row])


def _note(
    faults: dict[int, str], row: int, what: str, gradient: Array, said: list[float], slopes: list[Slope | None]
) -> None:
    if row in faults:
        return
    if np.isnan(gradient).any():
        faults[row] = f"the gradient with respect to {what} holds NaN, and the output is finite"
        return
    pairs = zip(said, slopes, strict=True)
    told = worst([("in this row", number, slope) for number, slope in pairs if slope is not None])
    if told is not None:
        faults[row] = f"the gradient with respect to {what} is {told}"
