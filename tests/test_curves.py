"""The curves in docs/reference.md are those of the components."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from layerkit.plugin import PluginHost

ROOT = Path(__file__).resolve().parent.parent
HOST = PluginHost(environment={"LAYERKIT_PLUGINS": ""})
PICTURES = sorted(
    path for kind in ("activation", "schedule") for path in (ROOT / "docs" / "pictures").glob(f"{kind}-*.svg")
)


def curves(name: str) -> list[list[tuple[float, float]]]:
    """The points of each curve of a picture, in pixels."""
    tree = ElementTree.parse(ROOT / "docs" / "pictures" / f"{name}.svg")
    lines = tree.findall(".//{*}polyline")
    return [[tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()] for line in lines]  # type: ignore[misc]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return importlib.import_module("make_generated_files")


def test_every_elementwise_activation_and_every_schedule_has_a_picture_in_the_page() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    wanted = {f"schedule-{entry.name}.svg" for entry in HOST.components("schedules")}
    for entry in HOST.components("activations"):
        if HOST.load("activations", entry.name).elementwise:
            wanted.add(f"activation-{entry.name}.svg")
    assert {path.name for path in PICTURES} == wanted
    assert {name for name in wanted if f"(pictures/{name})" in page} == wanted


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_is_small_and_has_a_title(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    assert path.stat().st_size < 6000
    assert root.findtext("{*}title", "").endswith(")")
    assert root.findall("{*}polyline")


def test_straight_pieces_are_drawn_by_their_ends() -> None:
    values, slopes = curves("activation-relu")
    left, corner, right = values
    assert left[1] == corner[1]
    assert corner[0] == (left[0] + right[0]) / 2
    assert right[1] < corner[1]
    assert len(slopes) == 4


def test_a_curve_goes_where_its_function_does() -> None:
    values, slopes = curves("activation-tanh")
    zero = (values[0][1] + values[-1][1]) / 2
    unit = (values[0][1] - values[-1][1]) / 2
    # the steepest place is the middle, where the slope is 1
    assert min(y for _, y in slopes) == pytest.approx(zero - unit, abs=0.2)
    [rates] = curves("schedule-constant")
    assert len({y for _, y in rates}) == 1


def test_what_no_component_has_is_told(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs" / "pictures").mkdir(parents=True)
    (tmp_path / "docs" / "pictures" / "activation-gone.svg").write_text("")
    monkeypatch.setattr(script, "ROOT", tmp_path)
    monkeypatch.setattr(script, "GENERATED", {})
    assert script.main(["--check"]) == 1
    told = capsys.readouterr().err
    assert "docs/pictures/activation-gone.svg is a picture of nothing" in told
    assert "docs/pictures/activation-relu.svg is out of date" in told
