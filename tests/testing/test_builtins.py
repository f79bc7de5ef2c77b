"""Every built-in component passes every check that applies to it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import numpy as np
import pytest

from layerkit import CsvFile, Mnist, NpzFile
from layerkit.plugin import ComponentEntry, PluginHost
from layerkit.registry.kinds import KINDS, Kind
from layerkit.testing import Case, cases, cases_of, check
from layerkit.testing.checking import check_case
from layerkit.testing.namespace import check_namespace
from layerkit.testing.suite import checks_of
from tests.data.files import idx_bytes

HOST = PluginHost(environment={"LAYERKIT_PLUGINS": ""})
CASES = [
    # the first case of each shows what a change breaks; the others are tried at length
    pytest.param(entry, case, id=f"{entry.kind}/{entry.name} {number}", marks=[pytest.mark.thorough] if number else [])
    for entry in HOST.components()
    if KINDS[entry.kind].base is not None
    for number, case in enumerate(cases_of(None, entry.cases))
]


@pytest.mark.parametrize(("entry", "case"), CASES)
def test_a_built_in_component_passes_every_check(entry: ComponentEntry, case: Case) -> None:
    report = check_case(HOST.load(entry.kind, entry.qualified_name), case)
    assert report.ok, str(report)
    assert len(report.ran) >= (7 if case.needs_data or case.needs_extra else 15)


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


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.base], ids=lambda kind: kind.name)
def test_every_kind_has_a_suite_that_is_found_by_its_name(kind: Kind) -> None:
    module = import_module(f"layerkit.testing.suites.{kind.singular}")
    assert callable(module.use)
    assert checks_of(kind)[-len(module.CHECKS) :] == module.CHECKS
    names = [each.name for each in checks_of(kind)]
    assert len(set(names)) == len(names) > len(checks_of(None))


def test_no_case_is_left_over() -> None:
    named = {entry.cases for entry in HOST.components() if entry.cases}
    modules = [import_module(f"layerkit.testing.cases.{name}") for _, name, _ in iter_modules(cases.__path__)]
    there = {f"{module.__name__}:{name}" for module in modules for name in vars(module) if name.isupper()}
    assert named == there - {f"{module.__name__}:SLICES" for module in modules}


def test_a_namespace_is_checked_component_by_component() -> None:
    reports = check_namespace("layerkit", HOST)
    first = next(reports)
    assert first.entry.qualified_name == "layerkit/dense"
    assert (first.case, first.arguments["units"]) == (0, 3)
    assert first.report.ok
