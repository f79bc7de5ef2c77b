"""The MNIST handwritten digits."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import final

import numpy as np

from layerkit.arguments import check_choice, check_path
from layerkit.data.checks import checked_examples
from layerkit.data.data_file import PathLike
from layerkit.data.download import RemoteFile, cache_folder, cached
from layerkit.data.examples import Examples
from layerkit.data.idx import read_idx
from layerkit.errors import DatasetError
from layerkit.interfaces.dataset import Dataset

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

FILES = {
    "train": (
        RemoteFile(
            "train-images-idx3-ubyte", 47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
        ),
        RemoteFile(
            "train-labels-idx1-ubyte", 60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
        ),
    ),
    "test": (
        RemoteFile(
            "t10k-images-idx3-ubyte", 7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
        ),
        RemoteFile(
            "t10k-labels-idx1-ubyte", 10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
        ),
    ),
}

_CLASSES = tuple("0123456789")


@final
class Mnist(Dataset):
    """60,000 training and 10,000 test images of handwritten digits, 28×28 grey levels.

    ``x``: ``(n, 28, 28)`` uint8, 0 (white) to 255 (black). ``y``: ``(n,)`` int64, 0 to 9.

    Read from ``data_dir``, a folder that holds the IDX files (``.gz`` or not, in capitals or small letters), or has a
    subfolder ``mnist``, ``raw`` or ``MNIST/raw`` (as torchvision lays it) that does; without it, from the folder that
    the environment variable ``LAYERKIT_DATA_DIR`` names; else from the cache (``LAYERKIT_CACHE``, by default the user's
    cache folder), into which the files are downloaded first where they are missing. Sets of the same form, such as
    Fashion-MNIST, can be read by their folder (``FashionMNIST`` or ``FashionMNIST/raw``), any others by ``IdxFiles``.

    Source: Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database of handwritten digits; CC BY-SA 3.0.

    Raises:
        DatasetError (``load``): a file is missing, cannot be read or downloaded, or is not what it should be.

    >>> Mnist(data_dir="data/mnist")
    Mnist(data_dir='data/mnist')
    """

    def __init__(self, *, data_dir: PathLike | None = None) -> None:
        check_path(self, "data_dir", data_dir, optional=True)
        self.data_dir = data_dir

    def load(self, split: str) -> Examples:
        """One part of the set: ``"train"`` or ``"test"``."""
        check_choice(self, "split", split, self.splits)
        folder = self.data_dir or os.environ.get("LAYERKIT_DATA_DIR")
        return read_split(*(_found(split, Path(folder)) if folder else fetched(split, cache_folder("mnist"))))


def fetched(split: str, cache: Path, *, mirrors: Sequence[str] = MIRRORS) -> tuple[Path, Path]:
    """The paths of a part's images and labels in ``cache``, downloaded from ``mirrors`` where they are missing.

    Raises:
        DatasetError: no mirror gives a file; each is named with what went wrong.
    """
    advice = "without a network: give a folder that holds the files by --data-dir (data_dir=…), or use the set 'digits'"
    images, labels = FILES[split]
    return cached(images, cache, mirrors=mirrors, advice=advice), cached(labels, cache, mirrors=mirrors, advice=advice)


def read_split(images: Path, labels: Path) -> Examples:
    """The examples of one pair of IDX files.

    Raises:
        DatasetError: a file cannot be read, holds something else than 28×28 images or labels 0 to 9, or they differ
            in number.
    """
    x, y = read_idx(images), read_idx(labels)
    if x.dtype != np.uint8 or x.shape[1:] != (28, 28):
        raise DatasetError(f"{images}: it holds {x.dtype} values of shape {x.shape}; expected uint8 images (n, 28, 28)")
    if y.dtype != np.uint8 or y.ndim != 1:
        raise DatasetError(f"{labels}: it holds {y.dtype} values of shape {y.shape}; expected uint8 labels (n,)")
    return checked_examples(f"{labels} (with {images.name})", x, y, classes=_CLASSES)


def _found(split: str, folder: Path) -> tuple[Path, Path]:
    images, labels = (_first(file.name, folder) for file in FILES[split])
    return images, labels


def _first(name: str, folder: Path) -> Path:
    places = _places(folder)
    # the set is also handed around with a dot in the names: train-images.idx3-ubyte
    names = [name, f"{name}.gz", name.replace("-idx", ".idx"), f"{name.replace('-idx', '.idx')}.gz"]
    for path in (place / known for place in places for known in names):
        if os.path.isfile(path):
            return path
    for place in places:
        for path in _listed(place):
            if _words(path.name) == _words(name) and path.is_file():
                return path
    if not os.path.isdir(folder):
        raise DatasetError(f"{folder}: there is no such folder; expected MNIST's four IDX files")
    others = [path.name for path in _listed(folder) if path.is_dir() and path.name.lower().endswith("mnist")]
    hint = f"; for another set, name its folder: {folder / others[0]}" if others else ""
    raise DatasetError(f"{folder}: it holds no file {name} or {name}.gz; expected MNIST's four IDX files{hint}")


def _places(folder: Path) -> list[Path]:
    """The folder itself, and those in it that a set of this name is usually kept in."""
    places = [folder]
    for step in ("raw", "mnist"):
        places += [path for path in _listed(folder) if path.name.lower() == step and path.is_dir()]
    return places + [path for place in places[1:] for path in _listed(place) if path.name.lower() == "raw"]


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _words(name: str) -> list[str]:
    """What a file's name says, however it is spelled: TRAIN_IMAGES.IDX3-UBYTE.GZ is train and images."""
    words = re.split(r"[-._ ]+", name.lower())
    return ["t10k" if word == "test" else word for word in words if word not in ("idx", "idx1", "idx3", "ubyte", "gz")]
