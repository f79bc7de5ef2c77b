"""What holds of every picture: it can be read in grey and on dark ground, and says what is missing."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib import colormaps, style
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

from layerkit import CosineDecay, Dense, Examples, Flatten, History, Sequential, Softmax, plots
from layerkit.errors import ArgumentError, LayerkitError, MissingExtraError
from layerkit.plots.drawing import PALETTE, reading_on

pytestmark = pytest.mark.extra
NASTY = ["_first", "$5 & <b>", "\x1bthird"]


def planar() -> Sequential:
    return Sequential([Dense(3, activation=Softmax())]).initialize(2, seed=0)


def images() -> tuple[Sequential, Examples]:
    model = Sequential([Flatten(), Dense(3)]).initialize((4, 4), seed=0)
    return model, Examples(np.random.default_rng(0).random((9, 4, 4)), np.arange(9) % 3, classes=NASTY)


SCORES = np.random.default_rng(0).random((30, 3))
POINTS = np.random.default_rng(0).normal(size=(9, 2))
STATISTICS = [{"epoch": 1, "step": n, "0.mean": 0.1, "0.deviation": 1.0, "0.gradient": 0.5} for n in (1, 2)]
PICTURES: dict[str, Callable[[Any], Any]] = {
    "learning_curves": lambda ax: plots.learning_curves({"_a$b$": History([{"epoch": 1, "cost": 1.0}])}, ax=ax),
    "confusion_matrix": lambda ax: plots.confusion_matrix([0, 1, 2, 2], [0, 1, 1, 2], classes=NASTY, ax=ax),
    "roc_curve": lambda ax: plots.roc_curve(np.arange(30) % 3, SCORES, classes=NASTY, ax=ax),
    "precision_recall_curve": lambda ax: plots.precision_recall_curve(np.arange(30) % 3, SCORES, name="_$x$", ax=ax),
    "calibration_curve": lambda ax: plots.calibration_curve(np.arange(30) % 3, SCORES, name="_$x$", ax=ax),
    "weights": lambda ax: plots.weights(images()[0], ax=ax),
    "most_wrong": lambda ax: plots.most_wrong(*images(), ax=ax),
    "decision_regions": lambda ax: plots.decision_regions(
        planar(), Examples(POINTS, np.arange(9) % 3, classes=NASTY, names=["_$", "b"]), resolution=20, ax=ax
    ),
    "distributions": lambda ax: plots.distributions(STATISTICS, ax=ax),
    "schedule": lambda ax: plots.schedule(CosineDecay(0.1, length=2), steps=4, epochs=2, name="$a$", ax=ax),
}


def contrast(one: Any, other: Any) -> float:
    """WCAG's measure, from 1 to 21."""
    light = []
    for colour in (one, other):
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
        light.append(float(np.dot([0.2126, 0.7152, 0.0722], parts)))
    return (max(light) + 0.05) / (min(light) + 0.05)


@pytest.mark.parametrize("ground", ["default", "dark_background"])
@pytest.mark.parametrize("name", PICTURES)
def test_it_can_be_read_on_light_and_dark_ground(name: str, ground: str) -> None:
    with style.context(ground):
        ax = PICTURES[name](None)
        content = plots.rendered(ax, "svg")
    figure = ax.figure
    on_cells = set(ax.texts) if name == "confusion_matrix" else set()
    texts = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible() and text not in on_cells]
    assert texts
    assert min(contrast(text.get_color(), figure.get_facecolor()) for text in texts) >= 4.5
    for each in [ax, *ax.child_axes]:
        for line in each.lines:
            assert contrast(line.get_color(), each.get_facecolor()) >= 1.5
    # XML that can be read, with the names as they were given
    ElementTree.fromstring(content)


@pytest.mark.parametrize("name", PICTURES)
def test_it_draws_on_the_axes_that_it_is_given(name: str) -> None:
    figure = Figure()
    ax, other = figure.subplots(1, 2)
    assert PICTURES[name](ax) is ax
    assert not any((other.lines, other.images, other.texts, other.collections))
    assert plots.rendered(ax, "png").startswith(b"\x89PNG")


@pytest.mark.parametrize("name", PICTURES)
def test_what_is_no_axes_is_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match=f"{name}: ax must be one matplotlib Axes"):
        PICTURES[name](Figure().subplots(1, 2))


@pytest.mark.parametrize("name", PICTURES)
def test_without_matplotlib_it_says_what_to_install(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [module for module in sys.modules if module.partition(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r'pip install "layerkit\[plot\]"'):
        PICTURES[name](None)


def test_names_of_classes_are_shown_as_they_are() -> None:
    content = plots.rendered(PICTURES["confusion_matrix"](None)).decode()
    assert "$5 &amp; &lt;b&gt;" in content
    ax = PICTURES["roc_curve"](None)
    assert len(ax.get_legend().get_texts()) == 3


def test_numbers_on_cells_can_be_read() -> None:
    for colour in colormaps[PALETTE](np.linspace(0, 1, 256)):
        assert contrast(reading_on(colour), colour) >= 4.5
    lightness = [contrast(colour, "black") for colour in colormaps[PALETTE](np.linspace(0, 1, 64))]
    assert lightness == sorted(lightness)


def test_the_same_drawing_gives_the_same_bytes() -> None:
    for form in ("svg", "png"):
        one, other = (plots.rendered(PICTURES["roc_curve"](None), form) for _ in range(2))
        assert one == other


def test_a_picture_in_part_of_a_figure_is_rendered_with_all_of_it() -> None:
    figure = Figure()
    left, _ = figure.subfigures(1, 2)
    ax = plots.roc_curve([0, 1], [0.1, 0.9], ax=left.subplots())
    assert plots.rendered(ax).startswith(b"<?xml")


def test_files_are_written_by_their_ending(tmp_path: Path) -> None:
    ax = plots.roc_curve([0, 1], [0.1, 0.9])
    plots.save(ax, tmp_path / "a.svg")
    plots.save(ax, tmp_path / "a.PNG")
    assert ElementTree.parse(tmp_path / "a.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "a.PNG").read_bytes() == plots.rendered(ax, "png")
    with pytest.raises(ArgumentError, match=r"ends in \.svg or \.png"):
        plots.save(ax, tmp_path / "a.pdf")
    with pytest.raises(LayerkitError, match="there is no folder"):
        plots.save(ax, tmp_path / "none" / "a.svg")


def test_the_package_is_imported_without_matplotlib_and_draws_without_pyplot() -> None:
    script = (
        "import sys, layerkit, layerkit.plots\n"
        "assert 'matplotlib' not in sys.modules and 'numpy' not in sys.modules\n"
        "layerkit.plots.rendered(layerkit.plots.roc_curve([0, 1], [0.1, 0.9]))\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_module_hides_a_function() -> None:
    for name in plots._MODULES:
        importlib.import_module(plots._MODULES[name])
    assert all(callable(getattr(plots, name)) for name in plots._MODULES)
