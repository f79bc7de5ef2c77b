"""What a search keeps in a storage of Optuna: every trial, before it runs and when it has ended."""

from __future__ import annotations

from typing import Any, final

from layerkit.errors import SearchError
from layerkit.leftovers import has_ended, this_process
from layerkit.tuning.claims import Heart, alive, new_trial
from layerkit.tuning.needed import quiet_optuna
from layerkit.tuning.outcome import Outcome
from layerkit.tuning.plan import Plan
from layerkit.tuning.storage import Way, shown, study_in, telling

_CURVE, _SECONDS, _REASON, _MARKS = "curve", "seconds", "reason", "marks"
_OWNER = "process"


@final
class Record:
    """The study of one command alone.

    Raises:
        SearchError: as ``study_in``; or another command is at work on it.
    """

    def __init__(self, storage: str, plan: Plan, *, way: Way) -> None:
        self._storage = storage
        self._ids: dict[int, int] = {}
        minimised = plan.objective.minimised
        self._study = study_in(storage, plan.name, identity=plan.identity, minimised=minimised, way=way)
        with telling(storage), quiet_optuna():
            self._require_alone(plan.name)
            self._study.set_user_attr(_OWNER, this_process())
        self._heart = Heart(self._study)

    def trials(self) -> list[Any]:
        """Optuna's records of all trials so far, in order."""
        with telling(self._storage), quiet_optuna():
            found = self._study.get_trials(deepcopy=False)
            self._ids = {trial.number: trial._trial_id for trial in found}
            return list(found)

    def asked(self, trial: Any) -> None:
        """Keep a trial that is going to run, whole or not at all."""
        with telling(self._storage), quiet_optuna():
            number, trial_id = new_trial(self._study, trial)
            self._ids[number] = trial_id

    def begun(self, numbers: list[int]) -> None:
        """Keep that trials are under way."""
        with telling(self._storage), quiet_optuna() as optuna:
            for number in numbers:
                self._heart.begin(self._ids[number])
                self._study._storage.set_trial_state_values(self._ids[number], optuna.trial.TrialState.RUNNING)

    def ended(self, outcome: Outcome) -> None:
        """Keep what came of a trial."""
        with telling(self._storage), quiet_optuna():
            keep_outcome(self._study, self._ids[outcome.number], outcome)
            self._heart.end(self._ids[outcome.number])

    def close(self) -> None:
        """Leave the search to whoever goes on with it."""
        self._heart.close()
        with telling(self._storage), quiet_optuna():
            self._study.set_user_attr(_OWNER, None)

    def _require_alone(self, name: str) -> None:
        owner = self._study.user_attrs.get(_OWNER)
        if owner is None or owner == this_process():
            return
        ended = has_ended(owner)
        if ended is False or (ended is None and alive(self._study)):
            raise SearchError(
                f"{shown(self._storage)}: another command is at work on the search {name!r}: wait for its end, or end "
                "it. (Commands that share a search are all begun with --join)"
            )


def keep_outcome(study: Any, trial_id: int, outcome: Outcome) -> None:
    """Keep what came of a trial in a storage; only the last of what is written makes it an ended one."""
    import optuna

    storage = study._storage
    for step, value in enumerate(outcome.curve):
        storage.set_trial_intermediate_value(trial_id, step + 1, value)
    storage.set_trial_user_attr(trial_id, _SECONDS, outcome.seconds)
    storage.set_trial_user_attr(trial_id, _CURVE, list(outcome.curve))
    if outcome.marks:
        storage.set_trial_user_attr(trial_id, _MARKS, outcome.marks)
    if outcome.reason is not None:
        storage.set_trial_user_attr(trial_id, _REASON, outcome.reason)
    values = None if outcome.value is None else [outcome.value]
    storage.set_trial_state_values(trial_id, state_of(optuna, outcome.state), values)


def outcome_of(trial: Any) -> Outcome | None:
    """What a trial's record says came of it; None where it has not ended."""
    if not trial.state.is_finished():
        return None
    attrs = trial.user_attrs
    state: Any = {"COMPLETE": "complete", "PRUNED": "pruned"}.get(trial.state.name, "failed")
    return Outcome(
        number=trial.number,
        state=state,
        value=trial.value if state != "failed" else None,
        curve=tuple(attrs.get(_CURVE, ())),
        seconds=attrs.get(_SECONDS, 0.0),
        marks=attrs.get(_MARKS, {}),
        reason=attrs.get(_REASON, "it was ended in the storage" if state == "failed" else None),
    )


def state_of(optuna: Any, state: str) -> Any:
    """Optuna's word for how a trial ended."""
    return {
        "complete": optuna.trial.TrialState.COMPLETE,
        "pruned": optuna.trial.TrialState.PRUNED,
        "failed": optuna.trial.TrialState.FAIL,
    }[state]
