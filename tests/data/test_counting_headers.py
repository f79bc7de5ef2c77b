"""First lines of numbers that count evenly: wavelengths, times, depths, above examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import CsvFile
from layerkit.errors import DatasetError

RNG = np.random.default_rng(0)
VALUES = RNG.random((20, 8)).round(3)
KINDS = ("oak", "pine")


def write(folder: Path, names: list[str], *, target: str = "words", delimiter: str = ",", decimal: str = ".") -> Path:
    """A table of 20 rows under these names, the first or the last of which is a word."""
    place = 0 if not names[0][:1].isdigit() and not names[0].startswith("-") else len(names) - 1
    lines = [delimiter.join(names)]
    for row in range(20):
        cells = [f"{value:.3f}".replace(".", decimal) for value in VALUES[row, : len(names) - 1]]
        cells.insert(place, KINDS[row % 2] if target == "words" else str(row % 3))
        lines.append(delimiter.join(cells))
    path = folder / "table.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def evenly(first: float, step: float, form: str = ".1f", count: int = 7) -> list[str]:
    return [format(first + step * place, form) for place in range(count)]


@pytest.mark.parametrize("target", ["words", "numbers"])
@pytest.mark.parametrize(
    "names",
    [
        [*evenly(400, 0.5), "species"],
        ["species", *evenly(400, 0.5)],
        [*evenly(400, 10, ".0f"), "species"],
        [*evenly(4000, -1.9285, ".2f"), "species"],
        [*evenly(4e-7, 1e-8, ".2e"), "species"],
        [*evenly(0, 1 / 3, ".3f"), "species"],
        [*evenly(-1, 0.25, ".2f"), "species"],
    ],
    ids=lambda names: ",".join(names[:3]),
)
def test_numbers_that_count_evenly_are_names(tmp_path: Path, names: list[str], target: str) -> None:
    column = 0 if names[0] == "species" else -1
    check(CsvFile(write(tmp_path, names, target=target), target=column), names, target)


def test_with_a_decimal_comma(tmp_path: Path) -> None:
    names = [*[name.replace(".", ",") for name in evenly(400, 0.5)], "species"]
    path = write(tmp_path, names, delimiter=";", decimal=",")
    check(CsvFile(path, delimiter=";", decimal=","), names, "words")


def check(dataset: CsvFile, names: list[str], target: str) -> None:
    parts: list[Any] = [dataset.load("train"), dataset.load("test")]
    assert sum(map(len, parts)) == 20
    for part in parts:
        assert part.names == tuple(name for name in names if name != "species")
        assert part.target_name == "species"
        assert part.classes == (KINDS if target == "words" else None)
        assert part.x.max() < 1


@pytest.mark.parametrize("names", [["400.0", "400.5", "401.0", "species"], evenly(400, 0.5)], ids=len)
def test_what_does_not_tell_is_asked_about(tmp_path: Path, names: list[str]) -> None:
    path = write(tmp_path, names, target="words" if "species" in names else "numbers")
    with pytest.raises(DatasetError, match="say header=True or header=False"):
        CsvFile(path).load("train")


@pytest.mark.parametrize(
    "first",
    ["0.1,0.2,0.4,0.7,0.8,0.9,1.4,oak", "0.1,0.2,0.3,0.4,0.5,0.6,0.7,oak", "5.1,3.5,1.4,0.2,0.3,0.1,0.7,yew"],
)
def test_an_example_stays_one(tmp_path: Path, first: str) -> None:
    path = write(tmp_path, first.split(","))
    dataset = CsvFile(path)
    assert len(dataset.load("train")) + len(dataset.load("test")) == 21


def test_rows_that_all_count_are_examples(tmp_path: Path) -> None:
    path = tmp_path / "ramps.csv"
    path.write_text("".join(f"{','.join(evenly(row, 0.5 + row))},{row % 3}.5\n" for row in range(20)))
    dataset = CsvFile(path)
    assert len(dataset.load("train")) + len(dataset.load("test")) == 20
