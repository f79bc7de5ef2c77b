"""Files that a dataset reads, where they are missing, damaged or of another kind."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from layerkit.errors import LayerkitError
from layerkit.interfaces.dataset import RandomAccess
from layerkit.testing.rigs.sources import first_batches, new_scratch, rows_of_order
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet

_OTHER = bytes(range(256)) * 8
_LARGEST = 2**24
"""Larger files are not copied."""


@told_by("splits-load", "lengths-aligned", "values-usable", "runs")
def unreadable_files(subject: Subject) -> None:
    """A file that is not there, is cut off, or is of another kind is a DatasetError that names it."""
    tried = False
    for name, path in _paths(subject):
        with tempfile.TemporaryDirectory() as folder:
            for told, other in _spoilt(path, Path(folder)):
                tried = True
                _require_error(subject, name, str(other), told)
    if not tried:
        raise NotApplicable("no argument is the path of a file that is here")


def _paths(subject: Subject) -> Iterator[tuple[str, Path]]:
    """The arguments that are paths of files."""
    for name, value in subject.make().config.items():
        if isinstance(value, (str, os.PathLike)) and os.path.isfile(value) and os.path.getsize(value) <= _LARGEST:
            yield name, Path(value)


def _spoilt(path: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Paths of the same name at which there is nothing, a part of the file, or something else."""
    content = path.read_bytes()
    yield "is not there", folder / path.name
    for told, changed in (
        ("is empty", b""),
        ("holds other bytes", _OTHER),
        ("ends in the middle of what it held", content[: len(content) // 2 + 1]),
    ):
        other = folder / path.name
        other.write_bytes(changed)
        yield told, other


def _require_error(subject: Subject, name: str, path: str, told: str) -> None:
    try:
        dataset = subject.make(**{name: path})
        for split in dataset.splits:
            _read(dataset.load(split))
    except LayerkitError as error:
        if Path(path).name in str(error):
            return
        raise Unmet(
            f"where the file at {name} {told}: {type(error).__name__}: {error}",
            expected=f"a message that names the file, {Path(path).name}",
            cause="the message tells what is wrong, and not of what",
        ) from error
    except Exception as error:
        raise Unmet(
            f"where the file at {name} {told}: {type(error).__name__}: {error}",
            expected="a DatasetError that names the file and the reason",
            cause="only OSError is caught: what parses the file raises ValueError, EOFError, KeyError or UnicodeError, "
            "too; catch them around all of the reading, and raise DatasetError from them",
        ) from error


def _read(source: Any) -> None:
    if isinstance(source, RandomAccess) and len(source):
        source.batch(rows_of_order((0, -1), len(source)), new_scratch())
    elif not isinstance(source, RandomAccess):
        next(first_batches(source), None)
