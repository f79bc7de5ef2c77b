"""Small trainings whose parts fail when they are told to: for interruptions that a fit must survive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np

from layerkit import (
    Adam,
    Batch,
    BatchNormalization,
    Callback,
    ClipNorm,
    Context,
    Dense,
    Dropout,
    Engine,
    ExponentialAverage,
    GradientDescent,
    Layer,
    NumpyEngine,
    Optimizer,
    Quadratic,
    RandomAccess,
    Sequential,
    Sigmoid,
    Stream,
    Trainer,
)
from layerkit.engines import Automatic
from layerkit.interfaces.callback import FitView
from layerkit.interfaces.scratch import Scratch
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array, Shape

EPOCHS = 4
_ROWS, _BATCH = 60, 7

Given = tuple[Trainer, dict[str, Any], Callable[[], list[Callback]]]


class FaultError(RuntimeError):
    """What a part raises when it is told to."""


class _Fault:
    """Raises at the n-th time that a place is passed; counts how often each is."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._armed: tuple[str, int, type[BaseException]] | None = None

    def arm(self, place: str, at: int, error: type[BaseException]) -> None:
        """Let the place fail once."""
        self.disarm()
        self._armed = place, at, error

    def disarm(self) -> None:
        """Count anew, and let nothing fail."""
        self._armed = None
        self.counts.clear()

    def tick(self, place: str) -> None:
        """A place is passed."""
        armed, self.counts[place] = self._armed, self.counts[place] + 1
        if armed is not None and armed[0] == place and self.counts[place] > armed[1]:
            self._armed = None
            raise armed[2]


FAULT = _Fault()


class FragileLayer(Layer):
    """y = x."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        FAULT.tick("forward")
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        FAULT.tick("backward")
        return grad


class FragileMomentum(Optimizer):
    """Gradient descent with momentum, that may fail half-way."""

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate

    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        velocity, count = ctx.state("velocity"), ctx.numbers("count", 1)
        count += 1
        velocity *= 0.9
        velocity += gradient
        FAULT.tick("update")
        parameters -= ctx.learning_rate / count[0] ** 0.1 * velocity


class FragileCallback(Callback):
    """Fails in every event, and freezes a layer in every second epoch, another in every third."""

    every_steps = 5

    def __init__(self, *, freezes: bool) -> None:
        self.freezes = freezes

    def fit_started(self, fit: FitView) -> None:
        FAULT.tick("fit_started")
        self._set(fit)

    def progress(self, fit: FitView) -> None:
        FAULT.tick("progress")

    def steps_ended(self, fit: FitView) -> None:
        FAULT.tick("steps_ended")

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        FAULT.tick("epoch_ended")
        self._set(fit)
        FAULT.tick("epoch_ended")

    def fit_ended(self, fit: FitView) -> None:
        FAULT.tick("fit_ended")

    def _set(self, fit: FitView) -> None:
        if self.freezes:
            for place, period in ((0, 2), (1, 3)):
                layer = fit.model[place]
                wanted = fit.epoch % period == 1
                if layer.frozen != wanted:
                    layer.freeze() if wanted else layer.unfreeze()


class FragileRows(RandomAccess):
    """Rows that may not come."""

    def __len__(self) -> int:
        return _ROWS

    def batch(self, rows: Array, scratch: Scratch) -> Batch:
        FAULT.tick("source")
        x, y = _examples()
        return Batch(x[rows], y[rows])


class FragileStream(Stream):
    """Batches that may not come, in a stream that is opened anew."""

    def open(self, epoch: int, position: int) -> Iterator[Batch]:
        for place in range(position, 9):
            FAULT.tick("source")
            yield _batch(epoch, place)


class FragileIterator:
    """Endless batches, each of which comes once, in arrays that are written over."""

    def __init__(self) -> None:
        self._number = 0
        self._x, self._y = np.empty((8, 5), np.float32), np.empty((8, 3), np.float32)

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        return self

    def __next__(self) -> tuple[Array, Array]:
        FAULT.tick("source")
        batch = _batch(0, self._number)
        self._x[...], self._y[...] = batch.x, batch.y
        # the last thing: what fails before has not drawn
        self._number += 1
        return self._x, self._y


def recorded() -> Given:
    """Passes that are recorded, momentum, validation."""
    model = Sequential([Dense(8, activation=Sigmoid()), Dense(3, activation=Sigmoid())])
    return _given(model, GradientDescent(1.0, momentum=0.9), {"data": _examples(), "validation": _examples()})


def drawn() -> Given:
    """Dropout, states, a layer and rows that fail, freezing."""
    model = Sequential([Dense(8), Dense(6), BatchNormalization(), FragileLayer(), Dropout(0.3), Dense(3)])
    return _given(model, Adam(0.01), {"data": FragileRows(), "validation": FragileRows()}, freezes=True)


def accumulated() -> Given:
    """Several batches a step, transforms, an optimizer that fails, freezing."""
    model = Sequential([Dense(8), Dense(6), BatchNormalization(), FragileLayer(), Dense(3)])
    settings = {"data": FragileRows(), "accumulate": 3}
    return _given(model, FragileMomentum(0.02), settings, freezes=True, transforms=[ClipNorm(1.0)])


def averaged() -> Given:
    """An average of the weights, which the model has between runs of steps, and freezing."""
    model = Sequential([Dense(8), Dense(6), BatchNormalization(), FragileLayer(), Dropout(0.3), Dense(3)])
    settings = {"data": FragileRows(), "validation": FragileRows()}
    return _given(model, FragileMomentum(0.02), settings, freezes=True, transforms=[ExponentialAverage(decay=0.9)])


def reopened() -> Given:
    """A stream."""
    model = Sequential([Dense(8), Dense(6), Dropout(0.3), FragileLayer(), Dense(3)])
    return _given(model, FragileMomentum(0.02), {"data": FragileStream()}, freezes=True)


def once() -> Given:
    """An iterator that has no end and gives each batch once."""
    model = Sequential([Dense(8), Dense(6), BatchNormalization(), Dense(3)])
    settings = {"data": FragileIterator(), "steps_per_epoch": 4, "accumulate": 2}
    return _given(model, Adam(0.01), settings, freezes=True)


def compiled() -> Given:
    """The compiled engine, with freezing."""
    from layerkit_numba import NumbaEngine

    model = Sequential([Dense(8, activation=Sigmoid()), Dense(6), BatchNormalization(), Dropout(0.3), Dense(3)])
    engine = Automatic([NumbaEngine(), NumpyEngine()])
    return _given(model, Adam(0.01), {"data": _examples()}, freezes=True, engine=engine)


_ALWAYS: tuple[Callable[[], Given], ...] = (recorded, drawn, accumulated, averaged, reopened, once)
_COMPILED = (compiled,) if find_spec("layerkit_numba") else ()
FRAGILE: dict[str, Callable[[], Given]] = {make.__name__: make for make in (*_ALWAYS, *_COMPILED)}


def fit(trainer: Trainer, settings: dict[str, Any], callbacks: list[Callback]) -> None:
    """Train to the end, from wherever the trainer stands."""
    trainer.fit(**settings, batch_size=_BATCH, epochs=EPOCHS - len(trainer.history), callbacks=callbacks)


def _given(
    model: Sequential,
    optimizer: Optimizer,
    settings: dict[str, Any],
    *,
    freezes: bool = False,
    transforms: Any = (),
    engine: Engine | None = None,
) -> Given:
    model.initialize(5, seed=1)
    trainer = Trainer(model, cost=Quadratic(), optimizer=optimizer, transforms=transforms, engine=engine, seed=2)
    return trainer, settings, lambda: [FragileCallback(freezes=freezes)]


def _batch(epoch: int, place: int) -> Batch:
    rng = np.random.default_rng([epoch, place])
    x = rng.normal(size=(8, 5)).astype(np.float32)
    return Batch(x, np.asarray(x[:, :3] > 0, np.float32))


def _examples() -> tuple[Array, Array]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(_ROWS, 5)).astype(np.float32)
    return x, np.asarray(x[:, :3] > 0, np.float32)
