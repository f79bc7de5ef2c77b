from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerkit import Accuracy, Adam, CosineDecay, Dense, Digits, NpzFile, NumpyEngine, Quadratic, Residual
from layerkit import Sequential as Network
from layerkit.engines.automatic import Automatic
from layerkit.errors import ArgumentError, LayerkitError, UnknownComponentError
from layerkit.experiments import Experiment, Session, find, parse_experiment, read_experiment
from layerkit.plugin import PluginHost
from tests.experiments.conftest import Read, WriteExperiment
from tests.experiments.small import SMALL


def test_a_file_becomes_an_experiment(read: Read) -> None:
    experiment = read(SMALL)
    assert experiment.name == "mine"
    assert repr(experiment.dataset) == repr(Digits())
    assert repr(experiment.layers) == (
        "[Flatten(), Rescale(scale=0.0625), Dense(12, activation=Tanh()), Dense(10, activation=Sigmoid())]"
    )
    assert isinstance(experiment.cost, Quadratic)
    assert [type(metric) for metric in experiment.metrics] == [Accuracy]
    assert (experiment.epochs, experiment.batch_size, experiment.seed, experiment.dtype) == (2, 20, 0, "float32")


def test_components_nest(read: Read) -> None:
    experiment = read(
        """
        dataset = "digits"
        layers = [
          "flatten",
          { component = "residual", layer = { component = "sequential", layers = [
            { component = "dense", units = 64, initializer = { component = "normal", deviation = 0.1 } },
            "sigmoid",
          ] } },
          { component = "dense", units = 10 },
        ]
        cost = "cross-entropy"
        transforms = [{ component = "clip-norm", limit = 1.0 }, { component = "weight-decay", rate = 0.01 }]
        [optimizer]
        component = "adam"
        learning_rate = { component = "cosine", initial = 0.01, length = 5 }
        """
    )
    residual = experiment.layers[1]
    assert isinstance(residual, Residual)
    assert isinstance(residual.layer, Network)
    assert repr(list(residual.layer)) == "[Dense(64, initializer=Normal(deviation=0.1)), Sigmoid()]"
    assert isinstance(experiment.optimizer, Adam)
    assert isinstance(experiment.optimizer.learning_rate, CosineDecay)
    assert [type(transform).__name__ for transform in experiment.transforms] == ["ClipNorm", "WeightDecay"]


def test_containers_nest_in_tables_and_lists(read: Read) -> None:
    experiment = read(
        """
        dataset = "digits"
        cost = "cross-entropy"
        optimizer = "adam"
        [[layers]]
        component = "flatten"
        [[layers]]
        component = "graph"
        nodes.a = [{ component = "dense", units = 8, activation = "tanh" }, "input"]
        nodes.b = [{ component = "dense", units = 8 }, "input"]
        nodes.c = [{ component = "add" }, "a", "b"]
        [[layers]]
        component = "parallel"
        branches = ["sigmoid", { component = "dense", units = 3 }]
        join = "concatenate"
        """
    )
    assert repr(experiment.layers[1:]) == (
        "[Graph({'a': [Dense(8, activation=Tanh()), 'input'], 'b': [Dense(8), 'input'], 'c': [Add(), 'a', 'b']}), "
        "Parallel([Sigmoid(), Dense(3)], join=Concatenate())]"
    )
    assert Network(experiment.layers).initialize((8, 8)).output_shape == (11,)


def test_branches_by_name_are_a_table(read: Read) -> None:
    branches = 'layers = [{ component = "parallel", branches = { a = BRANCH, b = { component = "tanh" } } }]'
    text = SMALL.partition("layers")[0] + 'cost = "quadratic"\noptimizer = "adam"\n'
    experiment = read(text + branches.replace("BRANCH", '{ component = "dense", units = 3 }'))
    assert repr(experiment.layers) == "[Parallel({'a': Dense(3), 'b': Tanh()})]"
    with pytest.raises(ArgumentError, match=r"layers\[0\].branches must be a layer or an activation"):
        read(text + branches.replace("BRANCH", "{ units = 3 }"))


def test_an_engine_is_a_name_a_table_or_auto(read: Read) -> None:
    assert isinstance(read(SMALL + 'engine = "numpy"').engine, NumpyEngine)
    assert isinstance(read(SMALL + 'engine = { component = "numpy" }').engine, NumpyEngine)
    assert isinstance(read(SMALL + 'engine = "auto"').engine, Automatic)
    assert read(SMALL).engine is None


def test_a_dataset_s_relative_path_is_taken_from_the_file(
    write: WriteExperiment, host: PluginHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "own.npz", x=rng.normal(size=(50, 4)), y=rng.integers(10, size=50))
    path = write(SMALL.replace('"digits"', '{ component = "npz", path = "own.npz" }'))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    experiment = read_experiment(path, host=host)
    assert isinstance(experiment.dataset, NpzFile)
    assert Session(experiment).model.input_shape == (4,)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'cost = "quadratic"',
            'costs = "quadratic"',
            r"mine.toml: there is no key 'costs'\. Did you mean 'cost'\? The keys",
        ),
        ('cost = "quadratic"', "", r"mine.toml: 'cost' must be given"),
        (
            '"quadratic"',
            '"quadratc"',
            r"mine.toml: cost: there is no cost named 'quadratc'\. Did you mean 'quadratic'\?",
        ),
        ('"quadratic"', "3", r"mine.toml: cost must be a cost: a name, or a table .* got 3"),
        ('"tanh"', '"tahn"', r"layers\[2\]\.activation: there is no activation named 'tahn'\. Did you mean 'tanh'\?"),
        ('"flatten"', '"flaten"', r"layers\[0\]: there is no layer named 'flaten'\. Did you mean 'flatten'\?"),
        ('"flatten"', '"sigmod"', r"layers\[0\]: there is no activation named 'sigmod'\. Did you mean 'sigmoid'"),
        ('"flatten"', "{ units = 3 }", r"layers\[0\] must be a layer or an activation: a name, or a table"),
        ("units = 12", "unit = 12", r"layers\[2\]: layer 'dense' has no argument 'unit'\. Did you mean 'units'\?"),
        ("units = 12", "units = -1", r"layers\[2\]: Dense: units must be an integer of at least 1, got -1"),
        ("units = 12, ", "", r"layers\[2\]: layer 'dense' needs the argument 'units'"),
        ('metrics = ["accuracy"]', 'metrics = "accuracy"', r"metrics must be a list of metrics, got 'accuracy'"),
        ("epochs = 2", "epochs = 0", r"mine.toml: training: epochs must be an integer of at least 1, got 0"),
        ("epochs = 2", 'dtype = "float16"', r"training: dtype must be one of 'float32', 'float64', got 'float16'"),
        (
            "epochs = 2",
            "epoch = 2",
            r"training: there is no setting of training named 'epoch'\. Did you mean 'epochs'\?",
        ),
        ("epochs = 2", 'engine = "nump"', r"training\.engine: there is no engine named 'nump'"),
        (
            "[training]",
            "[target]\ntest_accuracy = 'high'\n[training]",
            r"target 'test_accuracy' must be a finite number",
        ),
        ("[training]", "[quick]\nepochs = 1.5\n[training]", r"quick: epochs must be an integer"),
        ("[training]", "[quick]\ncost = 1\n[training]", r"quick: there is no setting of training named 'cost'"),
        ('dataset = "digits"', 'training = 3\ndataset = "digits"', r"not a TOML file|training must be a table"),
        ('dataset = "digits"', "dataset = ", r"mine.toml: not a TOML file: .*line 2"),
        ('dataset = "digits"', 'summary = 3\ndataset = "digits"', r"summary must be text, got 3"),
    ],
)
def test_an_error_names_the_file_the_key_and_what_was_meant(read: Read, old: str, new: str, message: str) -> None:
    assert old in SMALL
    with pytest.raises((ArgumentError, UnknownComponentError), match=message):
        read(SMALL.replace(old, new, 1))


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"nothing.toml: No such file"):
        read_experiment(tmp_path / "nothing.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\x00\xfe")
    with pytest.raises(ArgumentError, match=r"binary.toml: not a TOML file"):
        read_experiment(tmp_path / "binary.toml")


def test_a_name_that_several_kinds_share_needs_an_annotation(host: PluginHost) -> None:
    # constant is a schedule and an initializer: the place says which
    table = {
        "dataset": "digits",
        "layers": [{"component": "dense", "units": 2, "initializer": {"component": "constant", "value": 1.0}}],
        "cost": "quadratic",
        "optimizer": {"component": "adam", "learning_rate": {"component": "constant", "value": 0.1}},
    }
    experiment = parse_experiment(table, name="mine", host=host)
    assert isinstance(experiment.layers[0], Dense)
    assert type(experiment.layers[0].initializer).__name__ == "Constant"
    assert type(experiment.optimizer.config["learning_rate"]).__name__ == "ConstantRate"


def test_every_error_is_one_line(read: Read) -> None:
    with pytest.raises(LayerkitError) as caught:
        read(SMALL.replace("units = 12", "size = 12"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_what_editors_do_to_a_file_changes_nothing(tmp_path: Path, encoding: str, line_end: str) -> None:
    for name in ("mine.toml", "mine.TOML"):
        (tmp_path / name).write_bytes(SMALL.replace("\n", line_end).encode(encoding))
        experiment = find(str(tmp_path / name))
        assert isinstance(experiment, Experiment)
        assert (experiment.name, experiment.epochs) == ("mine", 2)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_another_encoding_is_named(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "mine.toml").write_text(SMALL.strip(), encoding=encoding)
    with pytest.raises(ArgumentError, match=rf"its text is in {encoding[:6].upper()}, and TOML is UTF-8: save it"):
        read_experiment(tmp_path / "mine.toml")


def test_latin_text_is_no_toml(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(f'summary = "größer"\n{SMALL}', encoding="latin-1")
    with pytest.raises(ArgumentError, match="not a TOML file: 'utf-8' codec"):
        read_experiment(tmp_path / "mine.toml")
