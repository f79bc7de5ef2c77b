"""Numbers that come in and go out on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import layerkit as kit
from tests.cli.conftest import Command
from tests.cli.test_run import SMALL
from tests.registry.installation import HEAD, Installation

HOOKS = HEAD + (
    "\n@hookimpl\ndef layerkit_metrics():\n"
    "    return [Component('nothing', target='{package}.nothing:Nothing', summary='Not a number.')]\n"
)
NOTHING = """
import numpy as np
from layerkit import Metric


class Nothing(Metric):
    name = "nothing"

    def start(self):
        return np.zeros(1)

    def update(self, totals, prediction, target, weights, ctx):
        totals += 1

    def result(self, totals):
        return float("nan")
"""


def test_what_is_not_finite_is_null_in_json(layerkit: Command, installation: Installation, tmp_path: Path) -> None:
    installation.add("acme-layers", hooks=HOOKS, nothing=NOTHING)
    experiment, report = tmp_path / "small.toml", tmp_path / "results.json"
    experiment.write_text(SMALL.replace('["accuracy"]', '["accuracy", "acme/nothing"]'), encoding="utf-8")
    assert layerkit("run", str(experiment), "--epochs", "1", "--json", str(report), "--quiet").code == 0
    found = json.loads(report.read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert found["test_nothing"] is None
    assert found["epochs"][0]["test_nothing"] is None
    assert found["test_accuracy"] > 0


@pytest.mark.parametrize(("columns", "code"), [(2, 1), (3, 0), (4, 0), (5, 1)])
def test_a_table_has_the_models_columns_and_perhaps_one_more(
    layerkit: Command, tmp_path: Path, columns: int, code: int
) -> None:
    file, table = tmp_path / "model.safetensors", tmp_path / "table.csv"
    kit.save(kit.Sequential([kit.Dense(2)]).initialize(3, seed=0), file)
    np.savetxt(table, np.ones((4, columns)), delimiter=",")
    result = layerkit("predict", str(file), str(table))
    assert result.code == code
    assert code == 0 or f"it has {columns} columns; the model takes 3, and one more" in result.err
