"""A batch in which each row is of another kind that normal numbers never are, and what gradients are worth in each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import final

import numpy as np

from layerkit.testing.differences import derivative, worst
from layerkit.testing.inputs import each, parts, read_only, rows_of
from layerkit.testing.rigs.layer_rig import LayerRig
from layerkit.testing.rigs.products import views
from layerkit.testing.subject import generator
from layerkit.types import Array, Value

_VERY_SMALL = 0.001
_SMALL = 0.01
_FAR = 8.0
_VERY_FAR = 60.0
_FARTHEST = 1000.0
_PLACES = 5
_DIRECTIONS = 2
_PAIRS = 4
_SINGLY = 64
_ADDITIVE = 1e-4


def _half_zero(row: Array) -> Array:
    row.flat[::2] = 0.0
    return row


def _one_zero(row: Array) -> Array:
    row.flat[row.size // 2 : row.size // 2 + 1] = 0.0
    return row


KINDS: Mapping[str, Callable[[Array], Array]] = {
    "that is 0 everywhere": np.zeros_like,
    "of which half is 0": _half_zero,
    "of equal numbers": lambda row: np.full_like(row, 0.5),
    "of whole numbers": lambda row: np.round(2 * row),
    "of negative numbers": lambda row: -np.abs(row),
    "of positive numbers": np.abs,
    f"{_VERY_SMALL:g} times as large as usual": lambda row: _VERY_SMALL * row,
    f"{_SMALL:g} times as large as usual": lambda row: _SMALL * row,
    f"{_FAR:g} times as large as usual": lambda row: _FAR * row,
    "of which one number is 0": _one_zero,
    f"{_VERY_FAR:g} times as large as usual": lambda row: _VERY_FAR * row,
    f"{_FARTHEST:g} times as large as usual": lambda row: _FARTHEST * row,
}


def planted_rows(rig: LayerRig) -> Value:
    """An input with a row of each kind."""
    return read_only(each(_plant, rig.inputs(len(KINDS), seed=18)))


def on_parameters(rig: LayerRig) -> Iterator[Value]:
    """For each parameter that is as long as the input's last axis, an input whose rows are the parameter's."""
    x = rig.inputs(seed=29)
    if isinstance(x, tuple) or x.ndim < 2:
        return
    for entry in rig.structure.entries:
        own = entry.view(rig.structure.parameters)
        for rows in (own, own.T):
            if rows.size and rows.shape[-1:] == x.shape[-1:]:
                planted = np.array(x)
                planted[...] = np.resize(rows.reshape(-1, x.shape[-1]), (len(x), x.shape[-1])).reshape(
                    len(x), *[1] * (x.ndim - 2), x.shape[-1]
                )
                yield read_only(planted)


def nan_in_gradients(rig: LayerRig, x: Value, training: bool) -> str | None:
    """Which gradient holds NaN though the output is finite; rows in which it is not are left out, unless rows mix."""
    output = rig.forward(x, training=training)
    finite = np.ones(len(parts(x)[0]), bool)
    for array in parts(output):
        finite &= np.isfinite(array).reshape(len(array), -1).all(axis=1)
    if not finite.any() or (rig.coupled and training and not finite.all()):
        return None
    x = rows_of(x, finite)
    step = rig.tree(training=training).step(x, rig.upstream(x, training=training))
    named = [("x", array) for array in parts(step.input_gradient)]
    named += [(repr(path), gradient) for path, gradient in step.gradients.items()]
    what = next((name for name, gradient in named if np.isnan(gradient).any()), None)
    return None if what is None else f"the gradient with respect to {what} holds NaN, and the output is finite"


def faults_by_row(rig: LayerRig, x: Value, training: bool) -> dict[int, str]:
    """What is wrong with the gradients in each row, by its number, of a layer in which rows do not mix.

    All rows are moved at once, each in a place of its own, so that a pass serves them all. Rows in which the output is
    not finite are left out: what the layer cannot take is its author's to say. At a kink there is nothing to compare.
    """
    rows = _Rows(rig, x, training)
    step = rows.step
    below = step.input_gradient if isinstance(step.input_gradient, tuple) else (step.input_gradient,)
    for place, (point, gradient) in enumerate(zip(rows.points, below, strict=True)):
        what = f"input {place} of {len(below)}" if len(below) > 1 else "x"
        for move in _moves_of_rows(point.shape):
            rows.look(what, [(point, move)], [[(gradient[row], move[row])] for row in range(rows.count)])
    if len(below) > 1:
        # where two inputs are equal, moving both alike has a slope though moving one has none
        moves = [np.ones_like(point) for point in rows.points]
        said = [
            [(gradient[row], move[row]) for gradient, move in zip(below, moves, strict=True)]
            for row in range(rows.count)
        ]
        rows.look("all inputs", list(zip(rows.points, moves, strict=True)), said)
    rows.leave_out_folds()
    if training and rig.stochastic:
        return rows.faults  # a row alone draws other numbers
    alone = [rows.alone(row) for row in range(rows.count)]
    for entry in rig.structure.entries:
        point = entry.view(rig.structure.parameters)
        for k in range(_DIRECTIONS):
            move = _unit(generator(20 + k).normal(size=point.shape))
            rows.look(repr(entry.path), [(point, move)], [[(gradient[entry.path], move)] for gradient in alone])
    return rows.faults


@final
class _Rows:
    """A layer's rows, the sum of grad · output of each, and what was found wrong."""

    def __init__(self, rig: LayerRig, x: Value, training: bool) -> None:
        self.count = len(parts(x)[0])
        self.points = [np.array(array) for array in parts(x)]
        self.faults: dict[int, str] = {}
        self._x = x
        self._tree = rig.tree(training=training)
        self._upstream = rig.upstream(x, training=training)
        self.step = self._tree.step(x, self._upstream)
        terms = self._terms(self.step.output)
        self._sizes = np.maximum(self._sums([np.abs(term) for term in terms]), 1)
        self._rows: list[int] = np.flatnonzero(np.isfinite(self._sizes)).tolist()

    def look(self, what: str, moves: list[tuple[Array, Array]], said: list[list[tuple[Array, Array]]]) -> None:
        """Compare what the gradients of each row say of a move with what the row's output does.

        ``moves``: points that are moved, with how far each place is; ``said``: of each row, gradients, and the moves
        that they are multiplied with.
        """
        sums = cache(partial(self._moved, moves))
        for row in self._rows:
            if row in self.faults:
                continue
            number = float(sum(np.vdot(gradient, move) for gradient, move in said[row]))
            # what is multiplied with NaN is NaN; so is what infinity is taken from
            if np.isnan(number) and any(np.isnan(gradient).any() for gradient, _ in said[row]):
                self.faults[row] = f"the gradient with respect to {what} holds NaN, and the output is finite"
                continue
            slope = derivative(partial(_of_row, sums, row), size=float(self._sizes[row]))
            told = None if slope is None else worst([("in this row", number, slope)])
            if told is not None:
                self.faults[row] = f"the gradient with respect to {what} is {told}"

    def leave_out_folds(self) -> None:
        """Forget what was found in rows without a derivative, though there is a slope along every line.

        The median of equal numbers is such a fold: it stays when one of them moves, and moves when all do. A
        derivative is additive: the slope along several moves at once is the sum of their slopes.
        """
        if not self.faults:
            return
        rng = generator(28)
        every = [[rng.uniform(-1, 1, point.shape) for point in self.points] for _ in range(2 * _PAIRS)]
        tried = [every[k : k + 2] for k in range(0, len(every), 2)]
        if sum(point[0].size for point in self.points) <= _SINGLY:
            tried.append(list(self._single_moves()))
        for moves in tried:
            together = [np.sum(part, axis=0) for part in zip(*moves, strict=True)]
            sums = [
                cache(partial(self._moved, list(zip(self.points, move, strict=True)))) for move in (*moves, together)
            ]
            for row in [row for row in self.faults if row in self._rows]:
                size = float(self._sizes[row])
                *slopes, whole = (derivative(partial(_of_row, each, row), size=size) for each in sums)
                if whole is None or any(slope is None for slope in slopes):
                    continue
                known = [slope for slope in slopes if slope is not None]
                limit = _ADDITIVE * sum(abs(slope.value) for slope in known) + sum(slope.noise for slope in known)
                apart = abs(sum(slope.value for slope in known) - whole.value)
                if not apart <= limit + _ADDITIVE * abs(whole.value) + whole.noise:
                    del self.faults[row]
                    self._rows.remove(row)

    def _single_moves(self) -> Iterator[list[Array]]:
        """Each place of a row alone, in all rows at once."""
        for place, point in enumerate(self.points):
            for flat in range(point[0].size):
                moves = [np.zeros_like(each) for each in self.points]
                moves[place].reshape(self.count, -1)[:, flat] = 1.0
                yield moves

    def alone(self, row: int) -> dict[str, Array]:
        """The parameters' gradients of one row."""
        only = slice(row, row + 1)
        return self._tree.step(rows_of(self._x, only), rows_of(self._upstream, only)).gradients

    def _moved(self, moves: list[tuple[Array, Array]], distance: float) -> Array:
        """The sums of all rows with points so far along their moves; they are put back."""
        starts = [point.copy() for point, _ in moves]
        for point, move in moves:
            np.add(point, distance * move, out=point)
        try:
            return self._sums(self._terms(self._tree.forward(views(self.points, self._x))))
        finally:
            for (point, _), start in zip(moves, starts, strict=True):
                point[...] = start

    def _terms(self, output: Value) -> list[Array]:
        return [g * y for g, y in zip(parts(self._upstream), parts(output), strict=True)]

    def _sums(self, terms: list[Array]) -> Array:
        sums: Array = np.sum([term.reshape(self.count, -1).sum(axis=1) for term in terms], axis=0)
        return sums


def _plant(array: Array) -> Array:
    planted = np.array(array)
    for row, change in enumerate(KINDS.values()):
        planted[row] = change(planted[row])
    return planted


def _moves_of_rows(shape: tuple[int, ...]) -> Iterator[Array]:
    """Moves of each row: some places one by one, others in each row; a direction; and all places alike.

    The last keeps ties: there the largest of equal numbers has a slope, which it has in no place alone.
    """
    rng = generator(19)
    count, size = shape[0], int(np.prod(shape[1:]))
    orders = np.array([rng.permutation(size) for _ in range(count)])
    for place in range(min(size, _PLACES)):
        move = np.zeros((count, size))
        move[np.arange(count), orders[:, place]] = 1.0
        yield move.reshape(shape)
    yield np.array([_unit(row) for row in rng.uniform(-1, 1, shape)])
    yield np.ones(shape)


def _unit(direction: Array) -> Array:
    unit: Array = direction / (np.linalg.norm(direction) or 1.0)
    return unit


def _of_row(sums: Callable[[float], Array], row: int, distance: float) -> float:
    return float(sums(distance)[row])
