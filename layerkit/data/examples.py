"""Examples held in arrays, in memory or memory-mapped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

import numpy as np

from layerkit.arguments import check_boolean
from layerkit.arrays import plain_array
from layerkit.calls import Explained, explained
from layerkit.data.augmentation import Augmentation, checked_augmentation, require_images
from layerkit.data.class_names import is_text, labels_of_numbers, labels_of_words
from layerkit.data.frames import features, is_frame, named_targets, targets
from layerkit.data.names import as_text, different_names, names_of
from layerkit.errors import DataError
from layerkit.interfaces.dataset import Batch, RandomAccess
from layerkit.suggestions import quoted
from layerkit.types import Array, Value

if TYPE_CHECKING:
    from layerkit.interfaces.scratch import Scratch


@final
class Examples(RandomAccess, metaclass=Explained):
    """Aligned arrays: ``x`` (or several of them, in a tuple or by name in a dictionary), targets, and optionally
    weights, a mask, and what they are called.

    The arrays are kept as they are, never copied or shuffled: images may stay ``uint8``, and any of them may be a
    memory-mapped array.

    ``names``: of the features, one for each column of an ``x`` of shape ``(n, features)``. ``input_names``: of the
    arrays of a tuple ``x``; those of a dictionary. ``target_name``: of the target, or a name for each of its columns.
    ``classes``: the name of each label, from 0, or of each column of rows. ``labels``: whether integer targets are
    labels (True) or numbers (False); None, the default without ``classes``: network and cost tell, where they are used.
    Targets in words, ``(n,)``, become labels; without ``classes``, those are the words found, sorted. Booleans become
    labels of classes that are called True and False, or 1 and 0.

    ``x`` may be a DataFrame of pandas, polars or pyarrow (with ``layerkit[dataframe]``), whose columns are numbers, and
    ``y`` a Series or a DataFrame, or the name of a column of ``x``, or a list of such names; names, and classes where
    the target is words or a categorical type, are then taken from there.

    ``sampling``: how often each row is drawn in comparison with others, ``(n,)`` numbers of at least 0: an epoch is as
    many rows as there are, each drawn by itself. ``balanced`` gives one that draws all classes equally often.

    ``augmentation``: how a fit changes the images of ``x`` at random, batch by batch, where it learns from them; what
    the examples hold, and whatever is measured on them, stays as it is.

    Raises:
        ArgumentError: names, classes or ``labels`` are none.
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
        target_name: str | Sequence[str] | None = None,
        classes: Sequence[str] | None = None,
        labels: bool | None = None,
        input_names: Sequence[str] | None = None,
        augmentation: Augmentation | None = None,
        sampling: Any = None,
    ) -> None:
        if isinstance(x, Mapping):
            x, input_names = tuple(x.values()), tuple(x)
        if labels is not None:
            check_boolean(self, "labels", labels)
        classes = None if classes is None else different_names("Examples", "classes", classes)
        self.names = None if names is None else names_of("Examples", "names", names)
        self.target_name = _target_name(target_name)
        columns = None
        if is_frame(x):
            columns = named_targets(x, y)
            read = features(x, without=[column.name for column in columns or ()])
            x, self.names = read.array, self.names or read.names
        self.from_table = columns is not None or is_frame(y)
        """Whether numbers among the targets may be the names of classes: they come from a file or a DataFrame, and
        nobody has said what they are."""
        self.input_names = None if input_names is None else tuple(map(str, input_names))
        self.words = False
        """Whether the classes are no more than the words that were found among the targets."""
        if self.from_table:
            read = targets(y if columns is None else columns, classes)
            y, classes, self.words = read.array, classes or read.classes, read.found
            if self.target_name is None and read.names is not None:
                self.target_name = read.names[0] if len(read.names) == 1 else read.names
        several = isinstance(x, tuple)
        self.x: Value = (
            tuple(
                plain_array(features(part).array if is_frame(part) else part, f"x[{name}]")
                for name, part in zip(self._places(x), x, strict=True)
            )
            if several
            else plain_array(x, "x")
        )
        for name, value in (("y", y), ("weights", weights), ("mask", mask)):
            if isinstance(value, str):
                raise DataError(_no_column(name, value))
        self.y: Array | None = None if y is None else plain_array(y, "y")
        if self.y is not None and is_text(self.y):
            if labels is False:
                raise DataError("y holds words, and labels=False says that targets are numbers: give one of them")
            self.words = classes is None
            self.y, classes = labels_of_words(self.y, classes)
        elif self.y is not None and self.y.dtype.kind == "b" and classes is not None and labels is not False:
            found = labels_of_numbers(self.y, classes)
            self.y = self.y if found is None else found
        self.weights: Array | None = None if weights is None else plain_array(weights, "weights")
        self.mask: Array | None = None if mask is None else plain_array(mask, "mask")
        self.classes: tuple[str, ...] | None = classes
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
            named = {f"x[{name}]": part for name, part in zip(self._places(self.x), self.x, strict=True)} | named
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

    def _places(self, x: tuple[Any, ...]) -> Sequence[str]:
        """What each of several inputs is called in a message."""
        if self.input_names is None:
            return [str(place) for place in range(len(x))]
        if len(self.input_names) != len(x):
            raise DataError(f"input_names must name each of {len(x)} inputs, got {', '.join(self.input_names)}")
        return [repr(name) for name in self.input_names]

    def _check_names(self) -> None:
        if self.input_names is not None and not isinstance(self.x, tuple):
            raise DataError(f"input_names are those of the arrays of a tuple x, got {', '.join(self.input_names)}")
        if self.names is not None and (isinstance(self.x, tuple) or self.x.shape[1:] != (len(self.names),)):
            if isinstance(self.x, tuple) or self.x.ndim != 2:
                what = "several arrays" if isinstance(self.x, tuple) else f"an array of shape {self.x.shape}"
                raise DataError(f"names are those of the columns of one table x, (n, columns), and x is {what}")
            named, columns = len(self.names), self.x.shape[1]
            raise DataError(f"names must name each of the {columns} columns of x, got {named}: {quoted(self.names)}")
        if self.classes is not None and self.labels is False:
            raise DataError("classes name labels, and labels=False says that the targets are numbers: give one of them")
        y = self.y
        if self.classes is not None and y is not None and y.ndim == 1 and y.dtype.kind in "iu" and len(y):
            # a memory map is not read for that
            wrong = None if isinstance(y, np.memmap) else int(y.argmax())
            if wrong is not None and y[wrong] >= len(self.classes):
                raise DataError(f"label {y[wrong]} in row {wrong} is beyond the {len(self.classes)} classes")
        if isinstance(self.target_name, tuple) and (y is None or y.shape[1:] != (len(self.target_name),)):
            shape = "is not there" if y is None else f"has shape {y.shape}"
            raise DataError(f"target_name has a name for each column of y, (n, {len(self.target_name)}), but y {shape}")

    def __len__(self) -> int:
        return self._length

    @property
    def mapped(self) -> bool:
        """Whether inputs are memory maps, which nobody reads ahead of time."""
        return any(isinstance(part, np.memmap) for part in (self.x if isinstance(self.x, tuple) else (self.x,)))

    def replace(self, **changes: Any) -> Examples:
        """The same examples with other values of some of the constructor's arguments.

        >>> Examples([[1.0], [2.0]], [0, 1], classes=("a", "b")).replace(weights=[1.0, 3.0]).classes
        ('a', 'b')
        """
        about = ("names", "target_name", "classes", "labels", "input_names", "augmentation", "sampling")
        own = ("x", "y", "weights", "mask", *about)
        other = Examples(**{name: getattr(self, name) for name in own} | changes)
        other.from_table = self.from_table
        other.words = self.words and "classes" not in changes
        return other

    @explained
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


def _target_name(given: Any) -> str | tuple[str, ...] | None:
    if given is None or isinstance(given, str):
        return None if given is None else as_text(given)
    names = names_of("Examples", "target_name", given)
    return names[0] if len(names) == 1 else names


def _no_column(what: str, name: str) -> str:
    if what == "y":
        return f"y is the text {name[:40]!r}: only beside a DataFrame, (frame, {name[:40]!r}), it names a column"
    return (
        f"{what} is the text {name[:40]!r}: give the column itself, {what}=frame[{name[:40]!r}], and a DataFrame of "
        "features without it"
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
