"""A callback: it watches a fit, disturbs nothing, and lets errors pass; what it remembers stands beside."""

from __future__ import annotations

import warnings
from io import IOBase
from pathlib import Path
from typing import Any

import numpy as np

from layerkit.interfaces.callback import Callback
from layerkit.testing.case import Case
from layerkit.testing.rigs.standing_clock import standing_clock
from layerkit.testing.rigs.watched_fit import (
    STEPS_PER_EPOCH,
    StepByStep,
    cut_at,
    fit,
    new_trainer,
    own_folder,
    plain,
    records_of,
    settings_of,
    written,
)
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite, told_by
from layerkit.testing.suites.callback_fits import fits_a_stream, fits_weights_of_zero, fits_without_validation
from layerkit.testing.suites.callback_runs import another_run_begins_anew, sets_declared
from layerkit.testing.suites.callback_state import resumed_to_the_same, state_is_plain, state_restored
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

MAY_KEEP = "a callback remembers what it has seen, and gives it by state()"
surroundings = own_folder
again = standing_clock


def use(callback: Callback, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: what a fit with it gave, and its state."""
    trainer = new_trainer(dtype=dtype)
    with own_folder():
        fit(trainer, [callback])
    costs = np.array([record["cost"] for record in trainer.history.records])
    try:
        text = written(plain(callback.state()))
    except (TypeError, ValueError):
        text = "no plain values, as another check tells"
    state = np.frombuffer(text.encode(), np.uint8)
    return costs, trainer.model.structure.parameters.copy(), state


def calls_survived(subject: Subject) -> None:
    """It lets itself be called by a fit, in the documented order, and by a second fit that goes on from the first."""
    callback, trainer = subject.make(), new_trainer()
    every: Any = callback.every_steps
    if every is not None and not (type(every) is int and every >= 1):
        raise Unmet(
            f"every_steps is {every!r}",
            expected="None, or a whole number of at least 1",
            cause="steps_ended is called whenever the count of steps is a multiple of it",
        )
    for which in ("first", "second"):
        try:
            fit(trainer, [callback])
        except Exception as error:
            raise Unmet(
                f"the {which} fit raised {type(error).__name__}: {error}",
                expected="fit_started, then progress and steps_ended between steps, epoch_ended, fit_ended, and the "
                "same again in a second fit",
                cause="a method needs what an earlier call has set and a later one has taken away; or the case gives "
                "arguments that do not fit a fit that measures cost, validation_cost and "
                "validation_mean_squared_error",
            ) from error


@told_by("calls-survived", "state-is-plain")
def errors_pass(subject: Subject) -> None:
    """When an error ends the fit, fit_ended is called, no file is left open, and the error comes out."""
    for step in (0, 1, STEPS_PER_EPOCH + 1):
        callback = subject.make()
        with warnings.catch_warnings(record=True) as dropped:
            # of a file that nobody has closed, and nobody has any more
            warnings.simplefilter("always", ResourceWarning)
            try:
                cut_at(step, callback)
            except Exception as error:
                raise Unmet(
                    f"{type(error).__name__}: {error}, in the place of the error that ended the fit before step {step}",
                    expected="the error that ended the fit",
                    cause="fit_ended relies on an epoch that there has not been, or raises on its own",
                ) from error
        open_files = [
            f"the file {name!r} is left open"
            for name, value in vars(callback).items()
            if isinstance(value, IOBase) and not value.closed
        ]
        open_files += [f"a file is let go of without close(): {each.message}" for each in dropped if _of_a_file(each)]
        if open_files:
            raise Unmet(
                f"when an error ended the fit before step {step}, {open_files[0]}",
                expected="files that are closed by fit_ended, which is called at every end",
                cause="the file is closed after the last epoch, which an error, EarlyStopping or Ctrl-C may never let "
                "come",
            )


def _of_a_file(warning: warnings.WarningMessage) -> bool:
    """Whether a warning is of a file here, and not of what someone else has let go of earlier."""
    name = getattr(warning.source, "name", None)
    return isinstance(name, str) and Path(name).resolve().is_relative_to(Path.cwd())


@told_by("calls-survived")
def disturbs_nothing(subject: Subject) -> None:
    """A fit has the same parameters and the same history with it as without it, to the bit, as long as it goes on."""
    (alone, history, given), (watched, seen, settings) = (_run(callbacks) for callbacks in ([], [subject.make()]))
    if settings != given:
        raise NotApplicable("it changes arguments of the optimizer or of a layer, which every engine obeys")
    for epoch, (without, found) in enumerate(zip(alone, watched, strict=False), start=1):
        if not np.array_equal(without, found):
            raise Unmet(
                f"after epoch {epoch} the parameters are others than without it",
                expected="the same bits: a callback watches, and may stop",
                cause="it writes into the model's arrays or the optimizer's memory, or draws from a generator that "
                "training uses",
            )
    if len(seen) != len(watched):
        raise Unmet(
            f"the history holds {len(seen)} epochs, and {len(watched)} were done",
            expected="a record for each epoch",
            cause="records are added to fit.trainer.history, or taken from it",
        )
    if written(history[: len(seen)]) != written(seen):
        place = next(
            place
            for place, pair in enumerate(zip(history, seen, strict=False))
            if written(pair[:1]) != written(pair[1:])
        )
        raise Unmet(
            f"the history holds {seen[place]!r}",
            expected=f"{history[place]!r}, as without it",
            cause="epoch_ended changes the record that it is given, or one of an earlier epoch; copy it first",
        )


def _run(callbacks: list[Callback]) -> tuple[list[Array], list[dict[str, Any]], set[str]]:
    """The parameters after each epoch, the history, and the arguments that there were after a step or at the end."""
    trainer, steps = new_trainer(), StepByStep()
    with own_folder():
        fit(trainer, [steps, *callbacks])
    return steps.parameters, records_of(trainer), {*steps.settings, settings_of(trainer)}


@told_by("calls-survived")
def changes_training_declared(subject: Subject) -> None:
    """What declares changes_training = False ends no fit, and changes no arguments."""
    callback = subject.make()
    if callback.changes_training:
        raise NotApplicable("the callback may change how a run ends")
    trainer, steps = new_trainer(), StepByStep()
    ended = fit(trainer, [steps, callback])
    if ended.stop_reason is not None or {*steps.settings, settings_of(trainer)} != {settings_of(new_trainer())}:
        told = (
            f"it ends the fit: {ended.stop_reason}"
            if ended.stop_reason
            else "it changes arguments of what trains (the learning rate, say), for a while or for good"
        )
        raise Unmet(
            told,
            expected="a run that ends as it would without it",
            cause="changes_training = False is declared, so a resumed run would not tell that the callback is missing",
        )


CHECKS = suite(
    calls_survived,
    state_is_plain,
    errors_pass,
    fits_a_stream,
    fits_without_validation,
    fits_weights_of_zero,
    disturbs_nothing,
    changes_training_declared,
    state_restored,
    resumed_to_the_same,
    sets_declared,
    another_run_begins_anew,
)
