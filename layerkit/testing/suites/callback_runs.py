"""What a callback does to the runs that it watches: what it sets it declares, and another run begins anew."""

from __future__ import annotations

from typing import Any, final

from layerkit.errors import LayerkitError
from layerkit.interfaces.callback import Callback
from layerkit.testing.rigs.watched_fit import StepByStep, fit, new_trainer, own_folder, settings_of, written
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet


@told_by("calls-survived", "changes-training-declared", "state-restored", "resumed-to-the-same")
def sets_declared(subject: Subject) -> None:
    """What it changes of the optimizer, and sets again in a run that is resumed, it declares in sets."""
    callback, watch = subject.make(), _Arguments()
    fit(new_trainer(), [watch, callback])
    changed = sorted(watch.changed)
    if not changed:
        raise NotApplicable("it changes no argument of the optimizer")
    left = [path for path in changed if path not in callback.sets]
    if left:
        raise Unmet(
            f"it changes {' and '.join(left)} while a fit goes on, and sets is {tuple(callback.sets)!r}",
            expected=f"sets = ({left[0]!r},) on the class",
            cause="the declaration is missing: each run that is resumed then warns of an optimizer that is not as it "
            "was, though the callback puts that right",
        )


@told_by("calls-survived", "state-restored", "resumed-to-the-same", "disturbs-nothing")
def another_run_begins_anew(subject: Subject) -> None:
    """In a fit of another trainer it does what a fresh one does, whatever it has watched before."""
    used = subject.make()
    _ending(used)
    try:
        (ended, left), (wanted, fresh) = (_ending(callback) for callback in (used, subject.make()))
    except LayerkitError:
        return  # it wants a fresh one, and says so
    if (ended, left) != (wanted, fresh):
        told = f"ends by {ended!r}" if ended != wanted else "leads elsewhere"
        raise Unmet(
            f"a fit of another trainer {told}, with a callback that has watched a fit before",
            expected=f"{wanted!r}, as with a fresh one" if ended != wanted else "what it leads to with a fresh one",
            cause="what it remembers is not set back in fit_started, where nothing was restored",
        )


def _ending(callback: Callback) -> tuple[str | None, str]:
    trainer = new_trainer()
    with own_folder():
        reason = fit(trainer, [StepByStep(), callback]).stop_reason
    return reason, written([settings_of(trainer), trainer.model.structure.parameters])


@final
class _Arguments(Callback):
    """Notes which arguments of the optimizer are others than at the beginning, after a step or an epoch."""

    every_steps = 1

    def __init__(self) -> None:
        self.first: dict[str, Any] = {}
        self.changed: set[str] = set()

    def fit_started(self, fit: Any) -> None:
        self.first = dict(fit.trainer.optimizer.config)

    def steps_ended(self, fit: Any) -> None:
        now = fit.trainer.optimizer.config
        self.changed |= {f"optimizer.{name}" for name in now if now[name] != self.first[name]}
