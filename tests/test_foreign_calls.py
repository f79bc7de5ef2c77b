"""Calls as people write them elsewhere, with scikit-learn, Keras or PyTorch: each says how it is written here."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
import pytest

import layerkit
from layerkit import (
    Accuracy,
    Adam,
    Batch,
    CrossEntropy,
    Dataset,
    Dense,
    Digits,
    EarlyStopping,
    Examples,
    Layer,
    Schema,
    Sequential,
    Trainer,
    config,
    experiments,
    folds,
    resume,
    save,
    save_checkpoint,
    split,
)
from layerkit.errors import ArgumentError, CallError, LayerkitError
from layerkit.exported import EXPORTED
from layerkit.familiar_arguments import INSTEAD, SYNONYMS
from layerkit.files.inspection import inspect as inspect_file
from layerkit.textbook import NeuralNetwork

X, Y, ONES = np.zeros((6, 2)), np.array([0, 1] * 3), np.ones(6)
MODEL: Any = Sequential([Dense(2)]).initialize(2, seed=0)
TRAINER: Any = Trainer(MODEL, cost=CrossEntropy(), optimizer=Adam(), metrics=[Accuracy()], seed=0)
# a type checker would refuse what is tried here
_split, _folds, _save, _save_checkpoint, _resume, _Examples, _Batch, _Schema, _Digits, _Adam = cast(
    "tuple[Any, ...]", (split, folds, save, save_checkpoint, resume, Examples, Batch, Schema, Digits, Adam)
)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: _split(X, Y), ["split((x, y)"]),
        (lambda: _split((X, Y), test_size=0.2), ["no argument 'test_size'", "mean 'test_fraction'?"]),
        (lambda: _split((X, Y), random_state=3), ["mean 'seed'?"]),
        (lambda: _split((X, Y), train_size=0.8), ["test_fraction says how much is held back"]),
        (lambda: _folds(X, Y), ["folds((x, y)"]),
        (lambda: _folds((X, Y), n_splits=3), ["mean 'k'?"]),
        (lambda: _Examples(X, Y, ONES), ["write Examples(x, y, weights=…)"]),
        (lambda: _Examples(X, Y, sample_weight=ONES), ["mean 'weights'?"]),
        (lambda: _Examples(X, Y, feature_names=("a", "b")), ["mean 'names'?"]),
        (lambda: _Examples(X, Y).replace(sample_weight=ONES), ["mean 'weights'?"]),
        (lambda: _Examples(X, targets=Y), ["mean 'y'?"]),
        (lambda: _Batch(X, Y, sample_weight=ONES), ["mean 'weights'?"]),
        (lambda: _Schema(names=("a",)), ["mean 'columns'?"]),
        (lambda: _Schema(class_names=("a", "b")), ["mean 'classes'?"]),
        (lambda: MODEL.predict(X, batch_size=10), ["no argument 'batch_size'", "in blocks by itself"]),
        (lambda: MODEL.predict(X, verbose=0), ["Nothing is printed unless"]),
        (lambda: MODEL.predict(X, Y), ["Model.predict(x, mask=…)"]),
        (lambda: MODEL.classify(X, threshold=0.4), ["model.threshold is it"]),
        (lambda: MODEL.predictor(batch_size=10), ["Model.predictor has no argument 'batch_size'", "rows=1"]),
        (lambda: MODEL.initialize(input_dim=4), ["mean 'input_shape'?"]),
        (lambda: MODEL.initialize(2, random_state=4), ["mean 'seed'?"]),
        (lambda: MODEL.copy(deep=True), ["Layer.copy has no argument 'deep'", "takes no arguments"]),
        (lambda: MODEL.summary(line_length=80), ["takes no arguments"]),
        (lambda: _save(MODEL), ["needs the argument 'path'. save takes model, path"]),
        (lambda: _save(MODEL, filepath="a"), ["mean 'path'?"]),
        (lambda: layerkit.load("a", custom_objects={}), ["registered names"]),  # type: ignore[call-arg]
        (lambda: _save_checkpoint(TRAINER), ["needs the argument 'path'"]),
        (lambda: _resume("checkpoint.safetensors"), ["needs the argument 'path'", "takes trainer, path"]),
        (lambda: _Digits().load(), ["Digits.load needs the argument 'split', such as 'train'"]),
        (lambda: _Digits().load(train=True), ["mean 'split'?"]),
        (lambda: TRAINER.fit((X, Y), epochs=1, validation_split=0.2), ["train, test = split((x, y))"]),
        (lambda: TRAINER.fit((X, Y), epochs=1, validation_data=(X, Y)), ["mean 'validation'?"]),
        (lambda: TRAINER.fit((X, Y), epochs=1, class_weight={0: 1.0}), ["mean 'class_weights'?"]),
        (lambda: TRAINER.fit((X, Y), epochs=1, verbose=0), ["Nothing is printed unless"]),
        (lambda: TRAINER.fit((X, Y), epochs=1, initial_epoch=3), ["goes on where the last one ended"]),
        (lambda: TRAINER.evaluate((X, Y), batch_size=10), ["in blocks by itself"]),
        (TRAINER.restore, ["needs the argument 'state'"]),
        (lambda: _Adam(MODEL.parameters, lr=0.1), ["no argument 'lr'", "mean 'learning_rate'?"]),
        (lambda: _Adam(amsgrad=True), ["AMSGrad, Nadam and AdamW are optimizers of their own"]),
        (lambda: _Adam(momentum=0.9), ["GradientDescent(rate, momentum=…"]),
        (lambda: _Adam(weight_decay=0.1), ["transforms=[WeightDecay(rate)]"]),
        (lambda: Dense(3, input_dim=4), ["it is known once the model is built"]),  # type: ignore[call-arg]
        (lambda: Dense(3, kernel_regularizer=None), ["transforms="]),  # type: ignore[call-arg]
        (lambda: CrossEntropy(from_logits=True), ["Costs take logits"]),  # type: ignore[call-arg]
        (lambda: CrossEntropy(weight=[1.0, 2.0]), ["class_weights", "Trainer.fit"]),  # type: ignore[call-arg]
        (lambda: EarlyStopping(min_delta=0.1), ["mean 'minimum_change'?"]),  # type: ignore[call-arg]
        (lambda: Trainer(MODEL, loss=CrossEntropy()), ["mean 'cost'?"]),  # type: ignore[call-arg]
        (lambda: Trainer(MODEL, epochs=3), ["arguments of Trainer.fit"]),  # type: ignore[call-arg]
    ],
)  # fmt: skip
def test_a_call_of_another_framework_is_answered_with_one_of_this(call: Callable[[], Any], words: list[str]) -> None:
    with pytest.raises(CallError) as caught:
        call()
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize("given", [{EarlyStopping("cost")}, {"stop": EarlyStopping("cost")}, frozenset()])
def test_what_has_no_order_is_no_list_of_callbacks(given: Any) -> None:
    with pytest.raises(ArgumentError, match=r"Trainer.fit: callbacks must be a list .* write callbacks=\[…\]"):
        TRAINER.fit((X, Y), epochs=1, callbacks=given)


def test_metrics_in_a_set_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"metrics must be a list .* has no order"):
        Trainer(MODEL, cost=CrossEntropy(), optimizer=Adam(), metrics=cast("Any", {Accuracy()}))


MADE_BY_LAYERKIT = {
    *("Context", "FitView", "History", "RandomAccess", "Run", "Scratch", "Stream", "UpdateContext", "elapsed"),
    *("ABSENT", "Difference", "Script"),
}
"""What authors name, derive from or call in a component, and what is handed out: nobody else calls these."""


def _callables() -> dict[str, Callable[..., Any]]:
    """Everything public that people call, by the name that its error begins with."""
    found: dict[str, Callable[..., Any]] = {}
    own = {name: getattr(layerkit, name) for name in EXPORTED if name not in MADE_BY_LAYERKIT}
    for module in (experiments, config):
        own |= {
            name: getattr(module, name) for name in module.__all__ if name not in {"ABSENT", "Difference", "Script"}
        }
    for name, value in {**own, "inspect": inspect_file, "NeuralNetwork": NeuralNetwork}.items():
        if not inspect.isabstract(value):
            found[name] = value
    instances: list[Any] = [MODEL, TRAINER, MODEL.predictor(), Examples(X, Y), Digits()]
    methods = {
        "Trainer": ("fit", "evaluate", "adapt", "tune_threshold", "state", "restore"),
        "Sequential": (
            *("initialize", "predict", "classify", "predictor", "read", "astype", "summary"),
            *("copy", "freeze", "unfreeze"),
        ),
        "Examples": ("take",),
        "Digits": ("load",),
        "Predictor": ("predict",),
    }
    for instance in instances:
        for method in methods[type(instance).__name__]:
            bound = getattr(instance, method)
            found[bound.__qualname__] = bound
    return found


CALLABLES = _callables()
FOREIGN = sorted({name.replace("-", "_") for names in (*SYNONYMS.values(), *INSTEAD.values()) for name in names})


def wrong_calls(function: Callable[..., Any]) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """With every foreign name; with one value too many, or too few."""
    parameters = inspect.signature(function).parameters
    needed = {each.name: None for each in parameters.values() if each.default is each.empty}
    for name in FOREIGN:
        if name not in parameters:
            yield [], {**needed, name: 1}
    yield [None] * (len(parameters) + 1), {}
    for name in needed:
        yield [], {other: None for other in needed if other != name}


# all of them are 27,000 calls, which take more than a minute; here every 41st
@pytest.mark.parametrize("name", CALLABLES)
def test_everything_public_explains_what_is_written_elsewhere(name: str) -> None:
    called = CALLABLES[name]
    start = list(CALLABLES).index(name) % 41
    calls = list(wrong_calls(called))
    for positional, named in itertools.chain(itertools.islice(calls, start, None, 41), calls[-2:]):
        with pytest.raises(LayerkitError) as caught:
            called(*positional, **named)
        message = str(caught.value)
        assert isinstance(caught.value, CallError), (positional, named, message)
        assert message.startswith(name), message
        assert f"{name} takes " in message


def test_nothing_public_is_left_out() -> None:
    abstract = {name for name in EXPORTED if inspect.isabstract(getattr(layerkit, name))}
    assert set(EXPORTED) <= {*CALLABLES, *MADE_BY_LAYERKIT, *abstract}


def test_methods_that_people_call_stay_what_they_were() -> None:
    assert list(inspect.signature(Digits.load).parameters) == ["self", "split"]
    assert list(inspect.signature(Layer.copy).parameters) == ["self"]
    assert not inspect.isabstract(Digits)
    with pytest.raises(TypeError, match="abstract"):
        type("Half", (Dataset,), {"load": Dataset.load})()
