"""Looking at a file without importing what it names."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import layerkit
from benchmarks.reliability.anatomy import Anatomy
from layerkit import Add, Checkpoint, CrossEntropy, Dense, Graph, Parallel, ReLU, Sequential
from layerkit.errors import ModelFileError
from layerkit.files.inspection import description_lines, inspect
from tests.files.forging import sound_file
from tests.files.short_run import new_trainer, train


def test_it_tells_what_a_model_is(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    model = Sequential([Dense(4, activation=ReLU()), Dense(2)]).initialize(3, seed=0)
    digest = layerkit.save(model, path, cost=CrossEntropy())
    found = inspect(path)
    assert found.digest == digest
    assert found.parameters == 3 * 4 + 4 + 4 * 2 + 2
    assert list(description_lines(found.content["model"]["architecture"])) == [
        "sequential()",
        "  0: dense(bias_initializer=None, initializer=None, units=4, use_bias=True)",
        "    activation: relu()",
        "  1: dense(activation=None, bias_initializer=None, initializer=None, units=2, use_bias=True)",
    ]
    assert json.loads(json.dumps(found.as_json()))["components"]["layer layerkit/dense"]["distribution"] == "layerkit"


def test_it_tells_what_the_nodes_of_a_graph_read(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    shared = Dense(4)
    nodes = {"seen": (shared, "x"), "also": (shared, "y"), "sum": (Add(), "seen", "also")}
    layerkit.save(Graph(nodes, inputs=("x", "y")).initialize({"x": 3, "y": 3}), path)
    assert list(description_lines(inspect(path).content["model"]["architecture"])) == [
        "graph(inputs=('x', 'y'), output=None)",
        "  seen ('x'): dense(activation=None, bias_initializer=None, initializer=None, units=4, use_bias=True)",
        "  also ('y'): a layer from above once more, number 0 in the order in which they end, from 0",
        "  sum ('seen', 'also'): add()",
    ]


def test_it_tells_branches_by_name(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    branches = Parallel({"x": ReLU(), "a": Parallel([ReLU(), ReLU()])})
    layerkit.save(Sequential([branches]).initialize({"x": 3, "a": 3}), path)
    assert list(description_lines(inspect(path).content["model"]["architecture"])) == [
        "sequential()",
        "  0: parallel(join=None)",
        "    x: relu()",
        "    a: parallel(join=None)",
        "      0: relu()",
        "      1: relu()",
    ]


def test_it_tells_where_a_checkpoint_is(tmp_path: Path) -> None:
    train(new_trainer(), Checkpoint(tmp_path / "run.safetensors"))
    content = inspect(tmp_path / "run.safetensors").content
    assert content["position"]["step"] == 15
    assert content["training"]["optimizer"]["$optimizer"] == "layerkit/adam"
    assert content["environment"]["layerkit"] == layerkit.__version__


def test_it_imports_neither_numpy_nor_components_nor_plugins(tmp_path: Path) -> None:
    code = (
        "import sys; from layerkit.files.inspection import inspect; inspect(sys.argv[1]);"
        "print([name for name in sys.modules if name.split('.')[0] in ('numpy', 'pluggy')"
        " or name.startswith(('layerkit.layers', 'layerkit.plugin'))])"
    )
    path = str(sound_file(tmp_path))
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_damage_anywhere_is_found(tmp_path: Path) -> None:
    path = sound_file(tmp_path)
    file = bytearray(path.read_bytes())
    file[-1] ^= 1
    path.write_bytes(file)
    with pytest.raises(ModelFileError, match="are not those that were written"):
        inspect(path)


@pytest.mark.parametrize("field", ["components", "kind", "layerkit", "model"])
def test_a_description_that_lacks_something_is_refused(field: str, tmp_path: Path) -> None:
    path = sound_file(tmp_path)
    anatomy = Anatomy.of(path.read_bytes())
    anatomy.envelope["content"][field] = 7
    anatomy.sign()
    path.write_bytes(anatomy.assemble())
    with pytest.raises(ModelFileError, match=f"lacks '{field}'"):
        inspect(path)
