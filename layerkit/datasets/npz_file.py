"""Arrays in a NumPy ``.npz`` file as a dataset."""

from __future__ import annotations

from typing import final

from layerkit.arguments import check_choice, check_instance, check_integer, check_number
from layerkit.data.archive import read_npz
from layerkit.data.checks import checked_examples
from layerkit.data.data_file import MAXIMUM_BYTES
from layerkit.data.examples import Examples
from layerkit.data.split import split_part
from layerkit.interfaces.dataset import Dataset


@final
class NpzFile(Dataset):
    """Arrays ``x_train``, ``y_train``, ``x_test`` and ``y_test``, or ``x`` and ``y``, in a ``.npz`` file.

    ``x``: ``(n, features, …)``, kept in its dtype. ``y``: integers are class labels, ``(n,)``; floats are targets,
    ``(n, …)`` (``(n,)`` becomes ``(n, 1)``). ``x`` and ``y`` are split in two by ``seed``, always in the same way:
    ``test_fraction`` of the rows, and of each class, is for testing. A file that unpacks to more than ``maximum_bytes``
    is refused, and nothing in a file is ever executed.

    Raises:
        ArgumentError: an argument cannot be used.
        DatasetError (``load``): the file is missing, corrupt or too large, lacks an array, or its arrays do not match.

    >>> NpzFile("measured.npz", test_fraction=0.1)
    NpzFile('measured.npz', test_fraction=0.1)
    """

    def __init__(
        self, path: str, *, test_fraction: float = 0.2, seed: int = 0, maximum_bytes: int = MAXIMUM_BYTES
    ) -> None:
        check_instance(self, "path", path, str)
        check_number(self, "test_fraction", test_fraction, above=0, below=1)
        check_integer(self, "seed", seed, minimum=0)
        check_integer(self, "maximum_bytes", maximum_bytes, minimum=1)
        self.path = path
        self.test_fraction = test_fraction
        self.seed = seed
        self.maximum_bytes = maximum_bytes

    def load(self, split: str) -> Examples:
        """One part of the set: ``"train"`` or ``"test"``."""
        check_choice(self, "split", split, self.splits)
        own = (f"x_{split}", f"y_{split}")
        arrays = read_npz(self.path, [own, ("x", "y")], maximum_bytes=self.maximum_bytes)
        if own[0] in arrays:
            return checked_examples(self.path, arrays[own[0]], arrays[own[1]])
        examples = checked_examples(self.path, arrays["x"], arrays["y"])
        return split_part(self.path, examples, split, test_fraction=self.test_fraction, seed=self.seed)
