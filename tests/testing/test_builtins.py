"""Every built-in component passes every check that applies to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerkit import CsvFile, Mnist, NpzFile
from layerkit.plugin import ComponentEntry, PluginHost
from layerkit.testing import check
from layerkit.testing.builtin_cases import builtin_cases
from layerkit.testing.namespace import check_namespace
from tests.data.files import idx_bytes

HOST = PluginHost(environment={"LAYERKIT_PLUGINS": ""})
ENTRIES = [entry for entry in HOST.components() if entry.kind != "examples"]
CASES = [
    pytest.param(entry, number, id=f"{entry.kind}/{entry.name} {number}")
    for entry in ENTRIES
    for number in range(len(builtin_cases().get(f"{entry.kind}/{entry.name}", [{}])))
]


@pytest.mark.parametrize(("entry", "number"), CASES)
def test_a_built_in_component_passes_every_check(entry: ComponentEntry, number: int) -> None:
    options = builtin_cases().get(f"{entry.kind}/{entry.name}", [{}])[number]
    report = check(HOST.load(entry.kind, entry.qualified_name), **options)
    assert report.ok, str(report)
    assert len(report.ran) >= (7 if options.get("needs_data") else 15)


@pytest.mark.parametrize("kind", ["npz", "csv", "mnist"])
def test_a_dataset_of_files_passes_every_check(kind: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((40, 3)), np.arange(40) % 2
    if kind == "npz":
        np.savez(tmp_path / "points.npz", x=x, y=y)
        report = check(NpzFile(str(tmp_path / "points.npz")))
    elif kind == "csv":
        np.savetxt(tmp_path / "points.csv", np.column_stack([x, y]), delimiter=",", header="a,b,c,y", comments="")
        report = check(CsvFile(str(tmp_path / "points.csv")))
    else:
        for part in ("train", "t10k"):
            (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(
                idx_bytes(rng.integers(0, 256, (12, 28, 28), dtype=np.uint8))
            )
            (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes(rng.integers(0, 10, 12, dtype=np.uint8)))
        report = check(Mnist(data_dir=str(tmp_path)))
    assert report.ok, str(report)
    assert {"lengths-aligned", "rows-stable", "values-usable"} <= set(report.ran)


def test_cases_are_of_components_that_exist() -> None:
    assert builtin_cases().keys() <= {f"{entry.kind}/{entry.name}" for entry in ENTRIES}


def test_a_namespace_is_checked_component_by_component() -> None:
    reports = check_namespace("layerkit", HOST)
    entry, report = next(reports)
    assert entry.qualified_name == "layerkit/dense"
    assert report.ok
