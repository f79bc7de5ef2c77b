"""Examples held in arrays, in memory or memory-mapped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, final

import numpy as np

from layerkit.arrays import plain_array
from layerkit.data.augmentation import Augmentation, checked_augmentation, require_images
from layerkit.data.class_names import is_text, labels_of_words
from layerkit.data.frames import column_of, features, is_frame, targets
from layerkit.errors import DataError
from layerkit.interfaces.dataset import Batch, RandomAccess
from layerkit.types import Array, Value

if TYPE_CHECKING:
    from layerkit.interfaces.scratch import Scratch


@final
class Examples(RandomAccess):
    """Aligned arrays: ``x`` (or a tuple of them), targets, and optionally weights, a mask, and what they are called.

    The arrays are kept as they are, never copied or shuffled: images may stay ``uint8``, and any of them may be a
    memory-mapped array.

    ``names``: of the features, one for each column of an ``x`` of shape ``(n, features)``. ``target_name``: of the
    target. ``classes``: the name of each label, from 0, or of each column of rows. ``labels``: whether integer targets
    are labels (True) or numbers (False); None, the default without ``classes``: network and cost tell, where they are
    used. Targets in words, ``(n,)``, become labels; without ``classes``, those are the words found, sorted.

    ``x`` may be a DataFrame of pandas, polars or pyarrow (with ``layerkit[dataframe]``), whose columns are numbers, and
    ``y`` a Series, or the name of a column of ``x``; names, and classes where the target is words or a categorical
    type, are then taken from there.

    ``sampling``: how often each row is drawn in comparison with others, ``(n,)`` numbers of at least 0: an epoch is as
    many rows as there are, each drawn by itself. ``balanced`` gives one that draws all classes equally often.

    ``augmentation``: how a fit changes the images of ``x`` at random, batch by batch, where it learns from them; what
    the examples hold, and whatever is measured on them, stays as it is.

    Raises:
        DataError: the arrays differ in length, one of them has no rows' axis, or names do not fit.

    >>> import numpy as np
    >>> examples = Examples(np.zeros((5, 3), "float32"), np.array([0, 1, 0, 1, 1]))
    >>> len(examples)
    5
    >>> examples = Examples(np.zeros((3, 1)), ["yes", "no", "yes"])
    >>> examples.y, examples.classes
    (array([1, 0, 1]), ('no', 'yes'))
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        *,
        weights: Any = None,
        mask: Any = None,
        names: Sequence[str] | None = None,
        target_name: str | None = None,
        classes: Sequence[str] | None = None,
        labels: bool | None = None,
        augmentation: Augmentation | None = None,
        sampling: Any = None,
    ) -> None:
        if is_frame(x):
            if isinstance(y, (str, int)) and not isinstance(y, bool):
                x, y = features(x, without=y), column_of(x, y)
            else:
                x = features(x)
            x, names = x.array, x.names if names is None else names
        self.from_table = is_frame(y)
        """Whether numbers among the targets may be the names of classes: they come from a file or a DataFrame, and
        nobody has said what they are."""
        if is_frame(y):
            read = targets(y, classes)
            y, classes = read.array, classes or read.classes
            if target_name is None and read.names is not None:
                [target_name] = read.names
        several = isinstance(x, tuple)
        self.x: Value = (
            tuple(
                plain_array(features(part).array if is_frame(part) else part, f"x[{place}]")
                for place, part in enumerate(x)
            )
            if several
            else plain_array(x, "x")
        )
        self.y: Array | None = None if y is None else plain_array(y, "y")
        if self.y is not None and is_text(self.y):
            if labels is False:
                raise DataError("y holds words, and labels=False says that targets are numbers: give one of them")
            self.y, classes = labels_of_words(self.y, classes)
        self.weights: Array | None = None if weights is None else plain_array(weights, "weights")
        self.mask: Array | None = None if mask is None else plain_array(mask, "mask")
        self.names = None if names is None else tuple(names)
        self.target_name = target_name
        self.classes = None if classes is None else tuple(classes)
        self.labels = True if labels is None and classes is not None else labels
        self.augmentation = checked_augmentation("Examples", augmentation)
        self.sampling: Array | None = None if sampling is None else _checked_sampling(sampling)
        self._length = self._checked_length()
        self._check_names()
        if augmentation is not None:
            require_images(self.x)

    def _checked_length(self) -> int:
        named: dict[str, Array | None] = {"y": self.y, "weights": self.weights, "mask": self.mask}
        named["sampling"] = self.sampling
        if isinstance(self.x, tuple):
            named = {f"x[{place}]": part for place, part in enumerate(self.x)} | named
        else:
            named = {"x": self.x} | named
        lengths: dict[str, int] = {}
        for name, array in named.items():
            if array is None:
                continue
            if array.ndim == 0:
                raise DataError(f"{name} is a single number; examples are rows: give an array of shape (n, …)")
            lengths[name] = array.shape[0]
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
            raise DataError(f"examples must be aligned, one row each in every array, but {told}")
        return next(iter(lengths.values()))

    def _check_names(self) -> None:
        if self.names is not None and (isinstance(self.x, tuple) or self.x.shape[1:] != (len(self.names),)):
            shape = "more than one array" if isinstance(self.x, tuple) else f"shape {self.x.shape}"
            raise DataError(f"names are those of the columns of x, (n, {len(self.names)}), but x has {shape}")
        if self.classes is not None and self.labels is False:
            raise DataError("classes name labels, and labels=False says that the targets are numbers: give one of them")

    def __len__(self) -> int:
        return self._length

    def replace(self, **changes: Any) -> Examples:
        """The same examples with other values of some of the constructor's arguments.

        >>> Examples([[1.0], [2.0]], [0, 1], classes=("a", "b")).replace(weights=[1.0, 3.0]).classes
        ('a', 'b')
        """
        own = ("x", "y", "weights", "mask", "names", "target_name", "classes", "labels", "augmentation", "sampling")
        other = Examples(**{name: getattr(self, name) for name in own} | changes)
        other.from_table = self.from_table
        return other

    def take(self, rows: Array | slice) -> Examples:
        """The examples at ``rows`` (a slice gives views), with the same names and classes.

        >>> Examples([[1.0], [2.0], [3.0]], names=("size",)).take(slice(1, 3)).names
        ('size',)
        """
        x = self.x
        return self.replace(
            x=tuple(part[rows] for part in x) if isinstance(x, tuple) else x[rows],
            **{
                name: None if array is None else array[rows]
                for name, array in (
                    ("y", self.y),
                    ("weights", self.weights),
                    ("mask", self.mask),
                    ("sampling", self.sampling),
                )
            },
        )

    def balanced(self) -> Examples:
        """The same examples, of which a fit draws those of each class equally often: of the n_c of a class each by 1 /
        n_c.

        Raises:
            DataError: the targets are no labels ``(n,)``.

        >>> Examples(np.zeros((4, 1)), ["rare", "usual", "usual", "usual"]).balanced().sampling.round(2).tolist()
        [1.0, 0.33, 0.33, 0.33]
        """
        y = self.y
        if y is None or y.ndim != 1 or y.dtype.kind not in "iu" or self.labels is False or (y < 0).any():
            told = "there are none" if y is None else f"these are of shape {y.shape} and dtype {y.dtype}"
            raise DataError(
                "balanced examples are drawn by their classes, so targets must be labels (n,), integers from 0 or "
                f"words; {told}: give sampling=…, a number for each row, instead"
            )
        return self.replace(sampling=1 / np.bincount(y)[y])

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        return self.gather(rows.shape[0], scratch)(rows)

    def gather(self, count: int, scratch: Scratch) -> Callable[[Array], Batch]:
        """What ``batch`` does, made ready for any number of batches of ``count`` rows: always the same arrays."""
        steps = []

        def prepare(array: Array | None, name: str) -> Any:
            if array is None:
                return None
            out = scratch(name, (count, *array.shape[1:]), array.dtype)
            steps.append((array.take, out))
            return out

        x = self.x
        batch = Batch(
            tuple(prepare(part, f"x{place}") for place, part in enumerate(x))
            if isinstance(x, tuple)
            else prepare(x, "x"),
            prepare(self.y, "y"),
            prepare(self.weights, "weights"),
            prepare(self.mask, "mask"),
        )

        def gathered(rows: Array) -> Batch:
            # "clip" skips the bounds check's second pass and the copy that "raise" makes of its output: half the time
            for take, out in steps:
                take(rows, 0, out, "clip")
            return batch

        return gathered

    def pieces(self, rows: int) -> Iterator[Batch]:
        """All of them in order, at most so many rows at a time, as views."""
        return (self.slice(start, min(start + rows, len(self))) for start in range(0, len(self), rows))

    def slice(self, start: int, stop: int) -> Batch:
        """The rows from ``start`` to ``stop``, as views."""
        x = self.x
        return Batch(
            tuple(part[start:stop] for part in x) if isinstance(x, tuple) else x[start:stop],
            *(None if array is None else array[start:stop] for array in (self.y, self.weights, self.mask)),
        )


def _checked_sampling(sampling: Any) -> Array:
    found = plain_array(sampling, "sampling")
    if found.ndim != 1 or found.dtype.kind not in "fiub":
        raise DataError(
            f"sampling must be a number for each row, (n,), got shape {found.shape} and dtype {found.dtype}"
        )
    found = found.astype(np.float64)
    if not np.isfinite(found).all() or (found < 0).any() or not found.any():
        raise DataError("sampling must be finite numbers of at least 0, not all of them 0: how often each row is drawn")
    return found


def examples_of(data: Any) -> Examples | None:
    """Arrays ``(x, y)`` or ``(x, y, weights)``, also DataFrames, as examples; None if ``data`` is something else.

    Raises:
        DataError: it is a DataFrame alone; or as ``Examples``.
    """
    if is_frame(data):
        raise DataError(
            f"a {type(data).__name__} does not tell which column is the target: give (frame, 'name of the column'), or "
            "(features, targets)"
        )
    if not isinstance(data, tuple) or len(data) not in (2, 3) or isinstance(data[0], str):
        return None
    return Examples(*data[:2], weights=data[2] if len(data) == 3 else None)
