"""An engine: the ``numpy`` engine's results, step by step, on a table of models."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.costs.absolute_error import AbsoluteError
from layerkit.engines.numpy_engine import NumpyEngine
from layerkit.errors import EngineError, NonFiniteError
from layerkit.interfaces.callback import Callback
from layerkit.interfaces.engine import Engine
from layerkit.layers.dense import Dense
from layerkit.models.sequential import Sequential
from layerkit.optimizers.gradient_descent import GradientDescent
from layerkit.testing.case import Case
from layerkit.testing.closeness import difference, identical
from layerkit.testing.rigs.model_cases import MODELS, ModelCase, data_of, train, train_simplest, trainer_of
from layerkit.testing.rigs.traced_engine import Trace
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.training.trainer import Trainer
from layerkit.types import Array, Value

_NEARLY_INFINITE, _SMALL = 3e38, 1e-3
"""Inputs of which five have a sum that float32 does not hold, and what weights and rates are made small by."""
_UNITS = 2.0**16
"""How many units in the last place two engines may drift apart in ten steps: each sums in an order of its own."""
_CHANGED = tuple(case for case in MODELS if case.name in ("momentum", "Nesterov momentum"))


def use(engine: Engine, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    return train_simplest(engine, dtype)


def equals_numpy(subject: Subject) -> None:
    """After every step, costs, parameters, states and the optimizer's memory are those of the numpy engine."""
    able = 0
    for case in MODELS:
        trace = _trained(subject, case)
        if trace is None:
            continue
        able += 1
        wanted = train(NumpyEngine(), case)
        if len(trace.results) != len(wanted.results) or trace.positions != wanted.positions:
            raise Unmet(
                f"{case.name}: positions {trace.positions[:12]}",
                expected=f"{wanted.positions[:12]}: (steps, batches of the epoch) after each step",
                cause="job.position is not moved, or the last, shorter batch is forgotten",
            )
        for step in range(len(wanted.results)):
            for what, found, right in (
                ("the sums of costs and weights are", trace.results[step], wanted.results[step]),
                ("a parameter is", trace.parameters[step], wanted.parameters[step]),
                ("a state is", trace.states[step], wanted.states[step]),
                ("the optimizer's memory is", tuple(trace.memory[step]), tuple(wanted.memory[step])),
            ):
                told = _drifted(found, right, case)
                if told is not None:
                    raise Unmet(
                        f"{case.name}: at step {step} {what} {told}",
                        expected="the numpy engine's, but for rounding",
                        cause="another order of rows, another scale of the gradient (its mean over the batch's "
                        "weights), a mask that is left out, another formula, or memory that is not written back",
                    )
    if not able:
        raise Unmet(
            f"the engine refuses all {len(MODELS)} models",
            expected="a dense network at least",
            cause="start refuses too much",
        )


def refusals_name_the_part(subject: Subject) -> None:
    """A model that the engine cannot run is refused with an EngineError that names what stands in the way."""
    refused = 0
    for case in MODELS:
        try:
            train(subject.make(), case, epochs=1)
        except EngineError as error:
            refused += 1
            trainer, _ = trainer_of(case, NumpyEngine())
            parts = [node.layer for node in trainer.model.structure.node.walk()]
            names = {type(part).__name__ for part in (*parts, trainer.cost, trainer.optimizer, *trainer.transforms)}
            names = names - {"Sequential"} | ({"mask"} if case.masked else set())
            if not any(name in str(error) for name in names):
                raise Unmet(
                    f"{case.name}: {error}",
                    expected=f"a message that names one of {', '.join(sorted(names))}",
                    cause="the message",
                ) from None
    if not refused:
        raise NotApplicable("the engine runs every model of the table")


@told_by("equals-numpy")
def steps_at_once(subject: Subject) -> None:
    """Asked for many steps at once, it gives what it gives step by step."""
    for case in MODELS:
        one_by_one = _trained(subject, case)
        if one_by_one is None:
            continue
        together = train(subject.make(), case, stride=None)
        told = _drifted(
            (np.concatenate(together.results), together.parameters[-1]),
            (np.concatenate(one_by_one.results), one_by_one.parameters[-1]),
            case,
        )
        if told is not None:
            raise Unmet(
                f"{case.name}: {told}, in two epochs",
                expected="the same as step by step",
                cause="something is updated once a call instead of once a step (the schedule, the count of "
                "steps, states)",
            )


@told_by("equals-numpy")
def resumed_from_arrays(subject: Subject) -> None:
    """Stopped inside an epoch and resumed by a fresh engine and trainer, it goes on to the same bits."""
    for case in MODELS:
        whole = _trained(subject, case)
        if whole is None:
            continue
        trainer, options = trainer_of(case, subject.make())
        stop = _StopAfter(3)
        trainer.fit(data_of(case), epochs=2, callbacks=[stop], **options)
        again, _ = trainer_of(case, subject.make())
        again.restore(stop.state_then)
        again.fit(data_of(case), epochs=2, **options)
        if not identical(again.model.structure.parameters, whole.parameters[-1]):
            told = difference(again.model.structure.parameters, whole.parameters[-1], units=0)
            raise Unmet(
                f"{case.name}: resumed after three steps, a parameter is {told}",
                expected="the same bits as without a stop",
                cause="something is kept in the engine between two calls of run instead of in the job's arrays",
            )


@told_by("equals-numpy")
def obeys_changes(subject: Subject) -> None:
    """What a callback changes of the optimizer between two steps is obeyed from the next step on, as by numpy's."""
    able = 0
    for case in _CHANGED:
        found, wanted = (_changed(engine, case) for engine in (subject.make(), NumpyEngine()))
        if found is None or wanted is None:
            continue
        able += 1
        told = _drifted(found, wanted, case)
        if told is not None:
            raise Unmet(
                f"{case.name}: after the learning rate and the momentum were changed in the middle of an epoch, a "
                f"parameter is {told}",
                expected="what the numpy engine gives",
                cause="the learning rate, or another argument, is read once when the run starts; ask job.learning_rate "
                "at each step, and expect to be started anew where other arguments change",
            )
    if not able:
        raise NotApplicable("the engine refuses the models that this is tried with")


def not_finite_is_an_error(subject: Subject) -> None:
    """A cost, or a gradient, that is not finite is a NonFiniteError, with parameters of before that step."""
    _require_finite_parameters(subject)
    case = MODELS[0]
    data = data_of(case)
    x, y = np.asarray(data.x), np.asarray(data.y)
    wild = x.copy()
    wild[-1] = np.inf
    trainer, options = trainer_of(case, subject.make())
    model = trainer.model
    # rows in order, so that the step that fails is the last of the epoch
    calm, calm_options = trainer_of(case, subject.make())
    calm.fit((x[:20], y[:20]), epochs=1, shuffle=False, **calm_options)
    try:
        trainer.fit(lambda: _batches(wild, y), epochs=1, **options)
    except NonFiniteError:
        told = difference(model.structure.parameters, calm.model.structure.parameters, units=_UNITS)
        if told is not None:
            raise Unmet(
                f"after the error a parameter is {told}",
                expected="the parameters of before the step that failed",
                cause="the update is made before the cost is looked at",
            ) from None
        return
    except EngineError:
        raise NotApplicable("the engine refuses streams") from None
    raise Unmet(
        "a batch with an infinite input is learned from",
        expected="NonFiniteError",
        cause="neither the cost nor the gradient is looked at; layerkit.engines.diagnose makes the error",
    )


def _require_finite_parameters(subject: Subject) -> None:
    """Where gradients overflow in float32 and costs do not, parameters are finite behind the error."""
    x, y = np.ones((20, 4), np.float32), np.zeros((20, 2), np.float32)
    x[15:] = _NEARLY_INFINITE
    model = Sequential([Dense(2)]).initialize(4, seed=3, dtype="float32")
    model.structure.parameters *= _SMALL
    trainer = Trainer(
        model,
        cost=AbsoluteError(),
        optimizer=GradientDescent(_SMALL**2),
        engine=subject.make(),
        silence=("all",),
        seed=4,
    )
    with np.errstate(all="ignore"):
        try:
            trainer.fit((x, y), epochs=2, batch_size=5, shuffle=False)
        except EngineError:
            return
        except NonFiniteError as error:
            if not np.isfinite(model.structure.parameters).all():
                raise Unmet(
                    f"where gradients overflow and costs do not, parameters are not finite after the error ({error})",
                    expected="the parameters of before the step that failed",
                    cause="an optimizer that keeps what is not finite is not looked after: run the steps by "
                    "layerkit.engines.Guard(job).run, which goes back, or look at each gradient",
                ) from None


def _trained(subject: Subject, case: ModelCase) -> Trace | None:
    """The trace, or None for a model that the engine refuses."""
    try:
        return train(_engine(subject), case)
    except EngineError:
        return None


def _engine(subject: Subject) -> Engine:
    engine: Engine = subject.make()
    return engine


def _drifted(found: Value, wanted: Value, case: ModelCase) -> str | None:
    # float64 results of a float32 run are as rough as float32
    coarse = np.finfo(np.dtype(case.dtype)).eps / np.finfo(np.float64).eps
    arrays = [array for value in (found, wanted) for array in (value if isinstance(value, tuple) else (value,))]
    wide = all(array.dtype == np.float64 for array in arrays)
    return difference(found, wanted, units=_UNITS * (coarse if wide else 1) / (64 if coarse > 1 else 1))


def _batches(x: np.ndarray, y: np.ndarray) -> list:  # type: ignore[type-arg]
    return [(x[start : start + 5], y[start : start + 5]) for start in range(0, len(x), 5)]


class _Changes(Callback):
    """Changes the optimizer's arguments after some steps."""

    every_steps = 3

    def steps_ended(self, fit) -> None:  # type: ignore[no-untyped-def]
        optimizer = fit.trainer.optimizer
        optimizer.learning_rate *= 0.5
        # the one is asked for at each step; the other has a fit start its engine anew
        if fit.step == 2 * self.every_steps:
            optimizer.momentum *= 0.9


def _changed(engine: Engine, case: ModelCase) -> Array | None:
    try:
        parameters: Array = train(engine, case, stride=None, callbacks=[_Changes()]).parameters[-1]
    except EngineError:
        return None
    return parameters


class _StopAfter(Callback):
    """Stops a fit after some steps, and keeps the trainer's state."""

    every_steps = 1

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self.state_then: dict = {}  # type: ignore[type-arg]

    def steps_ended(self, fit) -> None:  # type: ignore[no-untyped-def]
        if fit.step >= self._steps and not self.state_then:
            self.state_then = fit.trainer.state()
            fit.stop("checked", now=True)


CHECKS = suite(
    equals_numpy,
    refusals_name_the_part,
    steps_at_once,
    resumed_from_arrays,
    obeys_changes,
    not_finite_is_an_error,
)
