"""What a layer must keep, and where parts are made: refused where the model is built, with the line to write."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Accuracy,
    Constant,
    Cost,
    Dense,
    Dropout,
    Flatten,
    GradientDescent,
    Initializer,
    Layer,
    Metric,
    Optimizer,
    Quadratic,
    Schedule,
    Sequential,
    Tanh,
    Trainer,
    Transform,
    Zeros,
)
from layerkit.errors import ArgumentError
from layerkit.types import Array, Shape


class Around(Layer):
    """Runs its part: how the part comes to be is what the classes below differ in."""

    def inner(self) -> Layer:
        raise NotImplementedError

    def build(self, input_shape: Shape) -> Shape:
        return self.part("wrapped", self.inner(), input_shape)

    def forward(self, x: Array, ctx: Any) -> Any:
        return ctx.part("wrapped").forward(x)

    def backward(self, grad: Array, ctx: Any) -> Any:
        return ctx.part("wrapped").backward(grad)


class Argument(Around):
    def __init__(self, layer: Layer | None = None) -> None:
        self.layer = layer
        self._layer = Dense(3) if layer is None else layer

    def inner(self) -> Layer:
        return self._layer


class MadeInBuild(Around):
    def __init__(self, layer: Layer | None = None) -> None:
        self.layer = layer

    def inner(self) -> Layer:
        return self.layer or Dense(3)


class KeptInBuild(MadeInBuild):
    def inner(self) -> Layer:
        self._made = Dense(3)
        return self._made


class MadeOnce(MadeInBuild):
    def inner(self) -> Layer:
        found: Layer = self.__dict__.setdefault("_made", Dense(3))
        return found


class KeptElsewhere(MadeInBuild):
    kept: dict[int, Layer] = {}  # noqa: RUF012 - shared by all, and so not in a pickle

    def inner(self) -> Layer:
        return self.kept.setdefault(id(self), Dense(3))


class InDictionary(Around):
    def __init__(self) -> None:
        self._layers = {"a": [Dense(3)]}

    def inner(self) -> Layer:
        return self._layers["a"][0]


class InObject(Around):
    def __init__(self) -> None:
        self._tools = SimpleNamespace(cells=(SimpleNamespace(cell=Dense(3)),))

    def inner(self) -> Layer:
        found: Layer = self._tools.cells[0].cell
        return found


class OfArgument(Around):
    def __init__(self, layer: Sequential) -> None:
        self.layer = layer

    def inner(self) -> Layer:
        return self.layer[0]


@pytest.mark.parametrize(
    "make",
    [Argument, lambda: Argument(Dense(3)), lambda: MadeInBuild(Dense(3)), InDictionary, InObject, MadeOnce,
     lambda: OfArgument(Sequential([Dense(3)]))],
)  # fmt: skip
def test_a_part_that_stays_the_same_keeps_its_values(make: Callable[[], Layer]) -> None:
    model = Sequential([make()]).initialize(2, seed=0)
    x = np.ones((1, 2), np.float32)
    expected = model.predict(x)
    for other in (model.copy(), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(other.predict(x), expected)
    np.testing.assert_array_equal(model.predictor(1).predict(x), expected)
    np.testing.assert_array_equal(model.initialize(2).predict(x), expected)


@pytest.mark.parametrize("make", [MadeInBuild, KeptInBuild, KeptElsewhere])
def test_a_part_that_each_build_makes_anew_is_refused_before_it_is_trained(make: Callable[[], Layer]) -> None:
    with pytest.raises(
        ArgumentError, match=r"layer 1 \(\w+\): the part 'wrapped', Dense\(3\), is made anew.*Make it in __init__"
    ):
        Sequential([Flatten(), make()]).initialize(2)


class Flattens(Around):
    def inner(self) -> Layer:
        return Sequential([Flatten(), Tanh()])


def test_a_part_without_values_may_be_made_anew() -> None:
    model = Sequential([Flattens()]).initialize((2, 3))
    assert pickle.loads(pickle.dumps(model)).predict(np.ones((1, 2, 3))).shape == (1, 6)


def test_many_layers_are_built_in_time_that_grows_with_their_number() -> None:
    layers: list[Layer] = [Flatten() for _ in range(20_000)]
    assert Sequential(layers).initialize(2).output_shape == (2,)


class Forgets(Layer):
    def __init__(self, factor: float) -> None:
        self.scale = factor

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Any) -> Array:
        return x * self.scale

    def backward(self, grad: Array, ctx: Any) -> Array:
        return grad * self.scale


class ForgetfulInitializer(Initializer):
    def __init__(self, value: float) -> None:
        self.start = value

    def initialize(self, shape: Any, rng: Any, dtype: Any, fan_in: int, fan_out: int) -> Array:
        return np.full(shape, self.start, dtype)


class Takes(Forgets):
    def __init__(self, *factors: float) -> None:
        self.scale = factors[0]


@pytest.mark.parametrize(
    ("layer", "line"),
    [
        (Forgets(2.0), r"layer 0 \(Forgets\): .*self\.factor = factor"),
        (Dense(2, initializer=ForgetfulInitializer(1.0)), r"layer 0 \(Dense\): .*self\.value = value"),
    ],
)
def test_a_layer_that_forgets_an_argument_is_refused_with_the_line_to_write(layer: Layer, line: str) -> None:
    with pytest.raises(ArgumentError, match=line):
        Sequential([layer]).initialize(2)


def test_arguments_without_names_work_as_long_as_no_config_is_needed() -> None:
    assert Sequential([Takes(2.0)]).initialize(1).predict([[3.0]]).tolist() == [[6.0]]


def forgetful(base: type, **members: Any) -> Any:
    """A component of a kind that forgets its argument."""

    def constructor(self: Any, size: float = 3.0) -> None:
        self.kept = size

    abstract: dict[str, Any] = {name: lambda self, *args: None for name in base.__abstractmethods__}  # type: ignore[attr-defined]
    return type("Forgetful", (base,), {**abstract, "__init__": constructor, **members})()


@pytest.mark.parametrize(
    "parts",
    [
        {"cost": forgetful(Cost)},
        {"optimizer": forgetful(Optimizer)},
        {"optimizer": GradientDescent(forgetful(Schedule))},
        {"metrics": [Accuracy(), forgetful(Metric, name="m")]},
        {"transforms": [forgetful(Transform)]},
    ],
)
def test_other_kinds_are_refused_when_a_trainer_is_made(parts: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=r"self\.size = size"):
        Trainer(Sequential([Dense(1)]), **{"cost": Quadratic(), "optimizer": GradientDescent(0.1), **parts})


class Tells(Initializer):
    """Keeps the fans that it is told."""

    def initialize(self, shape: Any, rng: Any, dtype: Any, fan_in: int, fan_out: int) -> Array:
        TOLD.append((fan_in, fan_out))
        return np.zeros(shape, dtype)


TOLD: list[tuple[int, int]] = []


class Empty(Layer):
    """Has parameters without places."""

    def build(self, input_shape: Shape) -> Shape:
        self.parameter("table", (0, 3), Tells())
        self.parameter("bias", (2, 0), Tells(), fan_in=0)
        self.parameter("scale", (), Tells())
        return input_shape

    def forward(self, x: Array, ctx: Any) -> Array:
        return x

    def backward(self, grad: Array, ctx: Any) -> Array:
        return grad


def test_a_fan_is_never_0() -> None:
    TOLD.clear()
    Sequential([Empty()]).initialize(4)
    assert TOLD == [(1, 3), (1, 1), (1, 1)]


class TestSeed:
    def test_a_seed_that_would_draw_nothing_is_refused(self) -> None:
        model = Sequential([Dense(3)]).initialize(2, seed=0)
        before = model.parameters["0.weight"].copy()
        with pytest.raises(ArgumentError, match="rebuild=True"):
            model.initialize(2, seed=1)
        np.testing.assert_array_equal(model.parameters["0.weight"], before)
        np.testing.assert_array_equal(model.initialize(2).parameters["0.weight"], before)
        drawn = model.initialize(2, seed=1, rebuild=True).parameters["0.weight"]
        assert not np.array_equal(drawn, before)

    def test_a_pretrained_part_in_a_new_model_keeps_its_values(self) -> None:
        inner = Sequential([Dense(3)]).initialize(2, seed=0)
        before = inner.parameters["0.weight"].copy()
        model = Sequential([inner.copy(), Dense(1)]).initialize(2, seed=1)
        np.testing.assert_array_equal(model.parameters["0.0.weight"], before)
        wholly = Sequential([inner.copy()]).initialize(2, seed=1)
        np.testing.assert_array_equal(wholly.parameters["0.0.weight"], before)

    def test_a_model_without_values_may_be_given_a_seed_again(self) -> None:
        model = Sequential([Flatten(), Dropout(0.5)]).initialize(2, seed=0)
        assert model.initialize(2, seed=1).output_shape == (2,)

    def test_a_new_layer_is_drawn(self) -> None:
        model = Sequential([Dense(2, initializer=Constant(1.0))]).initialize(2, seed=0)
        vars(model)["layers"] = [model[0], Dense(1, initializer=Zeros())]
        assert set(model.initialize(2, seed=1).parameters) == {"0.weight", "0.bias", "1.weight", "1.bias"}
