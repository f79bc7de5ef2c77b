"""What is said before the first step, and what is not."""

from __future__ import annotations

import pickle
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Activation,
    BatchNormalization,
    BinaryCrossEntropy,
    Cost,
    CrossEntropy,
    Dense,
    Dropout,
    Flatten,
    GradientDescent,
    Identity,
    Layer,
    LogSoftmax,
    Poisson,
    Quadratic,
    ReLU,
    Rescale,
    Reshape,
    Sequential,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
    Trainer,
)
from layerkit.diagnosis.before_training import known_causes
from layerkit.diagnosis.silence import BEFORE_TRAINING
from layerkit.errors import ArgumentError, LayerkitWarning
from layerkit.interfaces.context import Context
from layerkit.steps.intake import take_in
from layerkit.types import Array, Shape

ROWS = 200
rng = np.random.default_rng(0)
X = rng.normal(size=(ROWS, 6)).astype(np.float32)
LABELS = rng.integers(0, 3, ROWS)
BYTES = rng.integers(0, 256, (ROWS, 6)).astype(np.uint8)


def told(
    layers: list[Layer], cost: Cost, x: Any, y: Any, *, silence: Any = (), **options: Any
) -> list[LayerkitWarning]:
    """The warnings of a fit of one epoch."""
    trainer = Trainer(Sequential(layers), cost=cost, optimizer=GradientDescent(1e-6), silence=silence, seed=0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        trainer.fit((x, y), epochs=1, **options)
    return [one.message for one in caught if isinstance(one.message, LayerkitWarning)]


def names(*arguments: Any, **options: Any) -> list[str]:
    return [warning.name for warning in told(*arguments, **options)]


@pytest.mark.parametrize("activation", [Softmax, Sigmoid, ReLU, Tanh])
@pytest.mark.parametrize("place", ["inside", "alone", "behind a view"])
def test_an_activation_under_logits_is_told(activation: type[Activation], place: str) -> None:
    ends: dict[str, list[Layer]] = {
        "inside": [Dense(3, activation=activation())],
        "alone": [Dense(3), activation()],
        "behind a view": [Dense(3, activation=activation()), Reshape((3,)), Flatten()],
    }
    [warning] = told([Dense(4, activation=Tanh()), *ends[place]], CrossEntropy(), X, LABELS)
    assert warning.name == "output-activation"
    assert activation.__name__ in str(warning)
    assert "layer 1" in str(warning) or "layer 2" in str(warning)
    assert "Leave" in str(warning)


def test_one_under_the_logarithm_of_a_rate_is_told_and_one_that_softmax_takes_back_is_not() -> None:
    [warning] = told([Dense(1, activation=Softplus())], Poisson(), X, LABELS * 1.0)
    assert "Poisson applies Exponential itself" in str(warning)
    assert "Leave Softplus out" in str(warning)
    assert names([Dense(3, activation=LogSoftmax())], CrossEntropy(), X, LABELS) == []


@pytest.mark.parametrize("activation", [Sigmoid, Tanh, ReLU])
def test_an_activation_under_the_logits_of_two_classes_is_told(activation: type[Activation]) -> None:
    [warning] = told([Dense(1, activation=activation())], BinaryCrossEntropy(), X, LABELS > 0)
    assert warning.name == "output-activation"
    assert "BinaryCrossEntropy applies Sigmoid itself, to numbers that are free" in str(warning)
    assert f"Leave {activation.__name__} out" in str(warning)
    assert names([Dense(1)], BinaryCrossEntropy(), X, LABELS > 0) == []
    assert names([Dense(3)], BinaryCrossEntropy(), X, np.eye(3)[LABELS]) == []


def test_two_classes_that_are_sorted_are_told() -> None:
    y = np.sort(LABELS > 0)
    assert names([Dense(1)], BinaryCrossEntropy(), X, y, shuffle=False, batch_size=8) == ["sorted"]


def test_an_activation_inside_the_network_or_under_another_cost_is_not() -> None:
    assert names([Dense(4, activation=Softmax()), Dense(3)], CrossEntropy(), X, LABELS) == []
    assert names([Dense(3, activation=Softmax())], Quadratic(), X, LABELS) == []


@pytest.mark.parametrize(
    ("activation", "lowest", "highest", "expected"),
    [
        (Sigmoid(), 0.0, 1.0, []),
        (Sigmoid(), 0.0, 20.0, ["unreachable-targets"]),
        (Sigmoid(), -1.0, 1.0, ["unreachable-targets"]),
        (Sigmoid(), 5.0, 5.0, ["unreachable-targets"]),
        (Tanh(), -1.0, 1.0, []),
        (Tanh(), 0.0, 2.0, ["unreachable-targets"]),
        (ReLU(), 0.0, 1000.0, []),
        (ReLU(), -3.0, 3.0, ["unreachable-targets"]),
        (None, -1000.0, 1000.0, []),
    ],
)
def test_targets_out_of_reach_are_told(
    activation: Activation | None, lowest: float, highest: float, expected: list[str]
) -> None:
    y = np.linspace(lowest, highest, ROWS)[:, None]
    layers: list[Layer] = [Dense(1) if activation is None else Dense(1, activation=activation.copy())]
    assert names(layers, Quadratic(), X, y) == expected


def test_a_little_noise_beyond_the_range_is_no_alarm() -> None:
    y = np.clip(np.linspace(0, 1, ROWS)[:, None] * 1.005, 0, None)
    assert names([Dense(1, activation=Sigmoid())], Quadratic(), X, y) == []


class Halve(Layer):
    """Somebody's own way to scale, which declares nothing."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        return x / 500

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad / 500


@pytest.mark.parametrize(
    ("front", "x", "expected"),
    [
        ([], BYTES, ["scale"]),
        ([], BYTES.astype(np.float32), ["scale"]),
        ([Flatten(), Dropout(0.1)], BYTES, ["scale"]),
        ([Rescale(2.0)], BYTES, ["scale"]),
        ([Rescale()], BYTES, []),
        ([BatchNormalization()], BYTES, []),
        ([Flatten(), BatchNormalization()], BYTES, []),
        ([Halve()], BYTES, []),
        ([], X * [1, 1, 1000, 1, 1, 1], ["scale"]),
        ([], X, []),
        ([], X * 10, []),
        ([], np.where(np.arange(ROWS)[:, None] % 20 == 0, 1000, X), []),
        ([], BYTES % 17, []),
    ],
)
def test_features_far_from_one_are_told_unless_a_layer_scales_them(front: list[Layer], x: Array, expected: Any) -> None:
    layers = [*(layer.copy() for layer in front), Dense(3)]
    assert names(layers, CrossEntropy(), x, LABELS) == expected


def test_raw_bytes_are_known_as_such() -> None:
    [warning] = told([Dense(3)], CrossEntropy(), BYTES, LABELS)
    assert "bytes" in str(warning)
    assert "Rescale()" in str(warning)
    assert "layer 0 (Dense)" in str(warning)


@pytest.mark.parametrize(
    ("y", "options", "expected"),
    [
        (np.sort(LABELS), {"shuffle": False, "batch_size": 8}, ["sorted"]),
        (np.eye(3)[np.sort(LABELS)], {"shuffle": False, "batch_size": 8}, ["sorted"]),
        (np.sort(LABELS), {"shuffle": True, "batch_size": 8}, []),
        (np.sort(LABELS), {"shuffle": False, "batch_size": ROWS}, []),
        (np.sort(LABELS), {"shuffle": False, "batch_size": 8, "accumulate": 25}, []),
        (LABELS, {"shuffle": False, "batch_size": 8}, []),
        (np.arange(ROWS) % 3, {"shuffle": False, "batch_size": 8}, []),
        (np.zeros(ROWS, int), {"shuffle": False, "batch_size": 8}, []),
    ],
)
def test_sorted_rows_are_told(y: Array, options: dict[str, Any], expected: list[str]) -> None:
    assert names([Dense(3)], CrossEntropy(), X, y, **options) == expected


def test_a_network_that_is_frozen_throughout_is_told_and_one_that_is_not_is_not() -> None:
    assert names([Dense(4).freeze(), Dense(3).freeze()], CrossEntropy(), X, LABELS) == ["frozen"]
    assert names([Dense(4).freeze(), Dense(3)], CrossEntropy(), X, LABELS) == []


def test_each_is_given_once_a_trainer_at_the_line_that_fits() -> None:
    trainer = Trainer(Sequential([Dense(3)]), cost=CrossEntropy(), optimizer=GradientDescent(1e-6), seed=0)
    for expected in (["scale"], [], ["frozen"], []):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            trainer.fit((BYTES, LABELS), epochs=1)
        assert [one.message.name for one in caught if isinstance(one.message, LayerkitWarning)] == expected
        assert all(one.filename == __file__ for one in caught)
        if expected == []:
            trainer.model.freeze()
    assert trainer.warned == {"scale", "frozen"}


@pytest.mark.parametrize("silence", [("scale",), ["scale", "flat"], ("all",), {"scale"}])
def test_each_is_switched_off_by_name(silence: Any) -> None:
    assert names([Dense(3)], CrossEntropy(), BYTES, LABELS, silence=silence) == []


def test_python_filters_find_a_warning_by_its_name() -> None:
    trainer = Trainer(Sequential([Dense(3).freeze()]), cost=CrossEntropy(), optimizer=GradientDescent(1e-6), seed=0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", "scale:", LayerkitWarning)
        trainer.fit((BYTES, LABELS), epochs=1)
    assert [str(one.message).split(":")[0] for one in caught] == ["frozen"]


def test_a_filter_that_raises_leaves_the_trainer_as_it_was() -> None:
    trainer = Trainer(Sequential([Dense(3)]), cost=CrossEntropy(), optimizer=GradientDescent(1e-6), seed=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(LayerkitWarning, match=r"^scale: "):
            trainer.fit((BYTES, LABELS), epochs=1)
    assert len(trainer.fit((BYTES, LABELS), epochs=2)) == 2


@pytest.mark.parametrize("silence", ["scale", ["nonsense"], 3])
def test_a_name_that_is_none_is_refused(silence: Any) -> None:
    with pytest.raises(ArgumentError, match="silence"):
        Trainer(Sequential([Dense(3)]), cost=CrossEntropy(), optimizer=GradientDescent(0.1), silence=silence)


def test_a_warning_survives_pickling() -> None:
    warning = pickle.loads(pickle.dumps(LayerkitWarning("too large", name="scale")))
    assert (str(warning), warning.name) == ("scale: too large", "scale")


class Untouchable(np.memmap):
    """A memory map that may not be read."""

    def take(self, *_: Any, **__: Any) -> Any:
        raise AssertionError("read ahead")


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("kind", [Identity, lambda: Rescale(1.0)])
def test_what_hands_values_on_hides_no_activation(kind: Callable[[], Layer], count: int) -> None:
    def behind(activation: Activation, units: int) -> list[Layer]:
        return [Dense(units, activation=activation), Flatten(), *(kind() for _ in range(count))]

    far = 20 * X[:, :1] + 50
    assert names(behind(Softmax(), 3), CrossEntropy(), X, LABELS) == ["output-activation"]
    assert names(behind(Sigmoid(), 1), Quadratic(), X, far) == ["unreachable-targets"]
    assert names([*behind(Sigmoid(), 1), Rescale(100.0)], Quadratic(), X, far) == []
    assert names([*behind(Sigmoid(), 1), Rescale(10.0)], Quadratic(), X, far * 100) == ["unreachable-targets"]
    assert names([*behind(Tanh(), 1), Rescale(-2.0, offset=1.0)], Quadratic(), X, far * 0 + 2.5) == []
    assert names([*behind(Tanh(), 1), Rescale(-2.0, offset=1.0)], Quadratic(), X, far * 0 + 4) == [
        "unreachable-targets"
    ]
    # bounded on purpose: the scale of logits
    assert names([*behind(Tanh(), 3), Rescale(30.0)], CrossEntropy(), X, LABELS) == []


def test_streams_and_memory_maps_are_not_read_ahead(tmp_path: Path) -> None:
    opened = []

    def batches() -> Any:
        opened.append(True)
        yield BYTES, LABELS

    model = Sequential([Dense(3)]).initialize(6, seed=0)
    cost = CrossEntropy()
    streamed = take_in(batches, model, cost, split="train", to_train=True)
    assert known_causes(model, cost, streamed, silent=(), shuffle=True, rows_per_update=1) == []
    assert not opened
    np.save(tmp_path / "x.npy", BYTES)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r").view(Untouchable)
    taken = take_in((mapped, LABELS), model, cost, split="train", to_train=True)
    assert known_causes(model, cost, taken, silent=(), shuffle=True, rows_per_update=1) == []


def test_a_layer_that_fails_says_so_itself() -> None:
    class Broken(Layer):
        def build(self, input_shape: Shape) -> Shape:
            return input_shape

        def forward(self, x: Array, ctx: Context) -> Array:
            raise RuntimeError("mine")

        def backward(self, grad: Array, ctx: Context) -> Array:
            return grad

    with pytest.raises(RuntimeError, match="mine"):
        told([Broken(), Dense(3)], CrossEntropy(), X, LABELS)


def test_not_a_bit_of_training_depends_on_it() -> None:
    ends = []
    for silence in ((), ("all",)):
        model = Sequential([Dropout(0.3), Dense(8, activation=Tanh()), BatchNormalization(), Dense(3)])
        trainer = Trainer(model, cost=CrossEntropy(), optimizer=GradientDescent(0.1), silence=silence, seed=5)
        trainer.fit((X, LABELS), epochs=2, batch_size=16)
        ends.append((model.structure.parameters.copy(), model.structure.states.copy()))
    assert all(np.array_equal(one, other) for one, other in zip(*ends, strict=True))


def test_looking_takes_few_milliseconds() -> None:
    x, y = np.ones((20_000, 784), np.float32), np.arange(20_000) % 10
    model = Sequential([Dense(30, activation=Sigmoid()), Dense(10, activation=Sigmoid())]).initialize(784, seed=0)
    taken = take_in((x, y), model, Quadratic(), split="train", to_train=True)
    seconds = []
    for _ in range(20):
        began = time.process_time()
        assert known_causes(model, Quadratic(), taken, silent=(), shuffle=False, rows_per_update=10) == []
        seconds.append(time.process_time() - began)
    assert min(seconds) < 0.005


def test_the_names_are_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "diagnosis.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in BEFORE_TRAINING)
