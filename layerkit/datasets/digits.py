"""The handwritten digits that come with the package."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import final

import numpy as np

from layerkit.arguments import check_choice
from layerkit.data.archive import read_npz
from layerkit.data.examples import Examples
from layerkit.errors import DatasetError
from layerkit.interfaces.dataset import Dataset
from layerkit.types import Array

PATH = Path(__file__).with_name("digits.npz")
CONTENTS_SHA256 = "39344bdf7c6ac18d64959c392aa78554b7d611a0bfa83fc98e188008664a0adf"


@final
class Digits(Dataset):
    """1,797 handwritten digits, 8×8 grey levels: 1,438 to train with and 359 to test, each class in equal shares.

    ``x``: ``(n, 8, 8)`` uint8, 0 (white) to 16 (black). ``y``: ``(n,)`` int64, 0 to 9. Needs no network.

    Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998
    (its test part); CC BY 4.0, see ``digits-NOTICE.txt`` beside the data.

    >>> train = Digits().load("train")
    >>> train.x.shape, train.x.dtype, train.y[:5].tolist()
    ((1438, 8, 8), dtype('uint8'), [2, 3, 4, 5, 6])
    """

    def load(self, split: str) -> Examples:
        """One part of the set: ``"train"`` or ``"test"``.

        Raises:
            DatasetError: the packed file is missing or damaged.
        """
        check_choice(self, "split", split, self.splits)
        arrays = read_packed(PATH)
        return Examples(arrays[f"x_{split}"], arrays[f"y_{split}"].astype(np.int64), classes=tuple("0123456789"))


def read_packed(path: Path) -> dict[str, Array]:
    """``x_train``, ``y_train``, ``x_test`` and ``y_test`` out of the packed file.

    Raises:
        DatasetError: the file cannot be read, or holds other contents than it was published with.
    """
    arrays = read_npz(path, [("x_train", "y_train", "x_test", "y_test")])
    if contents_sha256(arrays) != CONTENTS_SHA256:
        raise DatasetError(f"{path}: its contents have another SHA-256 than published; install layerkit again")
    return arrays


def contents_sha256(arrays: dict[str, Array]) -> str:
    """The SHA-256 over names, dtypes, shapes and values: the same however they are compressed."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
