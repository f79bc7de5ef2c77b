"""The pictures in README.md and docs/pictures.md are those of the README's run."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from layerkit.plots import rendered

pytestmark = pytest.mark.extra
ROOT = Path(__file__).resolve().parents[2]


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_pictures", ROOT / "scripts" / "draw_pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def curves(root: Any) -> dict[str, Any]:
    """The points of each curve, by its name, the first at the left and the last at the right being 0 and 1."""
    found = {}
    for group in root.findall(".//{*}g[@id]"):
        if group.attrib["id"].startswith("run-"):
            path = group.find("{*}path").attrib["d"]
            points = np.array([float(number) for number in re.findall(r"-?[\d.]+", path)]).reshape(-1, 2)
            found[group.attrib["id"]] = (points - points[0]) / (points[-1] - points[0])
    return found


def test_they_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    new = {name: ElementTree.fromstring(rendered(ax)) for name, ax in script().pictures().items()}
    kept = {name: ElementTree.parse(ROOT / "docs" / "pictures" / name).getroot() for name in new}
    curve = "learning-curves.svg"
    assert curves(kept[curve]).keys() == {"run-0:cost", "run-0:validation_cost"}
    for name, points in curves(new[curve]).items():
        np.testing.assert_allclose(curves(kept[curve])[name], points, atol=0.02)
    for name, made in new.items():
        shown = [[text.text for text in root.findall(".//{*}text")] for root in (made, kept[name])]
        assert shown[0] == shown[1], f"{name}: run python scripts/draw_pictures.py"
    for page in ("README.md", "docs/pictures.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        for place in re.findall(r"!\[.*?\]\((.*?\.svg)\)", text):
            assert (ROOT / page).parent.joinpath(place).is_file()
    capsys.readouterr()
