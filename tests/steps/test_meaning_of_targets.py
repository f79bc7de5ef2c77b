"""One rule says whether whole numbers are labels or numbers, whichever way the data comes in."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from layerkit import (
    Context,
    Cost,
    CrossEntropy,
    CsvFile,
    Dense,
    Examples,
    GradientDescent,
    NpzFile,
    Quadratic,
    Sequential,
    Sigmoid,
    Trainer,
)
from layerkit.cli.main import main
from layerkit.errors import DataError, LayerkitError, ShapeError
from layerkit.files.models import save
from layerkit.types import Array

N = 12
X = np.random.default_rng(0).normal(size=(N, 2))
WHOLE = {1: np.arange(N) % 2, 3: np.arange(N) % 3}


class ClassCost(Cost):
    """A quadratic cost that says that it is one of classes."""

    of_classes = True

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        self.require_same_shape(prediction, target)
        return 0.5 * np.square(prediction - target).sum(axis=-1)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return prediction - target


class LabelCost(Cost):
    """A quadratic cost that wants labels."""

    target_form = "labels"

    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return 0.5 * np.square(prediction - self._rows(prediction, target)).sum(axis=-1)

    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        return prediction - self._rows(prediction, target)

    @staticmethod
    def _rows(prediction: Array, target: Array) -> Array:
        outputs = prediction.shape[-1]
        return target[:, None] if outputs == 1 else np.eye(outputs, dtype=prediction.dtype)[target]


COSTS: dict[str, type[Cost]] = {"numbers": Quadratic, "classes": ClassCost, "labels": LabelCost}

# (cost, outputs, declared labels) -> what integers (n,) and integers (n, 1) are; "" is refused
INTEGERS = {
    ("numbers", 3, None): ("labels", ""),
    ("numbers", 3, True): ("labels", "labels"),
    ("numbers", 3, False): ("", ""),
    ("numbers", 1, None): ("numbers", "numbers"),
    ("numbers", 1, True): ("labels", "labels"),
    ("numbers", 1, False): ("numbers", "numbers"),
    ("classes", 3, None): ("labels", ""),
    ("classes", 3, True): ("labels", "labels"),
    ("classes", 3, False): ("", ""),
    ("classes", 1, None): ("labels", "numbers"),
    ("classes", 1, True): ("labels", "labels"),
    ("classes", 1, False): ("numbers", "numbers"),
    ("labels", 3, None): ("labels", ""),
    ("labels", 3, True): ("labels", "labels"),
    ("labels", 3, False): ("", ""),
    ("labels", 1, None): ("labels", ""),
    ("labels", 1, True): ("labels", "labels"),
    ("labels", 1, False): ("", ""),
}
# (outputs) -> what floats (n,), floats (n, 1), rows (n, 3) are, for costs that do not want labels
FLOATS = {1: ("numbers", "numbers", ""), 3: ("", "", "numbers")}


def trainer(cost: str, outputs: int) -> Trainer:
    model = Sequential([Dense(outputs, activation=Sigmoid())]).initialize(2, seed=0, dtype="float64")
    # so small that an epoch's cost is that of the first values
    return Trainer(model, cost=COSTS[cost](), optimizer=GradientDescent(1e-12), seed=0)


def wanted_cost(trained: Trainer, y: Array, meaning: str) -> float:
    """The cost by hand, of targets of this meaning."""
    outputs = trained.model.output_shape[0]
    y = y.reshape(N, -1)
    dense = np.eye(3)[y[:, 0].astype(int)] if meaning == "labels" and outputs == 3 else y
    return float(0.5 * np.square(trained.model.predict(X) - dense).sum(axis=1).mean())


@pytest.mark.parametrize(("cost", "outputs", "declared"), INTEGERS)
@pytest.mark.parametrize("dtype", ["int64", "uint8", "int16", ">i4"])
def test_integers(cost: str, outputs: int, declared: bool | None, dtype: str) -> None:
    for column, meaning in zip((False, True), INTEGERS[cost, outputs, declared], strict=True):
        y = WHOLE[outputs].astype(dtype)
        y = y[:, None] if column else y
        trained = trainer(cost, outputs)
        data = Examples(X, y, labels=declared)
        if not meaning:
            with pytest.raises(ShapeError):
                trained.evaluate(data)
            with pytest.raises(ShapeError):
                trained.fit(data, epochs=1)
            continue
        wanted = wanted_cost(trained, y, meaning)
        assert trained.evaluate(data)["cost"] == pytest.approx(wanted)
        assert trained.fit(data, epochs=1, batch_size=5)["cost"][0] == pytest.approx(wanted)
        # -3 and 8 are numbers, and no labels
        numbers = np.where(np.arange(N).reshape(y.shape) == 7, 8 if dtype[0] == "u" else -3, y)
        far = Examples(X, numbers, labels=declared)
        if meaning == "labels":
            with pytest.raises(DataError, match=r"labels must be 0 to [12].* in row 7"):
                trained.fit(far, epochs=1)
            with pytest.raises(DataError, match=r"labels must be 0 to [12].* in row 7"):
                trained.evaluate(far)
        else:
            assert trained.evaluate(far)["cost"] == pytest.approx(wanted_cost(trained, numbers, meaning))


@pytest.mark.parametrize(("cost", "outputs", "declared"), INTEGERS)
def test_floats(cost: str, outputs: int, declared: bool | None) -> None:
    targets = (WHOLE[outputs] * 0.5, WHOLE[outputs][:, None] * 0.5, np.eye(3)[WHOLE[3]])
    for y, meaning in zip(targets, FLOATS[outputs], strict=True):
        trained = trainer(cost, outputs)
        data = Examples(X, y, labels=declared)
        if not meaning or cost == "labels":
            with pytest.raises(ShapeError):
                trained.fit(data, epochs=1)
            continue
        wanted = wanted_cost(trained, y, meaning)
        assert trained.evaluate(data)["cost"] == pytest.approx(wanted)
        assert trained.fit(data, epochs=1)["cost"][0] == pytest.approx(wanted)


@pytest.mark.parametrize("outputs", [1, 3])
def test_booleans_are_as_integers(outputs: int) -> None:
    y = WHOLE[1] > 0
    trained = trainer("numbers", outputs)
    assert trained.evaluate((X, y))["cost"] == pytest.approx(wanted_cost(trained, y * 1, "labels"))


@pytest.mark.parametrize(("outputs", "labels"), list(itertools.product([1, 3], [None, True, False])))
@pytest.mark.parametrize("kind", ["csv", "npz"])
def test_files_follow_the_same_rule(tmp_path: Path, kind: str, outputs: int, labels: bool | None) -> None:
    y = WHOLE[outputs]
    path = tmp_path / f"t.{kind}"
    dataset: CsvFile | NpzFile
    if kind == "csv":
        np.savetxt(path, np.column_stack([X, y]), delimiter=",")
        dataset = CsvFile(path, labels=labels, header=False)
    else:
        np.savez(path, x=X, y=y)
        dataset = NpzFile(path, labels=labels)
    trained = trainer("numbers", outputs)
    meaning = INTEGERS["numbers", outputs, labels][0]
    if not meaning:
        with pytest.raises(ShapeError):
            trained.evaluate(dataset)
        return
    test = dataset.load("test")
    assert test.y is not None
    dense = np.eye(3)[test.y.astype(int)] if meaning == "labels" and outputs == 3 else test.y.reshape(-1, 1)
    wanted = 0.5 * np.square(trained.model.predict(test.x) - dense).sum(axis=1).mean()
    assert trained.evaluate(dataset)["cost"] == pytest.approx(wanted)


def command(*arguments: str) -> object:
    with pytest.raises(SystemExit) as exited:
        main(list(arguments))
    return exited.value.code


@pytest.mark.parametrize("kind", ["csv", "npz"])
def test_whole_prices_are_numbers_on_the_command_line(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    prices = np.arange(N) * 7 - 3
    path = tmp_path / f"t.{kind}"
    if kind == "csv":
        np.savetxt(path, np.column_stack([X, prices]), delimiter=",")
    else:
        np.savez(path, x=X, y=prices)
    trained = trainer("numbers", 1)
    save(trained.model, tmp_path / "m.safetensors", cost=trained.cost)
    assert command("evaluate", str(tmp_path / "m.safetensors"), str(path), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"cost": pytest.approx(trained.evaluate((X, prices))["cost"])}
    experiment = tmp_path / "prices.toml"
    experiment.write_text(
        f'dataset = {{component = "{kind}", path = "t.{kind}"}}\n'
        'cost = "quadratic"\ntraining = {epochs = 1}\n'
        'optimizer = {component = "gradient-descent", learning_rate = 1e-6}\n'
        'layers = [{component = "dense", units = 1}]\nmetrics = ["mean-squared-error"]\n'
    )
    assert command("run", str(experiment), "--quiet") == 0


def test_sequences_of_one_output_and_of_several() -> None:
    x = np.zeros((4, 3, 2))
    one = Sequential([Dense(1, activation=Sigmoid())]).initialize((3, 2), seed=0)
    several = Sequential([Dense(3)]).initialize((3, 2), seed=0)
    y = np.arange(12).reshape(4, 3) % 3
    made = Trainer(one, cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
    assert made.evaluate((x, y))["cost"] == made.evaluate((x, y[..., None]))["cost"]
    made = Trainer(several, cost=CrossEntropy(), optimizer=GradientDescent(0.1), seed=0)
    assert made.evaluate((x, y))["cost"] == pytest.approx(made.evaluate((x, np.eye(3)[y]))["cost"])


@pytest.mark.parametrize(
    ("y", "labels", "advice"),
    [
        (WHOLE[3].astype(float), None, "y.astype"),
        (WHOLE[3][:, None], None, r"y\[..., 0\]"),
        (WHOLE[3], False, "labels=False"),
    ],
)
def test_a_refusal_says_what_to_write(y: Array, labels: bool | None, advice: str) -> None:
    with pytest.raises(LayerkitError, match=advice):
        trainer("numbers", 3).fit(Examples(X, y, labels=labels), epochs=1)


def test_a_run_on_random_labels_is_right_half_the_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(3)
    np.savez(tmp_path / "coins.npz", x=rng.normal(size=(1000, 4)), y=rng.integers(0, 2, 1000))
    (tmp_path / "coins.toml").write_text(
        'dataset = {component = "npz", path = "coins.npz", test_fraction = 0.5}\ncost = "quadratic"\n'
        'optimizer = {component = "gradient-descent", learning_rate = 0.1}\ntraining = {epochs = 1}\n'
        'layers = [{component = "dense", units = 1, activation = "sigmoid"}]\nmetrics = ["accuracy"]\n'
    )
    assert command("run", str(tmp_path / "coins.toml"), "--json", str(tmp_path / "coins.json")) == 0
    assert 0.4 < json.loads((tmp_path / "coins.json").read_text())["test_accuracy"] < 0.6
    assert "test accuracy 100" not in capsys.readouterr().out
