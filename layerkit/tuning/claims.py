"""Which command performs a trial: claims in a storage of Optuna, kept by signs of life."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, final

from layerkit.tuning.needed import quiet_optuna
from layerkit.tuning.storage import HEARTBEAT, telling

_POLL = 0.5


@final
class Heart:
    """Gives signs of life of trials that this process performs, in a thread of its own.

    What goes wrong in the storage meanwhile, whoever writes there next is told.
    """

    def __init__(self, study: Any) -> None:
        self._storage = study._storage
        self._trials: set[int] = set()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="layerkit-heartbeat", daemon=True)
        self._thread.start()

    def begin(self, trial_id: int) -> None:
        """A trial is going to be performed; its first sign is given at once."""
        self._storage.record_heartbeat(trial_id)
        self._trials.add(trial_id)

    def end(self, trial_id: int) -> None:
        """It is not performed any more."""
        self._trials.discard(trial_id)

    def close(self) -> None:
        """No more signs."""
        self._end.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._end.wait(HEARTBEAT):
            for trial_id in tuple(self._trials):
                with suppress(Exception):
                    self._storage.record_heartbeat(trial_id)


@final
class Claims:
    """Work for several commands: the first trials of a study, each of which is performed until it has ended.

    A trial waits, is under way, or has ended. Only one that waits is claimed; one whose command gives no more signs of
    life waits again, with its number and what was drawn for it. One that has ended stays as it is, so should two have
    performed it after all, the first counts.
    """

    def __init__(self, storage: str, study: Any) -> None:
        self._place = storage
        self._study = study
        self._held: dict[int, int] = {}
        self._heart = Heart(study)

    def work(
        self,
        perform: Callable[[Sequence[Any]], Iterator[Any]],
        keep: Callable[[Any, int, Any], None],
        *,
        total: Callable[[], int],
        size: int,
        until: Callable[[], float | None] = lambda: None,
        seen: Callable[[Sequence[Any]], None] = lambda trials: None,
    ) -> bool:
        """Perform trials, as many as ``size`` at once, until the first ``total`` have ended, whoever performs them.

        ``perform`` gives results with numbers, which ``keep`` writes for the trial of an id; ``seen`` is shown all
        trials between. False where the time that ``until`` gives has come before.
        """
        while True:
            trials = self.trials()
            seen(trials)
            limit = until()
            if limit is not None and time.monotonic() >= limit:
                return False
            if claimed := self._claimed(size, total()):
                self._perform(claimed, perform, keep)
            elif all(trial.state.is_finished() for trial in self.trials()[: total()]):
                seen(self.trials())
                return True
            else:
                time.sleep(_POLL)

    def trials(self) -> list[Any]:
        """All trials, in order."""
        with telling(self._place), quiet_optuna():
            return list(self._study.get_trials(deepcopy=False))

    def others(self) -> bool:
        """Whether other commands perform trials."""
        with telling(self._place), quiet_optuna():
            return alive(self._study)

    def close(self) -> None:
        """Leave what is not ended to others."""
        self._heart.close()

    def _claimed(self, size: int, total: int) -> list[Any]:
        with telling(self._place), quiet_optuna() as optuna:
            storage, states = self._study._storage, optuna.trial.TrialState
            for trial_id in _stale(self._study):
                with suppress(optuna.exceptions.UpdateFinishedTrialError):
                    storage.set_trial_state_values(trial_id, states.WAITING)
            claimed: list[Any] = []
            while len(claimed) < size:
                trials = self._study.get_trials(deepcopy=False)
                waiting = [trial for trial in trials[:total] if trial.state == states.WAITING]
                if not waiting:
                    if len(trials) >= total:
                        break
                    # another may do so at the same time: one too many waits until more are wanted
                    new_trial(self._study)
                    continue
                for trial in waiting[: size - len(claimed)]:
                    # signs come first, so that none is under way without
                    self._heart.begin(trial._trial_id)
                    self._held[trial.number] = trial._trial_id
                    if self._claim(trial._trial_id):
                        claimed.append(trial)
                    else:
                        self._let_go(trial.number)
            return claimed

    def _claim(self, trial_id: int) -> bool:
        import optuna

        with suppress(optuna.exceptions.UpdateFinishedTrialError):
            return bool(self._study._storage.set_trial_state_values(trial_id, optuna.trial.TrialState.RUNNING))
        return False

    def _perform(
        self,
        claimed: Sequence[Any],
        perform: Callable[[Sequence[Any]], Iterator[Any]],
        keep: Callable[[Any, int, Any], None],
    ) -> None:
        try:
            for result in perform(claimed):
                with telling(self._place), quiet_optuna() as optuna:
                    with suppress(optuna.exceptions.UpdateFinishedTrialError):
                        keep(self._study, self._held[result.number], result)
                    self._let_go(result.number)
        finally:
            self._give_back()

    def _give_back(self) -> None:
        """Let others perform what is not ended."""
        with telling(self._place), quiet_optuna() as optuna:
            for number, trial_id in tuple(self._held.items()):
                self._let_go(number)
                with suppress(optuna.exceptions.UpdateFinishedTrialError):
                    self._study._storage.set_trial_state_values(trial_id, optuna.trial.TrialState.WAITING)

    def _let_go(self, number: int) -> None:
        self._heart.end(self._held.pop(number))


def new_trial(study: Any, like: Any = None) -> tuple[int, int]:
    """The number and the id of a new trial that waits to be performed, with what was drawn for another."""
    import optuna

    frozen = optuna.trial.FrozenTrial(
        number=-1,
        trial_id=-1,
        state=optuna.trial.TrialState.WAITING,
        value=None,
        datetime_start=None if like is None else datetime.now(),
        datetime_complete=None,
        params={} if like is None else like.params,
        distributions={} if like is None else like.distributions,
        user_attrs={},
        system_attrs={} if like is None else like.system_attrs,
        intermediate_values={},
    )
    trial_id = study._storage.create_new_trial(study._study_id, template_trial=frozen)
    return study._storage.get_trial_number_from_id(trial_id), trial_id


def alive(study: Any) -> bool:
    """Whether a command gives signs of life of a trial."""
    stale = _stale(study)
    trials = study.get_trials(deepcopy=False)
    return any(trial.state.name == "RUNNING" and trial._trial_id not in stale for trial in trials)


def _stale(study: Any) -> set[int]:
    """The ids of trials that are under way and give no more signs of life."""
    # what Optuna has for others, fail_stale_trials, ends such a trial for good: here it waits again under its number
    return set(study._storage._get_stale_trial_ids(study._study_id))
