"""What the callback says of trainings that do not learn, and that it touches nothing."""

from __future__ import annotations

import json
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Adam,
    BatchNormalization,
    BinaryCrossEntropy,
    Callback,
    Constant,
    CrossEntropy,
    Dense,
    Diagnosis,
    Dropout,
    EarlyStopping,
    Flatten,
    GradientDescent,
    Layer,
    Mnist,
    Model,
    Normal,
    Quadratic,
    ReLU,
    Rescale,
    Sequential,
    Sigmoid,
    Tanh,
    Trainer,
    resume,
    save_checkpoint,
)
from layerkit.diagnosis.silence import WHILE_TRAINING
from layerkit.errors import ArgumentError, LayerkitWarning
from layerkit.types import Array

rng = np.random.default_rng(0)
LABELS = rng.integers(0, 4, 300)
X = (2 * rng.normal(size=(4, 6))[LABELS] + rng.normal(size=(300, 6))).astype(np.float32)


def network() -> list[Layer]:
    return [Dense(16, activation=Sigmoid()), Dense(4, activation=Sigmoid())]


def trained(
    rate: float, *, layers: list[Layer] | None = None, epochs: int = 6, more: tuple[Callback, ...] = (), **options: Any
) -> tuple[Diagnosis, list[str], Model]:
    """The callback after a fit, and what was told while it ran."""
    diagnosis = Diagnosis(**options)
    model = Sequential(layers or network())
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(rate), seed=0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trainer.fit((X, LABELS), epochs=epochs, callbacks=[diagnosis, *more])
    return diagnosis, [str(one.message) for one in caught if isinstance(one.message, LayerkitWarning)], model


def test_a_rate_that_saturates_is_told_once_with_layer_figure_and_cure() -> None:
    diagnosis, told, _ = trained(1000.0)
    [finding] = diagnosis.findings
    assert finding["name"] == "high-rate"
    assert finding["layer"] in {"layer 0.function (Sigmoid)", "layer 1.function (Sigmoid)"}
    assert 0.95 <= finding["figure"] <= 1
    assert 1 <= finding["epoch"] <= 3
    [line] = told
    assert line == f"high-rate: {finding['message']}"
    assert "tenth" in line
    assert json.loads(json.dumps(diagnosis.findings)) == diagnosis.findings


def test_a_cost_that_does_not_move_is_told_when_half_is_over() -> None:
    diagnosis, _, _ = trained(1e-7, epochs=12)
    assert [(finding["name"], finding["epoch"]) for finding in diagnosis.findings] == [("flat", 6)]


def test_the_flat_cost_of_two_classes_is_set_beside_that_of_one_prediction_for_all() -> None:
    diagnosis = Diagnosis()
    model = Sequential([Dense(1, initializer=Normal(0.01))])
    trainer = Trainer(model, cost=BinaryCrossEntropy(), optimizer=GradientDescent(1e-9), seed=0)
    y = LABELS == 0
    with pytest.warns(LayerkitWarning, match="flat"):
        trainer.fit((X, y), epochs=12, callbacks=[diagnosis])
    [finding] = diagnosis.findings
    share = y.mean()
    wanted = -(share * np.log(share) + (1 - share) * np.log(1 - share))
    found = re.search(r"one prediction for all would cost ([\d.]+)", finding["message"])
    assert found is not None
    # some of the rows are looked at
    assert float(found[1]) == pytest.approx(wanted, rel=0.2)


def test_a_network_that_learns_is_told_nothing() -> None:
    diagnosis, told, _ = trained(1.0, epochs=30)
    assert diagnosis.findings == []
    assert told == []


def test_a_plateau_that_is_left_in_time_is_no_alarm() -> None:
    x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.0], [1], [1], [0]])
    model = Sequential([Dense(4, activation=Sigmoid()), Dense(1, activation=Sigmoid())])
    diagnosis = Diagnosis()
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(5.0), seed=0)
    trainer.fit((x, y), epochs=2000, batch_size=4, callbacks=[diagnosis])
    assert diagnosis.findings == []


def test_dead_outputs_are_named_though_hidden_units_live() -> None:
    low = Constant(-100.0)
    layers: list[Layer] = [Dense(16, activation=Tanh()), Dense(4, activation=ReLU(), bias_initializer=low)]
    diagnosis, _, _ = trained(0.1, layers=layers)
    assert [(finding["name"], finding["layer"]) for finding in diagnosis.findings] == [
        ("dead", "layer 1.function (ReLU)")
    ]


def test_a_fifth_of_dead_outputs_is_told_and_of_hidden_units_is_not() -> None:
    x, y = rng.normal(size=(200, 4)), 1 + rng.random((200, 4))
    for place, expected in ((0, []), (1, ["dead"])):
        model = Sequential([Dense(4, activation=ReLU()), Dense(4, activation=ReLU())]).initialize(4, seed=0)
        model.parameters["0.bias"][...], model.parameters["1.bias"][...] = 1.0, 1.0
        model.parameters[f"{place}.bias"][0] = -1000.0
        diagnosis = Diagnosis()
        trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(1e-9), seed=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trainer.fit((x, y), epochs=2, callbacks=[diagnosis])
        assert [finding["name"] for finding in diagnosis.findings] == expected


def test_units_that_are_stuck_in_a_network_that_has_learnt_are_no_alarm() -> None:
    layers: list[Layer] = [Dense(16, activation=Tanh(), initializer=Normal(1000.0)), Dense(4)]
    diagnosis, _, _ = trained(0.1, layers=layers, epochs=20)
    assert diagnosis.findings == []


def test_a_cost_that_runs_away_is_told() -> None:
    class Loud(Callback):
        """Makes the parameters larger and larger, as a rate that is just too high does."""

        def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
            for array in fit.model.parameters.values():
                array[...] *= 2

    diagnosis = Diagnosis()
    model = Sequential([Dense(8), Dense(4)])
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(1e-9), seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer.fit((X, LABELS), epochs=6, callbacks=[Loud(), diagnosis])
    assert [finding["name"] for finding in diagnosis.findings] == ["high-rate"]


@pytest.mark.parametrize("silence", [("high-rate",), ("all",)])
def test_a_finding_is_switched_off_by_name(silence: tuple[str, ...]) -> None:
    diagnosis, told, _ = trained(1000.0, silence=silence)
    assert diagnosis.findings == []
    assert told == []


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(ArgumentError, match="Diagnosis: silence must hold names among"):
        Diagnosis(silence=("rate",))


def test_a_fit_that_another_callback_ends_is_judged_all_the_same() -> None:
    diagnosis, _, _ = trained(1e-7, epochs=500, more=(EarlyStopping("cost", patience=4, minimum_change=0.01),))
    assert [finding["name"] for finding in diagnosis.findings] == ["flat"]


def test_a_second_fit_is_judged_anew() -> None:
    diagnosis = Diagnosis()
    trainer = Trainer(Sequential(network()), cost=Quadratic(), optimizer=GradientDescent(1e-7), seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer.fit((X, LABELS), epochs=4, callbacks=[diagnosis])
    assert [finding["epoch"] for finding in diagnosis.findings] == [3]
    trainer.optimizer.learning_rate = 1.0
    other = Trainer(trainer.model, cost=Quadratic(), optimizer=GradientDescent(1.0), seed=0)
    other.fit((X, LABELS), epochs=20, callbacks=[diagnosis])
    assert diagnosis.findings == []


@pytest.mark.parametrize("batch_size", [7, 300])
def test_it_changes_not_a_bit(batch_size: int) -> None:
    ends = []
    for callbacks in ([], [Diagnosis()]):
        model = Sequential([Dropout(0.3), Dense(8, activation=Tanh()), BatchNormalization(), Dense(4)])
        trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.01), seed=5)
        trainer.fit((X, LABELS), epochs=5, batch_size=batch_size, validation=(X, LABELS), callbacks=callbacks)
        records = [{name: value for name, value in record.items() if name != "seconds"} for record in trainer.history]
        ends.append((model.structure.parameters.tobytes(), model.structure.states.tobytes(), records))
    assert ends[0] == ends[1]


def test_freezing_in_the_middle_is_followed() -> None:
    class Freeze(Callback):
        def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
            fit.model[0].freeze()

    diagnosis, told, _ = trained(1.0, epochs=8, more=(Freeze(),))
    assert told == [str(LayerkitWarning(one["message"], name=one["name"])) for one in diagnosis.findings]


def test_streams_are_not_looked_at() -> None:
    opened = []

    def batches() -> Any:
        opened.append(True)
        yield X, LABELS

    model = Sequential(network()).initialize(6, seed=0)
    diagnosis = Diagnosis()
    Trainer(model, cost=Quadratic(), optimizer=GradientDescent(1e-9), seed=0).fit(
        batches, epochs=4, callbacks=[diagnosis]
    )
    assert len(opened) == 4
    assert diagnosis.findings == []


def test_what_a_trainer_has_said_is_not_followed_by_guesses() -> None:
    y = 20 + X[:, :1]
    diagnosis = Diagnosis()
    trainer = Trainer(
        Sequential([Dense(1, activation=Sigmoid())]), cost=Quadratic(), optimizer=GradientDescent(1.0), seed=0
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trainer.fit((X, y), epochs=6, callbacks=[diagnosis])
    assert [one.message.name for one in caught if isinstance(one.message, LayerkitWarning)] == ["unreachable-targets"]
    assert diagnosis.findings == []


def test_a_resumed_run_has_the_findings_of_the_whole_one(tmp_path: Path) -> None:
    whole, _, _ = trained(1e-7, epochs=12)

    class Save(Callback):
        def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
            if fit.epoch == 4:
                save_checkpoint(fit.trainer, tmp_path / "run.safetensors")

    trained(1e-7, epochs=12, more=(Save(),))
    diagnosis = Diagnosis()
    trainer = Trainer(Sequential(network()), cost=Quadratic(), optimizer=GradientDescent(1e-7), seed=0)
    resume(trainer, tmp_path / "run.safetensors")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer.fit((X, LABELS), epochs=12, callbacks=[diagnosis, Save()])
    assert diagnosis.findings == whole.findings


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("looks",), None),
        (("looks", 0), {}),
        (("looks", 0, "cost"), "MT19937"),
        (("looks", 0, "cost"), float("nan")),
        (("looks", 1, "baseline"), [1]),
        (("looks", 1, "alike"), 1),
        (("looks", 1, "layers", 0, "path"), []),
        (("looks", 1, "layers", 0, "saturated"), "x"),
        (("looks", 1, "layers", 0), 7),
        (("findings",), {"a": 1}),
        (("findings", 0, "figure"), "high"),
        (("findings", 0, "name"), None),
        (("seen",), "text"),
        (("seen", 0), []),
        (("began",), 0.5),
        (("began",), 10**39),
        (("apart",), 0),
    ],
)
def test_it_takes_back_only_what_it_gives(place: tuple[Any, ...], wrong: Any) -> None:
    state = trained(1e-7)[0].state()
    assert state["findings"]
    state["seen"] = ["saturated"]
    inner = state
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = wrong
    fresh = Diagnosis()
    before = fresh.state()
    told = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place).removeprefix(".")
    with pytest.raises(ArgumentError, match=f"^Diagnosis: {re.escape(told)} (must|lacks)"):
        fresh.restore(state)
    assert fresh.state() == before


def test_what_it_gives_it_takes_back() -> None:
    state = trained(1e-7)[0].state()
    fresh = Diagnosis()
    fresh.restore(json.loads(json.dumps(state)))
    assert fresh.state() == state


def test_a_layer_that_cannot_be_looked_at_ends_nothing() -> None:
    class Twice(Layer):
        """Fails outside training passes, as a layer that counts on dropout might."""

        coupled_rows = True

        def build(self, input_shape: Any) -> Any:
            return input_shape

        def forward(self, x: Array, ctx: Any) -> Array:
            if not ctx.training:
                raise RuntimeError("not made for this")
            return x

        def backward(self, grad: Array, ctx: Any) -> Array:
            return grad

    diagnosis, told, _ = trained(1e-7, layers=[Twice(), *network()])
    assert diagnosis.findings == []
    assert told == []


def test_the_names_are_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "diagnosis.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in WHILE_TRAINING)


def test_mnist_at_rate_three_with_512_units_is_told(shared_data: Path) -> None:
    train = Mnist(data_dir=str(shared_data / "mnist")).load("train")
    assert isinstance(train.x, np.ndarray)
    assert train.y is not None
    x, y = train.x[:6000], train.y[:6000]
    layers: list[Layer] = [Flatten(), Rescale(), Dense(512, activation=Sigmoid()), Dense(10, activation=Sigmoid())]
    diagnosis = Diagnosis()
    trainer = Trainer(Sequential(layers), cost=Quadratic(), optimizer=GradientDescent(3.0), seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        history = trainer.fit((x, y), epochs=3, batch_size=10, callbacks=[diagnosis])
    assert history["cost"][-1] == pytest.approx(0.5, abs=0.01)
    assert [(finding["name"], finding["layer"]) for finding in diagnosis.findings] == [
        ("high-rate", "layer 3.function (Sigmoid)")
    ]
