"""What a callback remembers: plain values that can be saved, taken back, and gone on from to the same end."""

from __future__ import annotations

from typing import Any

import numpy as np

from layerkit.errors import LayerkitError
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
    written,
)
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet


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
