"""What a search keeps in a storage of Optuna: every trial, before it runs and when it has ended."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, final

from layerkit.config.paths import differences
from layerkit.errors import ArgumentError, SearchError
from layerkit.tuning.needed import quiet_optuna
from layerkit.tuning.outcome import Outcome

_IDENTITY = "layerkit"
_CURVE, _SECONDS, _REASON, _MARKS = "curve", "seconds", "reason", "marks"
_PATIENCE = 20.0


@final
class Record:
    """One study in a storage: a SQLite file, or a database by its URL.

    Raises:
        SearchError: the storage cannot be used, or holds another search of this name; or there is one already, or none
            to go on with.
    """

    def __init__(self, storage: str, name: str, *, identity: Mapping[str, Any], minimised: bool, resume: bool) -> None:
        self._storage = storage
        # what is written there comes back so
        identity = json.loads(json.dumps(identity))
        with self._told(), quiet_optuna() as optuna:
            engine: Any = {"connect_args": {"timeout": _PATIENCE}} if url_of(storage).startswith("sqlite") else {}
            database = optuna.storages.RDBStorage(url_of(storage), engine_kwargs=engine)
            known = name in optuna.study.get_all_study_names(database)
            if known and not resume:
                raise SearchError(
                    f"{storage} holds a search named {name!r} already: go on with it by --resume, or name another "
                    "storage"
                )
            if resume and not known:
                names = ", ".join(map(repr, optuna.study.get_all_study_names(database))) or "none"
                raise SearchError(f"{storage} holds no search named {name!r} to go on with; it holds {names}")
            direction = "minimize" if minimised else "maximize"
            self._study = optuna.create_study(
                storage=database, study_name=name, direction=direction, load_if_exists=True
            )
            there = self._study.user_attrs.get(_IDENTITY)
            # one that was killed before its first trial has begun nothing yet
            if not known or (there is None and not self._study.get_trials(deepcopy=False)):
                self._study.set_user_attr(_IDENTITY, identity)
            elif there is None:
                raise SearchError(f"{storage}: {name!r} is a study that layerkit did not make: name another storage")
            elif found := differences(there, identity):
                shown = "; ".join(map(str, found[:3]))
                raise SearchError(
                    f"{storage}: the search {name!r} there is another one: {shown}. Go on with the same, or name "
                    "another storage"
                )
        self._ids: dict[int, int] = {}

    def trials(self) -> list[Any]:
        """Optuna's records of all trials so far, in order."""
        with self._told(), quiet_optuna():
            found = self._study.get_trials(deepcopy=False)
            self._ids = {trial.number: trial._trial_id for trial in found}
            return list(found)

    def asked(self, trial: Any) -> None:
        """Keep a trial that is going to run, whole or not at all."""
        with self._told(), quiet_optuna() as optuna:
            frozen = optuna.trial.FrozenTrial(
                number=-1,
                trial_id=-1,
                state=optuna.trial.TrialState.RUNNING,
                value=None,
                datetime_start=datetime.now(),
                datetime_complete=None,
                params=trial.params,
                distributions=trial.distributions,
                user_attrs={},
                system_attrs=trial.system_attrs,
                intermediate_values={},
            )
            storage = self._study._storage
            trial_id = storage.create_new_trial(self._study._study_id, template_trial=frozen)
            self._ids[storage.get_trial_number_from_id(trial_id)] = trial_id

    def ended(self, outcome: Outcome) -> None:
        """Keep what came of a trial; only the last of what is written makes it an ended one."""
        with self._told(), quiet_optuna() as optuna:
            storage, trial = self._study._storage, self._ids[outcome.number]
            for step, value in enumerate(outcome.curve):
                storage.set_trial_intermediate_value(trial, step + 1, value)
            storage.set_trial_user_attr(trial, _SECONDS, outcome.seconds)
            storage.set_trial_user_attr(trial, _CURVE, list(outcome.curve))
            if outcome.marks:
                storage.set_trial_user_attr(trial, _MARKS, outcome.marks)
            if outcome.reason is not None:
                storage.set_trial_user_attr(trial, _REASON, outcome.reason)
            values = None if outcome.value is None else [outcome.value]
            storage.set_trial_state_values(trial, state_of(optuna, outcome.state), values)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what goes wrong in the storage as what it is."""
        import optuna
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield
        except (optuna.exceptions.StorageInternalError, SQLAlchemyError, OSError, RuntimeError) as error:
            cause = error.__cause__ or error
            first = str(cause).partition("\n")[0]
            raise SearchError(
                f"{self._storage}: the storage cannot be used: {first}. It must be reachable, writable, and not locked "
                "by another program"
            ) from error
        except ImportError as error:
            raise SearchError(f"{self._storage}: {error}: install the driver of this database") from error


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


def url_of(storage: str) -> str:
    """The URL of a storage: a file is one of SQLite.

    Raises:
        ArgumentError: it is a folder, or in none.

    >>> url_of("postgresql://localhost/searches")
    'postgresql://localhost/searches'
    """
    if "://" in storage:
        return storage
    path = Path(storage)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise ArgumentError(f"--storage: {storage} is no file in a folder that is there: give one, such as search.db")
    return f"sqlite:///{path.absolute()}"


def state_of(optuna: Any, state: str) -> Any:
    """Optuna's word for how a trial ended."""
    return {
        "complete": optuna.trial.TrialState.COMPLETE,
        "pruned": optuna.trial.TrialState.PRUNED,
        "failed": optuna.trial.TrialState.FAIL,
    }[state]
