"""Images in folders, one a class, as a dataset."""

from __future__ import annotations

import os
from pathlib import Path
from typing import final

import numpy as np

from layerkit.arguments import check_choice, check_collection, check_integer, check_number, check_path, shown
from layerkit.data.data_file import MAXIMUM_BYTES, PathLike
from layerkit.data.examples import Examples
from layerkit.data.images import ENDINGS, Colour, Fit, read_images, require_pillow
from layerkit.data.split import split_rows
from layerkit.errors import ArgumentError, DatasetError
from layerkit.interfaces.dataset import Dataset

_TESTING = ("test", "testing", "val", "valid", "validation")
_TRAINING = ("train", "training")


@final
class ImageFolder(Dataset):
    """Images in folders with the names of classes: ``path/cat/1.png``, or ``path/train/cat/1.png`` and ``path/test/…``.

    ``x``: uint8 ``(n, height, width)`` from 0 to 255 (``Rescale(1 / 255)`` takes them to 1), or
    ``(n, height, width, 3)`` with ``colour="rgb"``. ``y``: labels ``(n,)``, in the order of the folders' names, or of
    their numbers where all are numbers; the examples keep the names as classes. Images in folders below a class's are
    that class's, too; files that are no PNG, JPEG, BMP, GIF, WebP, TIFF or PNM by their ending, and hidden ones, are
    passed over. Images are turned upright as their camera says.

    ``size``: ``(height, width)`` of all; what has other sides is scaled and cut (``fit="crop"``), scaled and filled up
    with black (``"pad"``), or stretched (``"stretch"``). None: all must have one size. Without folders ``train`` and
    ``test`` (or ``val``), the images are split in two by ``seed``, always in the same way: ``test_fraction`` of
    each class is for testing. More than ``maximum_bytes`` is refused. Read by Pillow, an extra: ``layerkit[images]``.

    Raises:
        ArgumentError: an argument cannot be used.
        DatasetError (``load``): Pillow is missing, there is no such folder, it holds fewer than two classes or a class
            without an image, a file is no image (it is named), sizes differ, or they take too much memory.

    >>> ImageFolder("animals", size=(32, 32), colour="rgb")
    ImageFolder('animals', colour='rgb', size=(32, 32))
    """

    def __init__(
        self,
        path: PathLike,
        *,
        colour: Colour = "grey",
        size: tuple[int, int] | list[int] | None = None,
        fit: Fit = "crop",
        test_fraction: float = 0.2,
        seed: int = 0,
        maximum_bytes: int = MAXIMUM_BYTES,
    ) -> None:
        check_path(self, "path", path)
        check_choice(self, "colour", colour, ("grey", "rgb"))
        if size is not None:
            check_collection(self, "size", size, int)
            if len(size) != 2:
                raise ArgumentError(f"ImageFolder: size must be (height, width), got {shown(size)}")
            for side in size:
                check_integer(self, "size", side, minimum=1)
        check_choice(self, "fit", fit, ("crop", "pad", "stretch"))
        check_number(self, "test_fraction", test_fraction, above=0, below=1)
        check_integer(self, "seed", seed, minimum=0)
        check_integer(self, "maximum_bytes", maximum_bytes, minimum=1)
        self.path = path
        self.colour = colour
        self.size = size
        self.fit = fit
        self.test_fraction = test_fraction
        self.seed = seed
        self.maximum_bytes = maximum_bytes

    def load(self, split: str) -> Examples:
        """One part of the set: ``"train"`` or ``"test"``."""
        check_choice(self, "split", split, self.splits)
        root = Path(self.path)
        require_pillow(str(root))
        parts = _parts(root)
        classes = _classes(root if parts is None else parts["train"])
        folder = root if parts is None else parts[split]
        if parts is not None and (foreign := sorted(set(_folders(folder)) - set(classes))):
            raise DatasetError(f"{folder}: {foreign[0]!r} is no class of {parts['train']}: {', '.join(classes)}")
        paths, labels = [], []
        for label, name in enumerate(classes):
            found = _images(folder / name)
            if not found and (parts is None or split == "train"):
                raise DatasetError(f"{folder / name}: no image there: it must hold files such as 1.png or 1.jpg")
            paths += found
            labels += [label] * len(found)
        y = np.array(labels, np.int64)
        if parts is None:
            train, test = split_rows(len(paths), y, test_fraction=self.test_fraction, seed=self.seed)
            rows = train if split == "train" else test
        else:
            rows = np.arange(len(paths))
        if not len(rows):
            raise DatasetError(
                f"{folder}: {len(paths)} images give none for {split!r}: add images, or give another test_fraction"
            )
        height_width = None if self.size is None else (int(self.size[0]), int(self.size[1]))
        x = read_images(
            [paths[row] for row in rows],
            colour=self.colour,
            size=height_width,
            fit=self.fit,
            maximum_bytes=self.maximum_bytes,
        )
        return Examples(x, y[rows], classes=classes)


def _parts(root: Path) -> dict[str, Path] | None:
    """The folders of training and of testing, where these are all that there is."""
    names = _folders(root)
    training = [name for name in names if name.lower() in _TRAINING]
    testing = [name for name in names if name.lower() in _TESTING]
    if len(training) != 1 or not testing or len(training) + len(testing) < len(names):
        return None
    chosen = min(testing, key=lambda name: _TESTING.index(name.lower()))
    return {"train": root / training[0], "test": root / chosen}


def _classes(root: Path) -> tuple[str, ...]:
    names = _folders(root)
    if len(names) < 2:
        raise DatasetError(
            f"{root}: it must hold a folder of images for each of at least two classes, and holds "
            + (f"one folder, {names[0]!r}" if names else "no folder")
        )
    return tuple(sorted(names, key=int) if all(name.isdecimal() for name in names) else sorted(names))


def _folders(root: Path) -> list[str]:
    try:
        with os.scandir(root) as entries:
            return [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
    except OSError as error:
        raise DatasetError(f"{root}: {error.strerror}") from error


def _images(folder: Path) -> list[Path]:
    """The image files in a folder and below, in the order of their paths."""
    return sorted(
        Path(inside, name)
        for inside, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith(ENDINGS) and not name.startswith(".")
    )
