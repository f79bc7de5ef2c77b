"""A callback: it watches a fit, disturbs nothing, and what it remembers can be saved and resumed."""

from __future__ import annotations

import warnings
from io import IOBase
from pathlib import Path
from typing import Any

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.interfaces.callback import Callback
from layerkit.testing.case import Case
from layerkit.testing.rigs.standing_clock import standing_clock
from layerkit.testing.rigs.watched_fit import (
    EPOCHS,
    STEPS_PER_EPOCH,
    Asking,
    StepByStep,
    cut_at,
    fit,
    lines_here,
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


@told_by("calls-survived")
def state_is_plain(subject: Subject) -> None:
    """state gives nested dictionaries and lists of JSON-safe values and arrays, and what was given stays as it was."""
    # a float32 model, as most are: its numbers are no JSON-safe ones
    callback, trainer = subject.make(), new_trainer(dtype=np.float32)
    given = []
    for _ in range(2):
        state = callback.state()
        given.append((state, _text_of(state)))
        # a checkpoint is written between two epochs; it may have to be the last of the callbacks
        asking = Asking(callback, _text_of)
        fit(trainer, [asking, callback])
        given += asking.given
    for state, then in given:
        if written(plain(state)) != then:
            raise Unmet(
                "a state that was given changes while training goes on",
                expected="the state of the moment in which it was asked for",
                cause="state() hands out the list, dictionary or array that the callback goes on writing to; give a "
                "copy",
            )


def _text_of(state: dict[str, Any]) -> str:
    """What a state holds, as text; what files could not hold is told."""
    try:
        return written(plain(state))
    except (TypeError, ValueError) as error:
        raise Unmet(
            f"state() holds {error}",
            expected="dictionaries with text for keys, lists, numbers, text, booleans, None and arrays",
            cause="an object, a set or a tuple, or a number of a float32 array (write float(…)): files cannot hold "
            "it, or give it back as something else",
        ) from error


@told_by("calls-survived", "state-is-plain")
def state_restored(subject: Subject) -> None:
    """A fresh callback that is given a state by restore gives the same state."""
    callback = subject.make()
    fit(new_trainer(), [callback])
    state = plain(callback.state())
    with own_folder():
        fresh, given = subject.make(), plain(state)
        fresh.restore(given)
        found = plain(fresh.state())
    if written(found) != written(state):
        raise Unmet(
            f"after restore, state() gives {_short(found)}",
            expected=_short(state),
            cause="restore leaves something out, or takes it over under another name",
        )
    with own_folder():
        try:
            fit(new_trainer(), [fresh])
        except LayerkitError:
            return  # it goes on with a run of which nothing is here
    if written(given) != written(state):
        raise Unmet(
            "a state that was given to restore changes while training goes on",
            expected="the state as it was: who gave it may restore from it again",
            cause="restore keeps the list, dictionary or array that it is given, and writes to it later; keep a copy",
        )


@told_by("calls-survived", "state-is-plain", "errors-pass", "disturbs-nothing", "state-restored")
def resumed_to_the_same(subject: Subject) -> None:
    """A fit that is cut, inside an epoch or between two, and resumed with a fresh callback ends as it would have."""
    with own_folder():
        whole, whole_trainer = subject.make(), new_trainer()
        ended = fit(whole_trainer, [StepByStep(), whole])
        lines = lines_here()
    resumed = 0
    for step in (0, 2 * STEPS_PER_EPOCH + 2, 3 * STEPS_PER_EPOCH):
        told = f"cut before step {step} of {EPOCHS * STEPS_PER_EPOCH}" if step else "cut before the first step"
        with own_folder():
            state = cut_at(step, subject.make())
            if state is None:
                continue
            resumed += step > 0
            callback, trainer = subject.make(), new_trainer()
            try:
                trainer.restore(state)
                again = fit(trainer, [StepByStep(), callback])
            except Exception as error:
                raise Unmet(
                    f"{told} and resumed: {type(error).__name__}: {error}",
                    expected="a fit that goes on",
                    cause="restore, or fit_started after it, relies on something that there has not been at that place",
                ) from error
            left = lines_here()
        if left < lines:
            raise Unmet(
                f"{told} and resumed, its files hold {left} lines",
                expected=f"{lines} lines at least, as in one run: what was written before the cut stays",
                cause="a resumed fit opens its file anew: give what was written by state(), or append to the file "
                "where restore was called",
            )
        for what, found, wanted in (
            ("state", written(plain(callback.state())), written(plain(whole.state()))),
            ("history", written(records_of(trainer)), written(records_of(whole_trainer))),
            ("reason to stop", again.stop_reason, ended.stop_reason),
            (
                "parameters",
                written(trainer.model.structure.parameters),
                written(whole_trainer.model.structure.parameters),
            ),
        ):
            if found != wanted:
                raise Unmet(
                    f"{told} and resumed, its {what}: {_short(found)}",
                    expected=f"{_short(wanted)}, as in one run",
                    cause="something that it counts or compares with is not in state(), or fit_started forgets what "
                    "restore has just brought",
                )
    if not resumed:
        raise NotApplicable("it ends the kit's fit before the place at which that is cut")


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 200 else f"{text[:200]}…"


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
