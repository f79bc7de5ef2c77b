"""Components that tell programs and people what these cannot read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, final

import numpy as np

from layerkit import Context, Dataset, Examples, Layer, Tanh
from layerkit.arguments import check_choice, check_path
from layerkit.errors import DataError, DatasetError, ShapeError
from layerkit.shapes import is_many
from layerkit.types import Array, Shape, Value
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.numbers import Distance
from tests.testing.gallery.sound import Squares


class Counts(Squares):
    """Squares of counts, which are at least 0."""

    def refuse(self, row: int, number: float) -> None:
        raise DataError(f"{type(self).__name__}: row {row} holds {number}, and counts are at least 0")

    def check_target(self, target: Array, ctx: Context) -> None:
        for row, *_ in np.argwhere(target < 0)[:1]:
            self.refuse(int(row), float(target[row].min()))


class CountsByAssertion(Counts):
    """Refuses by an error of Python's."""

    def refuse(self, row: int, number: float) -> None:
        raise AssertionError("targets are no counts")


class Signed(Distance):
    """The mean distance, of targets that have an opposite."""

    def opposite(self, target: Array) -> Array:
        return -target.astype(np.float64)

    def check_target(self, target: Array, ctx: Context) -> None:
        if not np.isfinite(self.opposite(target)).all():
            raise DataError(f"{type(self).__name__}: a target is not finite")


class SignedAsItComes(Signed):
    """Booleans have no minus."""

    def opposite(self, target: Array) -> Array:
        return -target


@final
class Spread:
    """The smallest and the largest of some distances."""

    def __init__(self, lowest: float, highest: float) -> None:
        self._ends = lowest, highest

    def __str__(self) -> str:
        return f"from {self._ends[0]:.3g} to {self._ends[1]:.3g}"

    def as_json(self) -> list[float | None]:
        return [None if math.isnan(end) else end for end in self._ends]


class Ends(Distance):
    """The mean distance; people are told of the smallest and the largest, too."""

    in_history = False

    def start(self) -> Array:
        return np.array([0.0, 0.0, np.inf, -np.inf])

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array, ctx: Context) -> None:
        if prediction.shape != target.shape or ctx.mask is not None:
            raise ShapeError(f"{type(self).__name__}: {prediction.shape} and {target.shape}, and no masks")
        distances = self.each(prediction, target)
        totals[:2] += [weights @ distances, weights.sum()]
        counted = distances[weights > 0]
        totals[2], totals[3] = min(totals[2], *counted, np.inf), max(totals[3], *counted, -np.inf)

    def merge(self, totals: Array, other: Array) -> None:
        totals[:2] += other[:2]
        totals[2], totals[3] = min(totals[2], other[2]), max(totals[3], other[3])

    def report(self, totals: Array, classes: Sequence[str] | None) -> Any:
        return Spread(float(totals[2]), float(totals[3])) if totals[1] else Spread(math.nan, math.nan)


class EndsInAnArray(Ends):
    """Gives an array, which programs cannot write."""

    def report(self, totals: Array, classes: Sequence[str] | None) -> Any:
        return totals[2:].copy()


class Gated(Layer):
    """y = value · tanh(control)."""

    input_names = ("value", "control")
    part_inputs: ClassVar[Mapping[str, tuple[str, ...]]] = {"gate": ("control",)}

    def __init__(self) -> None:
        self._gate = Tanh()

    def build(self, input_shape: Shape) -> Shape:
        if not is_many(input_shape) or len(input_shape) != 2:
            raise ShapeError(f"{type(self).__name__}: takes two inputs, got {input_shape}")
        value, control = input_shape
        if self.part("gate", self._gate, control) != value:
            raise ShapeError(f"{type(self).__name__}: takes two inputs of one shape, got {input_shape}")
        return value

    def forward(self, x: Value, ctx: Context) -> Array:
        ctx.saved.value, ctx.saved.gate = x[0], ctx.part("gate").forward(x[1])
        y: Array = x[0] * ctx.saved.gate
        return y

    def backward(self, grad: Array, ctx: Context) -> Value:
        return grad * ctx.saved.gate, ctx.part("gate").backward(grad * ctx.saved.value)


class GatedByAnother(Gated):
    """Names a part that there is not."""

    part_inputs: ClassVar[Mapping[str, tuple[str, ...]]] = {"gates": ("control",)}


class Lines(Dataset):
    """Numbers in a file, a line for each example: features, and a target."""

    splits = ("train", "test")

    def __init__(self, path: str) -> None:
        check_path(self, "path", path)
        self.path = path

    def table(self, text: str) -> Array:
        try:
            return self.numbers(text)
        except ValueError as error:
            raise DatasetError(f"{self.path}: {error}") from error

    def numbers(self, text: str) -> Array:
        found = np.array([[float(word) for word in line.split()] for line in text.splitlines()])
        if found.ndim != 2 or len(found) < 4 or found.shape[1] < 2:
            raise ValueError("no table of four lines and two columns")
        return found

    def load(self, split: str) -> Examples:
        check_choice(self, "split", split, self.splits)
        try:
            text = Path(self.path).read_text("latin-1")
        except OSError as error:
            raise DatasetError(f"{self.path}: {error}") from error
        rows = self.table(text)[self.splits.index(split) :: 2]
        return Examples(rows[:, :-1], rows[:, -1:])


class LinesIfTheyAreSome(Lines):
    """Leaves what stands in the file to Python."""

    def table(self, text: str) -> Array:
        return self.numbers(text)


_LINES: dict[str, Any] = {"arguments": {"path": str(Path(__file__).with_name("lines.txt"))}}
_TWO: dict[str, Any] = {"input_shapes": [((4,), (4,))]}
BUGS = [
    Bug(CountsByAssertion, "targets-refused", "AssertionError"),
    Bug(SignedAsItComes, "targets-refused", "bool"),
    Bug(EndsInAnArray, "report-usable", "as_json"),
    Bug(GatedByAnother, "part-inputs-named", "'gates'", _TWO),
    Bug(LinesIfTheyAreSome, "unreadable-files", "is empty", _LINES),
]
SOUND: list[tuple[type, dict[str, Any]]] = [
    (Counts, {}),
    (Signed, {}),
    (Ends, {}),
    (Gated, _TWO),
    (Lines, _LINES),
]
