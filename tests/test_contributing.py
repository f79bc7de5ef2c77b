"""CONTRIBUTING.md taken at its word: in a copy of the tree, a file and a row make a built-in that works everywhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ADDING = PAGE.partition("## Adding a component\n")[2].partition("\n## ")[0]
FILE = re.search(r"`(layerkit/\w+/scale\.py)`", ADDING)
COMMAND = re.search(r"`python (scripts/\w+\.py)`", ADDING)
USE = re.search(r"`(from layerkit import Scale)`", ADDING)

SCALE = '''"""One learned factor a feature."""

from __future__ import annotations

from typing import final

from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.initializers.constant import Constant
from layerkit.types import Array, Shape


@final
class ContributedScale(Layer):
    """y = s · x, one learned factor a feature."""

    factor: Array

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("factor", input_shape, Constant(1.0))
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        ctx.saved.x = x
        return x * self.factor

    def backward(self, grad: Array, ctx: Context) -> Array:
        ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum(axis=0)
        return grad * self.factor
'''
ROW = """    Component(
        "contributed-scale",
        target="layerkit.layers.contributed_scale:ContributedScale",
        summary="One learned factor a feature.",
        cases="layerkit.testing.cases.layers:CONTRIBUTED_SCALE",
    ),
)
"""
EXPERIMENT = """
cost = "quadratic"
optimizer = { component = "gradient-descent", learning_rate = 3.0 }
layers = [
  { component = "rescale", scale = 0.0625 },
  "flatten",
  "contributed-scale",
  { component = "dense", units = 10, activation = "sigmoid" },
]

[dataset]
component = "digits"

[training]
epochs = 1
batch_size = 50
"""
SCRIPT = """
import numpy as np
import layerkit
{use}
from layerkit import Dense, Sequential

assert "ContributedScale" in dir(layerkit) and "ContributedScale" in layerkit.__all__
model = Sequential([ContributedScale(), Dense(2)]).initialize(3, seed=0)
layerkit.save(model, "model.safetensors")
loaded = layerkit.load("model.safetensors")
assert isinstance(loaded[0], ContributedScale)
x = np.ones((2, 3))
assert np.array_equal(loaded.predict(x), model.predict(x))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree in which the three steps were made."""
    assert FILE is not None
    assert COMMAND is not None
    tree = tmp_path_factory.mktemp("copy")
    for folder in ("layerkit", "scripts", "docs", "examples"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    # the page's own example may be a component one day
    file = (tree / FILE[1]).with_name("contributed_scale.py")
    file.write_text(SCALE, encoding="utf-8")
    table = file.parent / "table.py"
    rows = table.read_text(encoding="utf-8")
    assert rows.endswith(")\n")
    table.write_text(rows.removesuffix(")\n") + ROW, encoding="utf-8")
    with (tree / "layerkit" / "testing" / "cases" / "layers.py").open("a", encoding="utf-8") as cases:
        cases.write('CONTRIBUTED_SCALE: Cases = ({"input_shapes": [(4,), (2, 3)]},)\n')
    run(tree, COMMAND[1])
    return tree


def run(tree: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(tree), "LAYERKIT_PLUGINS": "", "COLUMNS": "200"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_can_be_imported_saved_and_loaded(tree: Path) -> None:
    assert USE is not None
    run(tree, "-c", SCRIPT.format(use=USE[1].replace("Scale", "ContributedScale")))


def test_its_type_is_known_and_its_arguments_are_documented(tree: Path) -> None:
    assert "import ContributedScale as ContributedScale\n" in (tree / "layerkit" / "__init__.pyi").read_text(
        encoding="utf-8"
    )
    assert "### `contributed-scale`: ContributedScale\n\ny = s · x" in (tree / "docs" / "reference.md").read_text(
        encoding="utf-8"
    )


def test_it_stands_on_the_list_and_can_be_shown(tree: Path) -> None:
    assert "One learned factor a feature." in run(tree, "-m", "layerkit", "list", "layers")
    assert "layers.contributed_scale:ContributedScale" in run(tree, "-m", "layerkit", "show", "contributed-scale")


def test_an_experiment_names_it(tree: Path) -> None:
    (tree / "experiment.toml").write_text(EXPERIMENT, encoding="utf-8")
    assert "epoch" in run(tree, "-m", "layerkit", "run", "experiment.toml")


def test_the_kit_checks_it_in_its_cases(tree: Path) -> None:
    assert "layerkit/contributed-scale (layers): ok" in run(
        tree, "-m", "layerkit", "plugins", "check", "layerkit/contributed-scale"
    )
