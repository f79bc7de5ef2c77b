"""Images in folders, one a class, as a dataset."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, final

import numpy as np

from layerkit.arguments import check_choice, check_collection, check_integer, check_number, check_path, shown
from layerkit.data.data_file import MAXIMUM_BYTES, PathLike
from layerkit.data.examples import Examples
from layerkit.data.images import Colour, Fit, image_files, read_images, require_pillow
from layerkit.data.split import split_rows
from layerkit.errors import ArgumentError, DatasetError
from layerkit.interfaces.dataset import Dataset
from layerkit.types import Array

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
        size = None if self.size is None else (int(self.size[0]), int(self.size[1]))
        form: Any = {"colour": self.colour, "size": size, "fit": self.fit, "maximum_bytes": self.maximum_bytes}
        if _parts(root) is not None:
            return folder_examples(root, split, **form)
        paths, labels, classes = _found(root)
        train, test = split_rows(len(paths), labels, test_fraction=self.test_fraction, seed=self.seed)
        rows = train if split == "train" else test
        if not len(rows):
            raise DatasetError(
                f"{root}: {len(paths)} images give none for {split!r}: add images, or give another test_fraction"
            )
        return Examples(read_images([paths[row] for row in rows], **form), labels[rows], classes=classes)


def folder_examples(root: Path, split: str | None, **form: Any) -> Examples:
    """All images of the part called ``split`` (None: that for testing), or all where there are no parts.

    ``form`` is what ``read_images`` takes.

    Raises:
        DatasetError: as ``ImageFolder.load``.
        ArgumentError: a part is asked for and there is none.
    """
    parts = _parts(root)
    if parts is None and split is not None:
        raise ArgumentError(f"--split {split}: {root} has no folders train and test, and all of it is taken")
    folder = root if parts is None else parts[split or "test"]
    paths, labels, classes = _found(folder, None if parts is None or split == "train" else _classes(parts["train"]))
    return Examples(read_images(paths, **form), labels, classes=classes)


def _found(folder: Path, known: tuple[str, ...] | None = None) -> tuple[list[Path], Array, tuple[str, ...]]:
    """The images in a folder, their labels, and the classes: those ``known``, of which some may lack, or its own."""
    require_pillow(str(folder))
    classes = _classes(folder) if known is None else known
    foreign = sorted(set(_folders(folder)) - set(classes))
    if foreign:
        raise DatasetError(f"{folder}: {foreign[0]!r} is no class of the training images: {', '.join(classes)}")
    images = [image_files(folder / name) for name in classes]
    for name, found in zip(classes, images, strict=True):
        if not found and known is None:
            raise DatasetError(f"{folder / name}: no image there: it must hold files such as 1.png or 1.jpg")
    if not any(images):
        raise DatasetError(f"{folder}: no image there: it must hold files such as 1.png or 1.jpg")
    labels = np.repeat(np.arange(len(classes)), [len(found) for found in images])
    return [path for found in images for path in found], labels, classes


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
