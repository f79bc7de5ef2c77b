"""A call that cannot be says how it is written."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest

from layerkit import (
    Accuracy,
    Adam,
    Dense,
    Flatten,
    GradientDescent,
    Layer,
    NumpyEngine,
    Quadratic,
    Sequential,
    Trainer,
    Zeros,
)
from layerkit.engines import Automatic
from layerkit.errors import CallError, LayerkitError
from layerkit.plugin import default_host
from layerkit.registry.kinds import KINDS

X, Y = np.zeros((4, 2)), np.zeros((4, 1))
MODEL = Sequential([Dense(1)])
TRAINER = Trainer(MODEL, cost=Quadratic(), optimizer=GradientDescent(0.1))


# a type checker would refuse what is tried here
_Sequential, _Dense, _Adam, _Flatten, _Zeros, _Trainer, _Automatic, _TRAINER, _MODEL = cast(
    "tuple[Any, ...]", (Sequential, Dense, Adam, Flatten, Zeros, Trainer, Automatic, TRAINER, MODEL)
)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: _Sequential(_Dense(3), _Dense(4)), ["Sequential([Dense(3), Dense(4)])"]),
        (lambda: _Automatic(NumpyEngine(), NumpyEngine()), ["Automatic([NumpyEngine(), NumpyEngine()])"]),
        (lambda: _Dense(64, 30), ["takes 1 argument without a name (units)", "Dense(64, activation=…); the size"]),
        (lambda: _Dense(64, 30, use_bias=False), ["write Dense(64, use_bias=…)"]),
        (_Dense, ["needs the argument 'units'", "Dense takes units, activation=None"]),
        (lambda: _Dense(3, unit=4), ["no argument 'unit'", "Did you mean 'units'?"]),
        (lambda: _Dense(out_features=4), ["no argument 'out_features'", "Did you mean 'units'?"]),
        (lambda: _Dense(3, units=4), ["'units' twice"]),
        (lambda: _Adam(lr=0.1), ["no argument 'lr'", "Did you mean 'learning_rate'?"]),
        (lambda: _Flatten(3), ["Flatten: it takes no argument without a name, got 3"]),
        (lambda: _Zeros(shape=3), ["Zeros has no argument 'shape'", "Zeros takes no arguments"]),
        (lambda: _Trainer(MODEL, Quadratic(), GradientDescent(0.1)), ["(Sequential([Dense(1)]), cost=…, optimizer=…)"]),
        (lambda: _Trainer(MODEL, loss=Quadratic(), optimizer=_Adam()), ["no argument 'loss'", "mean 'cost'?"]),
        (lambda: _Trainer(MODEL), ["Trainer needs the arguments 'cost', 'optimizer'"]),
        (lambda: _TRAINER.fit(X, Y), ["Trainer.fit((x, y), epochs=…)"]),
        (lambda: _TRAINER.fit(X, Y, epochs=3), ["Trainer.fit((x, y), epochs=…)"]),
        (lambda: _TRAINER.fit((X, Y)), ["Trainer.fit needs the argument 'epochs'"]),
        (lambda: _TRAINER.fit((X, Y), epoch=3), ["no argument 'epoch'", "Did you mean 'epochs'?"]),
        (lambda: _TRAINER.fit((X, Y), epochs=3, sample_weight=Y), ["Did you mean 'weights'?"]),
        (lambda: _TRAINER.evaluate(X, Y), ["Trainer.evaluate((x, y)"]),
        (lambda: _MODEL.initialize(28, 28), ["Model.initialize((28, 28))"]),
    ],
)  # fmt: skip
def test_a_wrong_call_is_answered_with_the_right_one(call: Callable[[], Any], words: list[str]) -> None:
    with pytest.raises(CallError) as caught:
        call()
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, LayerkitError)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


COMPONENTS = [
    pytest.param(kind, entry.qualified_name, id=f"{kind}-{entry.short_name}")
    for kind, described in KINDS.items()
    if described.base is not None
    for entry in default_host().components(kind)
]


@pytest.mark.parametrize(("kind", "name"), COMPONENTS)
def test_every_component_explains_every_wrong_call(kind: str, name: str) -> None:
    made = default_host().load(kind, name)
    parameters = inspect.signature(made).parameters
    needed = {each.name: None for each in parameters.values() if each.default is each.empty}
    wrong: list[tuple[list[None], dict[str, Any]]] = [
        ([None] * (len(parameters) + 1), {}),
        ([], {**needed, "no_such_argument": 1}),
    ]
    if needed:
        wrong.append(([], dict(list(needed.items())[1:])))
    if parameters:
        wrong.append(([None], dict.fromkeys(list(parameters)[:1])))
    for positional, named in wrong:
        with pytest.raises(CallError) as caught:
            made(*positional, **named)
        assert str(caught.value).startswith(made.__name__)
        assert f"{made.__name__} takes " in str(caught.value)


class Breaks(Layer):
    """Its constructor fails inside."""

    def __init__(self, size: int) -> None:
        self.size = size
        len(size)  # type: ignore[arg-type]

    def build(self, input_shape: Any) -> Any: ...

    def forward(self, x: Any, ctx: Any) -> Any: ...

    def backward(self, grad: Any, ctx: Any) -> Any: ...


def test_what_fails_inside_is_not_taken_for_a_wrong_call() -> None:
    with pytest.raises(TypeError, match="has no len") as caught:
        Breaks(3)
    assert not isinstance(caught.value, LayerkitError)


def test_a_subclass_that_calls_its_base_wrongly_names_what_is_wrong() -> None:
    class Wrong(Sequential):  # type: ignore[misc]
        def __init__(self, size: int) -> None:
            super().__init__([Dense(size)], size)  # type: ignore[call-arg]

    with pytest.raises(TypeError, match="positional"):
        Wrong(3)


def test_signatures_stay_what_authors_wrote() -> None:
    assert list(inspect.signature(Dense).parameters)[:2] == ["units", "activation"]
    assert list(inspect.signature(Trainer).parameters)[:3] == ["model", "cost", "optimizer"]
    assert list(inspect.signature(Trainer.fit).parameters)[:3] == ["self", "data", "epochs"]
    assert not inspect.signature(Flatten).parameters


def test_copies_and_pickles_are_made_without_a_call() -> None:
    for component in (Dense(3), Adam(), Accuracy(), NumpyEngine()):
        for other in (copy.copy(component), copy.deepcopy(component), pickle.loads(pickle.dumps(component))):
            assert repr(other) == repr(component)
