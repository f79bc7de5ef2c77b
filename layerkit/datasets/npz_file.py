"""Arrays in a NumPy ``.npz`` file as a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, final

import numpy as np

from layerkit.arguments import check_boolean, check_choice, check_integer, check_number, check_path
from layerkit.data.archive import read_npz
from layerkit.data.checks import checked_examples
from layerkit.data.class_names import is_missing, labels_of
from layerkit.data.data_file import MAXIMUM_BYTES, PathLike
from layerkit.data.examples import Examples
from layerkit.data.split import split_part
from layerkit.errors import DatasetError
from layerkit.interfaces.dataset import Dataset
from layerkit.types import Array

_CLASSES = "classes"


@final
class NpzFile(Dataset):
    """Arrays ``x_train``, ``y_train``, ``x_test`` and ``y_test``, or ``x`` and ``y``, in a ``.npz`` file.

    ``x``: ``(n, features, …)``, kept in its dtype. ``y``: integers stay integers, and network and cost tell whether
    they are labels; floats are numbers, ``(n, …)`` (``(n,)`` becomes ``(n, 1)``); texts are classes, sorted, and ``y``
    is labels. An array ``classes`` of texts names the labels, in their order. ``labels=True``: ``y`` is labels
    0, 1, 2, …; ``labels=False``: numbers. ``x`` and ``y`` are split in two by ``seed``, always in the same way:
    ``test_fraction`` of the rows, and of each class, is for testing. A file that unpacks to more than ``maximum_bytes``
    is refused, and nothing in a file is ever executed.

    Raises:
        ArgumentError: an argument cannot be used.
        DatasetError (``load``): the file is missing, corrupt or too large, lacks an array, or its arrays do not match.

    >>> NpzFile("measured.npz", test_fraction=0.1)
    NpzFile('measured.npz', test_fraction=0.1)
    """

    def __init__(
        self,
        path: PathLike,
        *,
        labels: bool | None = None,
        test_fraction: float = 0.2,
        seed: int = 0,
        maximum_bytes: int = MAXIMUM_BYTES,
    ) -> None:
        check_path(self, "path", path)
        if labels is not None:
            check_boolean(self, "labels", labels)
        check_number(self, "test_fraction", test_fraction, above=0, below=1)
        check_integer(self, "seed", seed, minimum=0)
        check_integer(self, "maximum_bytes", maximum_bytes, minimum=1)
        self.path = path
        self.labels = labels
        self.test_fraction = test_fraction
        self.seed = seed
        self.maximum_bytes = maximum_bytes

    def load(self, split: str) -> Examples:
        """One part of the set: ``"train"`` or ``"test"``."""
        check_choice(self, "split", split, self.splits)
        read = npz_examples(self.path, split, labels=self.labels, maximum_bytes=self.maximum_bytes)
        if not read.whole:
            return read.examples
        return split_part(str(self.path), read.examples, split, test_fraction=self.test_fraction, seed=self.seed)


class ArchiveExamples(NamedTuple):
    """Examples of a ``.npz`` file, and whether they are not split yet."""

    examples: Examples
    whole: bool


def npz_examples(
    path: PathLike, split: str, *, labels: bool | None = None, maximum_bytes: int = MAXIMUM_BYTES
) -> ArchiveExamples:
    """The examples ``x_SPLIT`` and ``y_SPLIT`` of a file; where there are none, ``x`` and ``y``.

    Raises:
        DatasetError: the file cannot be read, or its arrays do not match.
    """
    place = str(path)
    own = (f"x_{split}", f"y_{split}")
    targets = ("y_train", "y_test")
    arrays = read_npz(
        path,
        [own, ("x", "y")],
        optional=[_CLASSES],
        text=(*targets, "y", _CLASSES),
        maximum_bytes=maximum_bytes,
    )
    x, y = (arrays[name] for name in (own if own[0] in arrays else ("x", "y")))
    classes = None if labels is False or _CLASSES not in arrays else _names(place, arrays[_CLASSES])
    if classes is not None and y.dtype.kind in "fiu" and arrays[_CLASSES].dtype.kind in "iu":
        # numbers that name the classes are found in y, as numpy.unique gives them
        y = (y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y).astype(np.str_)
    if y.dtype.kind == "U":
        known = [y]
        if own[0] in arrays and classes is None:
            # the classes are those of both parts, whichever is asked for
            known = list(read_npz(path, [targets, own[1:]], text=targets, maximum_bytes=maximum_bytes).values())
        y, classes = _labels(place, y, known, labels, classes)
    examples = checked_examples(
        place, x, y, classes=classes, labels=labels, words=classes is not None and _CLASSES not in arrays
    )
    return ArchiveExamples(examples, whole=own[0] not in arrays)


def _names(place: str, classes: Array) -> tuple[str, ...]:
    names = tuple(str(name) for name in classes.tolist()) if classes.ndim == 1 and classes.dtype.kind in "Uiu" else ()
    if len(names) < 2 or len(set(names)) < len(names):
        raise DatasetError(
            f"{place}: its array 'classes' is {classes.dtype} of shape {classes.shape}; expected the names of the "
            "labels 0, 1, 2, …, (k,), each once"
        )
    return names


def _labels(
    place: str, y: Array, known: Sequence[Array], labels: bool | None, classes: tuple[str, ...] | None
) -> tuple[Array, tuple[str, ...]]:
    if labels is False:
        raise DatasetError(f"{place}: labels=False, but y holds text, such as {y.flat[:1].tolist()}")
    found, codes = np.unique(y, return_inverse=True)
    names = found.tolist()
    missing = [name for name in names if is_missing(name)]
    if missing and classes is None:
        row = int(np.argwhere(y == missing[0])[0][0])
        raise DatasetError(f"{place}: y holds {missing[0]!r} in row {row:,}: an example needs a target; leave it out")
    everything = classes or tuple(sorted({name for part in known if part.dtype.kind == "U" for name in part.flat}))
    everything = tuple(map(str, everything))
    return labels_of(place, names, everything, codes.reshape(y.shape)), everything
