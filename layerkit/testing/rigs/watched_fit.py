"""A small fit with a callback under test, and what a callback's state is as plain values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, final

import numpy as np

from layerkit.activations.tanh import Tanh
from layerkit.costs.quadratic import Quadratic
from layerkit.engines.numpy_engine import NumpyEngine
from layerkit.errors import LayerkitError
from layerkit.interfaces.callback import Callback
from layerkit.interfaces.engine import Engine, Run
from layerkit.interfaces.job import Job
from layerkit.layers.dense import Dense
from layerkit.metrics.mean_squared_error import MeanSquaredError
from layerkit.models.sequential import Sequential
from layerkit.optimizers.gradient_descent import GradientDescent
from layerkit.testing.subject import generator
from layerkit.training.history import History
from layerkit.training.trainer import Trainer
from layerkit.types import Array

EPOCHS = 5
STEPS_PER_EPOCH = 4
_ROWS = 4


@final
class CutError(LayerkitError):
    """What ends a fit from outside, as a power failure would."""


@final
class _CutEngine(Engine):
    """The ``numpy`` engine up to a step, before which the trainer's state is taken and ``CutError`` raised."""

    trainer: Trainer

    def __init__(self, step: int) -> None:
        self.step = step
        self.state: dict[str, Any] | None = None

    def start(self, job: Job) -> Run:
        return _CutRun(self, job)


@final
class _CutRun(Run):
    def __init__(self, engine: _CutEngine, job: Job) -> None:
        self._engine = engine
        self._job = job
        self._run = NumpyEngine().start(job)

    def run(self, steps: int) -> Array:
        if self._job.position.step >= self._engine.step:
            # nothing of the step is done yet, so what a trainer refuses to give inside of one is sound
            self._engine.state = plain(self._engine.trainer._state())
            raise CutError(f"cut before step {self._engine.step}")
        return self._run.run(steps)


@final
class StepByStep(Callback):
    """Has the engine asked for one step at a time, keeps a copy of the parameters after each epoch, and all arguments
    of what trains that there were after a step."""

    every_steps = 1

    def __init__(self) -> None:
        self.parameters: list[Array] = []
        self.settings: set[str] = set()

    def steps_ended(self, fit: Any) -> None:
        self.settings.add(settings_of(fit.trainer))

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        self.parameters.append(fit.model.structure.parameters.copy())


@final
class Asking(Callback):
    """Asks another callback for its state after each epoch, as a checkpoint does, and keeps it with what it says."""

    def __init__(self, watched: Callback, text_of: Callable[[dict[str, Any]], str]) -> None:
        self.watched = watched
        self.text_of = text_of
        self.given: list[tuple[dict[str, Any], str]] = []

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        state = self.watched.state()
        self.given.append((state, self.text_of(state)))


@contextmanager
def own_folder() -> Iterator[None]:
    """An empty working directory, for the paths of callbacks that write; what they print is kept from the screen."""
    with TemporaryDirectory() as folder, chdir(folder), redirect_stdout(StringIO()):
        yield


def lines_here() -> int:
    """How many lines all files of text in the working directory hold together."""
    total = 0
    for file in Path().rglob("*"):
        try:
            total += len(file.read_text(encoding="utf-8").splitlines()) if file.is_file() else 0
        except UnicodeDecodeError:
            continue
    return total


def new_trainer(*, dtype: Any = np.float64, engine: Engine | None = None) -> Trainer:
    """A small network and what it is trained with: the same in every run."""
    model = Sequential([Dense(4, activation=Tanh()), Dense(2)]).initialize(3, seed=1, dtype=np.dtype(dtype).name)
    return Trainer(
        model,
        cost=Quadratic(),
        optimizer=GradientDescent(0.1, momentum=0.9),
        metrics=[MeanSquaredError()],
        engine=engine,
        silence=("all",),
        seed=2,
    )


def fit(trainer: Trainer, callbacks: Sequence[Callback], *, validated: bool = True) -> History:
    """Train with callbacks, on data that is always the same."""
    data, validation = _data()
    return trainer.fit(
        data, validation=validation if validated else None, epochs=EPOCHS, batch_size=_ROWS, callbacks=callbacks
    )


def fit_weightless(trainer: Trainer, callbacks: Sequence[Callback]) -> History:
    """The same, with examples of which one alone weighs something: most batches cost nothing, and have no mean."""
    data, validation = _data()
    weights = np.zeros(len(data[0]))
    weights[0] = 1.0
    return trainer.fit(
        (*data, weights), validation=validation, epochs=EPOCHS, batch_size=_ROWS, callbacks=[StepByStep(), *callbacks]
    )


def fit_stream(trainer: Trainer, callbacks: Sequence[Callback]) -> History:
    """The same for two epochs, from a stream that does not say how long it is."""
    (x, y), validation = _data()

    def batches() -> Iterator[tuple[Array, Array]]:
        for start in range(0, len(x), _ROWS):
            yield x[start : start + _ROWS], y[start : start + _ROWS]

    return trainer.fit(batches, validation=validation, epochs=2, callbacks=callbacks)


def _data() -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    rng = generator(13)
    x, y = rng.normal(size=(STEPS_PER_EPOCH * _ROWS + 8, 3)), rng.random((STEPS_PER_EPOCH * _ROWS + 8, 2))
    return (x[8:], y[8:]), (x[:8], y[:8])


def settings_of(trainer: Trainer) -> str:
    """The arguments of what trains, which a callback may change: those of the optimizer, the layers and the rest."""
    layers = [(node.layer, node.layer.frozen) for node in trainer.model.structure.node.walk()]
    return repr((trainer.optimizer, trainer.transforms, trainer.cost, layers))


def cut_at(step: int, callback: Callback) -> dict[str, Any] | None:
    """All of the trainer's state when a fit is cut before ``step``; None if it ended before."""
    engine = _CutEngine(step)
    engine.trainer = new_trainer(engine=engine)
    try:
        fit(engine.trainer, [StepByStep(), callback])
    except CutError:
        return engine.state
    return None


def records_of(trainer: Trainer) -> list[dict[str, Any]]:
    """The history without what the clock measured."""
    return [{name: value for name, value in record.items() if name != "seconds"} for record in trainer.history.records]


def plain(state: Any) -> Any:
    """A state as files keep it: copies of its arrays, and the rest through JSON.

    Raises:
        TypeError: something in it is neither.
    """
    if isinstance(state, np.ndarray):
        return state.copy()
    if isinstance(state, dict) and all(isinstance(name, str) for name in state):
        return {name: plain(value) for name, value in state.items()}
    if isinstance(state, list):
        return [plain(value) for value in state]
    if state is None or isinstance(state, (bool, int, float, str)):
        return json.loads(json.dumps(state))
    raise TypeError(f"{state!r} of type {type(state).__name__}")


def written(state: Any) -> str:
    """A state as text, so that two can be compared to the bit."""
    return json.dumps(state, sort_keys=True, default=lambda array: [array.dtype.str, array.tolist()])
