"""Data from anywhere: arrays, memory maps, sources of one's own, streams and generators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import (
    Adam,
    Batch,
    Callback,
    Context,
    CrossEntropy,
    Dataset,
    Dense,
    Digits,
    Examples,
    Flatten,
    Layer,
    Quadratic,
    RandomAccess,
    Rescale,
    Sequential,
    StepDecay,
    Stream,
    Trainer,
)
from layerkit.errors import ArgumentError, DataError, NotBuiltError, ShapeError
from layerkit.interfaces.callback import FitView
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array, Shape
from tests.models.custom import Lookup, WeightedSum

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(22, 3)), RNG.normal(size=(22, 2))
WEIGHTS = RNG.random(22)


def fit(data: Any, *, epochs: int = 2, shuffle: bool = False, **given: Any) -> Trainer:
    model = Sequential([Dense(4), Dense(2)]).initialize(3, seed=1)
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.05), seed=0)
    trainer.fit(data, epochs=epochs, batch_size=5, shuffle=shuffle, **given)
    return trainer


def batches(*, weighted: bool = False) -> Iterator[Any]:
    for start in range(0, 22, 5):
        rows = slice(start, start + 5)
        yield (X[rows], Y[rows], WEIGHTS[rows]) if weighted else (X[rows], Y[rows])


class Reopened(Stream):
    """A stream that notes where it was opened."""

    def __init__(self) -> None:
        self.opened: list[tuple[int, int]] = []

    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        self.opened.append((epoch, position))
        for x, y in list(batches())[position:]:
            yield Batch(x, y)


class Rows(RandomAccess):
    """Examples in float64 that are made when they are asked for."""

    def __len__(self) -> int:
        return 22

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        return Batch(X[rows], Y[rows], WEIGHTS[rows])


class Named(Dataset):
    """A dataset of two splits."""

    def load(self, split: str) -> Examples:
        return {"train": Examples(X, Y), "test": Examples(X[:4], Y[:4])}[split]


def test_every_form_of_the_same_data_gives_the_same_training(tmp_path: Path) -> None:
    for name, array in {"x": X, "y": Y}.items():
        np.save(tmp_path / f"{name}.npy", array)
    mapped = tuple(np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in "xy")
    expected = fit((X, Y))
    forms: dict[str, Any] = {
        "float32 arrays": (X.astype(np.float32), Y.astype(np.float32)),
        "lists": (X.tolist(), Y.tolist()),
        "Fortran order": (np.asfortranarray(X), np.asfortranarray(Y)),
        "strided": (np.repeat(X, 2, axis=1)[:, ::2], np.repeat(Y, 2, axis=0)[::2]),
        "memory maps": mapped,
        "Examples": Examples(X, Y),
        "Dataset": Named(),
        "function": batches,
        "list of batches": list(batches()),
        "Stream": Reopened(),
    }
    for name, data in forms.items():
        found = fit(data)
        np.testing.assert_allclose(
            found.model.structure.parameters, expected.model.structure.parameters, rtol=1e-6, atol=1e-7, err_msg=name
        )
        np.testing.assert_allclose(found.history["cost"], expected.history["cost"], rtol=1e-6, err_msg=name)


def test_weights_from_every_form() -> None:
    expected = fit((X, Y), weights=WEIGHTS).model.structure.parameters
    for data in ((X, Y, WEIGHTS), Examples(X, Y, weights=WEIGHTS), Rows(), lambda: batches(weighted=True)):
        np.testing.assert_allclose(fit(data).model.structure.parameters, expected, rtol=1e-6, atol=1e-7)


def test_shuffling_a_memory_map_is_shuffling_an_array(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    one, other = fit((mapped, Y), shuffle=True), fit((X, Y), shuffle=True)
    np.testing.assert_allclose(one.model.structure.parameters, other.model.structure.parameters, rtol=1e-6, atol=1e-7)


def test_memory_mapped_bytes_and_labels(tmp_path: Path) -> None:
    images, labels = RNG.integers(0, 256, (30, 4, 4), dtype=np.uint8), RNG.integers(0, 3, 30)
    np.save(tmp_path / "x.npy", images)
    np.save(tmp_path / "y.npy", labels)
    mapped = tuple(np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in "xy")
    found = []
    for data in ((images, labels), mapped):
        model = Sequential([Rescale(), Flatten(), Dense(3)])
        trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(), seed=0)
        trainer.fit(data, epochs=2, batch_size=7)
        found.append(model.structure.parameters)
    np.testing.assert_array_equal(found[0], found[1])


def test_a_stream_is_opened_at_each_epoch() -> None:
    stream = Reopened()
    fit(stream, epochs=3)
    assert stream.opened == [(0, 0), (1, 0), (2, 0)]


def test_a_bare_generator_serves_one_epoch() -> None:
    assert len(fit(batches(), epochs=1).history) == 1
    with pytest.raises(DataError, match=r"used up after one epoch.*function"):
        fit(batches(), epochs=2)


def test_a_stream_cannot_tell_the_shape_beforehand() -> None:
    model = Sequential([Dense(2)])
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(), seed=0)
    with pytest.raises(NotBuiltError, match=r"stream.*model\.initialize\(input_shape\)"):
        trainer.fit(batches, epochs=1)
    model.initialize(3, seed=0)
    trainer.fit(batches, epochs=1)


@pytest.mark.parametrize(
    ("batch", "kind", "words"),
    [
        ((np.zeros((5, 4)), np.zeros((5, 2))), ShapeError, ["layer 0 (Dense)", "(batch, 3)", "(5, 4)"]),
        ((np.zeros((5, 3)), np.zeros((5, 3))), ShapeError, ["(batch, 2)", "(5, 3)"]),
        ((np.zeros((5, 3)), np.zeros((4, 2))), DataError, ["5 rows", "y", "(4, 2)"]),
        ((np.zeros((5, 3)), np.zeros((5, 2)), -np.ones(5)), DataError, ["weights", "at least 0"]),
        ((np.zeros((5, 3)), np.full((5, 2), np.nan)), DataError, ["targets", "finite"]),
        (Batch(np.zeros((5, 3))), DataError, ["targets"]),
        (np.zeros((5, 3)), DataError, ["Batch", "(x, y)", "ndarray"]),
    ],
)
def test_a_streams_batches_are_checked_as_they_come(batch: Any, kind: type[Exception], words: list[str]) -> None:
    with pytest.raises(kind) as caught:
        fit([next(batches()), batch], epochs=1)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_an_empty_stream() -> None:
    with pytest.raises(DataError, match="not one batch"):
        fit([])


def test_batches_of_many_sizes() -> None:
    sizes = [1, 5, 2, 9, 3, 2]
    cuts = np.cumsum([0, *sizes])
    stream = [(X[a:b], Y[a:b]) for a, b in pairwise(cuts)]
    counter = StepCount()
    trainer = fit(stream, callbacks=[counter])
    assert trainer.history["cost"][1] < trainer.history["cost"][0]
    assert counter.steps == [6, 12]


def test_tuples_of_inputs_of_several_kinds() -> None:
    class Pair(Layer):
        """The first input scaled by a number looked up by the second."""

        integer_input = "accept"

        def __init__(self) -> None:
            self.lookup = Lookup(4, 3)

        def build(self, input_shape: Shape) -> Shape:
            self.part("table", self.lookup, input_shape[1])
            return input_shape[0]

        def forward(self, x: Any, ctx: Context) -> Array:
            ctx.saved.x = x[0]
            ctx.saved.factor = ctx.part("table").forward(x[1])
            product: Array = x[0] * ctx.saved.factor
            return product

        def backward(self, grad: Array, ctx: Context) -> Any:
            ctx.part("table").backward(grad * ctx.saved.x)
            return grad * ctx.saved.factor, None

    numbers = RNG.integers(0, 4, 22)
    model = Sequential([Pair(), Dense(2)]).initialize(((3,), ()), seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.05), seed=0)
    history = trainer.fit(((X, numbers), Y), epochs=20, batch_size=5, validation=((X, numbers), Y))
    assert history["validation_cost"][-1] < history["validation_cost"][0]
    assert model.predict((X, numbers)).shape == (22, 2)


def test_a_pair_of_floating_inputs_gets_its_shapes_from_the_data() -> None:
    model = Sequential([WeightedSum(), Dense(2)])
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.05), seed=0)
    trainer.fit(((X, 2 * X), Y), epochs=1)
    assert model.input_shape == ((3,), (3,))
    with pytest.raises(DataError, match=r"x\[1\] has 21"):
        trainer.fit(((X, X[:21]), Y), epochs=1)


class Masked(Layer):
    """Sets to 0 what the mask leaves out."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        assert ctx.mask is not None
        SEEN.append(ctx.mask.copy())
        product: Array = x * ctx.mask[..., None]
        return product

    def backward(self, grad: Array, ctx: Context) -> Array:
        assert ctx.mask is not None
        product: Array = grad * ctx.mask[..., None]
        return product


SEEN: list[Array] = []


def test_masks_reach_layers_costs_and_predictions() -> None:
    x, y = RNG.normal(size=(6, 4, 3)), RNG.normal(size=(6, 4, 2))
    mask = np.arange(4) < np.array([4, 3, 2, 1, 0, 4])[:, None]
    y[~mask] = 1e6  # what does not count may be anything

    def trained(**given: Any) -> Trainer:
        model = Sequential([Masked(), Dense(2)]).initialize((None, 3), seed=0)
        # the layer notes each pass, and looking before the first step is one
        trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.05), silence=("all",), seed=0)
        trainer.fit(given.pop("data", (x, y)), epochs=2, batch_size=4, shuffle=False, **given)
        return trainer

    SEEN.clear()
    trainer = trained(mask=mask)
    # a layer of one's own is tried on two examples first
    np.testing.assert_array_equal(np.concatenate(SEEN[1:3]), mask)
    assert trainer.history["cost"][0] < 100
    assert trainer.evaluate((x, y), mask=mask)["cost"] < 100
    np.testing.assert_array_equal(
        trainer.model.predict(x, mask=mask)[4], np.tile(trainer.model.parameters["1.bias"], (4, 1))
    )
    for data in (Examples(x, y, mask=mask), [Batch(x[:4], y[:4], None, mask[:4]), Batch(x[4:], y[4:], None, mask[4:])]):
        other = trained(data=data)
        np.testing.assert_array_equal(other.model.structure.parameters, trainer.model.structure.parameters)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (X, ["(x, y)", "ndarray"]),
        ([X, Y], ["(x, y)", "list"]),
        (None, ["(x, y)", "NoneType"]),
        (7, ["(x, y)", "int"]),
        ((X, Y[:20]), ["aligned", "x has 22", "y has 20"]),
        ((X, Y, WEIGHTS[:3]), ["weights has 3"]),
        ((X[:0], Y[:0]), ["empty"]),
        ((1.0, 2.0), ["x is a single number"]),
        (Examples(X), ["targets"]),
    ],
)
def test_what_is_no_data(data: Any, words: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        fit(data)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_weights_go_with_arrays() -> None:
    with pytest.raises(DataError, match="weights and mask go with arrays"):
        fit(Rows(), weights=WEIGHTS)


def test_a_dataset_gives_train_to_fit_and_test_to_evaluate() -> None:
    trainer = fit(Named(), validation=Named())
    assert trainer.history["validation_cost"][-1] == trainer.evaluate((X[:4], Y[:4]))["cost"]
    assert trainer.evaluate(Named()) == trainer.evaluate((X[:4], Y[:4]))


def test_evaluation_of_every_form() -> None:
    trainer = fit((X, Y))
    expected = trainer.evaluate((X, Y))["cost"]
    for data in (Examples(X, Y), batches, list(batches()), Reopened()):
        assert trainer.evaluate(data)["cost"] == pytest.approx(expected, rel=1e-6)
    assert trainer.evaluate(Rows())["cost"] == pytest.approx(trainer.evaluate((X, Y, WEIGHTS))["cost"], rel=1e-6)
    with pytest.raises(DataError, match="empty"):
        trainer.evaluate([])
    with pytest.raises(DataError, match="empty"):
        trainer.evaluate((X[:0], Y[:0]))


def test_schedules_in_epochs_need_data_of_known_length() -> None:
    model = Sequential([Dense(2)]).initialize(3, seed=0)
    trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(StepDecay(0.1, every=1)), seed=0)
    with pytest.raises(ArgumentError, match="unit='step'"):
        trainer.fit(batches, epochs=1)
    Trainer(model, cost=Quadratic(), optimizer=Adam(StepDecay(0.1, every=1, unit="step")), seed=0).fit(
        batches, epochs=1
    )


class StepCount(Callback):
    """Counts the steps of each epoch."""

    def __init__(self) -> None:
        self.steps: list[int] = []

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        self.steps.append(fit.step)


@pytest.mark.parametrize(
    ("given", "steps"),
    [({}, 5), ({"drop_last": True}, 4), ({"accumulate": 2}, 3), ({"accumulate": 2, "drop_last": True}, 2)],
)
def test_how_many_steps_an_epoch_has(given: Any, steps: int) -> None:
    counter = StepCount()
    fit((X, Y), callbacks=[counter], **given)
    assert counter.steps == [steps, 2 * steps]


@pytest.mark.parametrize("built", [True, False])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("digits", "'digits' is a name, and no data: give a data set as an object, such as Digits()"),
        ("data.csv", "CsvFile('data.csv')"),
        (Path("rows.csv.gz"), "CsvFile('rows.csv.gz')"),
        (("data.npz", "y"), "NpzFile('data.npz')"),
        (b"digits", "is a name, and no data"),
        (Digits, "Digits is a class, and no data: give one of its objects, Digits(…)"),
        (Reopened, "Reopened(…)"),
        (int, "int is a class"),
        ((X,), "got a tuple of 1: the targets y are missing"),
        ((), "got a tuple of 0"),
        ((X, Y, WEIGHTS, WEIGHTS), "got a tuple of 4"),
        (((X, Y),), "got a tuple of 1; batches are given as a list"),
        (((X, Y), (X, Y)), "y is a tuple, where targets are one array: batches are given as a list"),
        (((X, Y), (X, Y), (X, Y)), "y is a tuple"),
        ((X, {"y": Y}), "y is a dict"),
        ((Batch(X, Y), Batch(X, Y)), "y is a Batch"),
        ((Batch(X, Y),) * 4, "got a tuple of 4; batches are given as a list"),
    ],
)
def test_what_is_no_data_is_told_by_how_it_is_written(data: Any, message: str, built: bool) -> None:
    model = Sequential([Dense(2)])
    trainer = Trainer(model.initialize(3, seed=0) if built else model, cost=Quadratic(), optimizer=Adam(), seed=0)
    with pytest.raises(DataError, match=re.escape(message)):
        trainer.fit(data, epochs=1)


@pytest.mark.parametrize(
    "data",
    [
        (X, tuple(map(tuple, Y.tolist()))),
        [(X, Y), (X, Y)],
        type("Batches", (), {"__iter__": lambda self: iter([(X, Y)])}),
    ],
)
def test_what_only_looks_unusual_is_data(data: Any) -> None:
    assert len(fit(data).history) == 2
