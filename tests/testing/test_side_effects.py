"""What making a component does besides is noticed, whenever it is done, and what the kit itself does is not."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import Dense
from layerkit.testing import check
from layerkit.testing.side_effects import attempted, settings
from tests.testing.gallery.side_effects import PLACE, AddsAPath, ChangesTheFolder, SetsPrinting, SetsTheEnvironment
from tests.testing.gallery.sound import Scale


class OnlyTheFirst(Scale):
    """The first one that is made in a process writes a file."""

    done = [False]  # noqa: RUF012

    def __init__(self) -> None:
        if not self.done[0]:
            self.done[0] = True
            PLACE.write_text("made")
            PLACE.unlink()


def test_the_very_first_component_is_watched() -> None:
    OnlyTheFirst.done[0] = False
    report = check(OnlyTheFirst, checks=["takes-its-arguments", "made-without-side-effects"])
    assert [failure.check for failure in report.failures] == ["made-without-side-effects"]
    assert PLACE.name in str(report)


def test_imports_and_reading_beside_the_code_are_no_side_effects(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("1")

    def imports() -> None:
        sys.modules.pop("colorsys", None)
        import colorsys  # noqa: F401

    assert attempted(imports, ())[0] == []
    assert attempted(table.read_text, (str(tmp_path),))[0] == []
    assert attempted(table.read_text, ())[0] == [f"reads the file {table}"]
    assert attempted(lambda: table.write_text("2"), (str(tmp_path),))[0] == [f"writes the file {table}"]


@pytest.mark.parametrize("component", [AddsAPath, ChangesTheFolder, SetsPrinting, SetsTheEnvironment])
def test_what_a_component_sets_is_put_back(component: type[Any]) -> None:
    before = settings()
    report = check(component, checks=["made-without-side-effects", "used-without-side-effects"])
    after = settings()
    assert not report.ok
    assert {name for name in before if before[name] != after[name]} == set()


def test_the_kit_itself_changes_no_setting() -> None:
    before, folder = settings(), os.getcwd()
    with np.printoptions(precision=3):
        assert check(Dense, arguments={"units": 2}).ok
    assert settings() == before
    assert os.getcwd() == folder
