from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.extra
optuna = pytest.importorskip("optuna")

from layerkit.tuning.claims import Claims  # noqa: E402  (needs Optuna)
from layerkit.tuning.outcome import Outcome  # noqa: E402
from layerkit.tuning.record import keep_outcome  # noqa: E402
from layerkit.tuning.storage import study_in  # noqa: E402


@pytest.fixture
def storage(tmp_path: Path) -> str:
    return str(tmp_path / "search.db")


def opened(storage: str) -> Any:
    return study_in(storage, "search", identity={}, minimised=True, way="join")


def complete(number: int, value: float) -> Outcome:
    return Outcome(number=number, state="complete", value=value, curve=(value,))


def age(study: Any, seconds: int) -> None:
    """Make all signs of life so much older."""
    from sqlalchemy import text

    with study._storage._backend.engine.begin() as connection:
        told = connection.execute(
            text(f"UPDATE trial_heartbeats SET heartbeat = datetime(heartbeat, '-{seconds} seconds')")
        )
        assert told.rowcount


def test_each_trial_is_performed_once_by_whoever_claims_it(storage: str) -> None:
    claims = Claims(storage, opened(storage))

    def perform(claimed: Sequence[Any]) -> Iterator[Outcome]:
        return (complete(trial.number, float(trial.number)) for trial in claimed)

    with closing(claims):
        assert claims.work(perform, keep_outcome, total=lambda: 5, size=2)
    assert [trial.value for trial in claims.trials()] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_a_trial_without_signs_of_life_is_taken_over_and_the_first_end_counts(storage: str) -> None:
    study = opened(storage)
    slow, other = Claims(storage, study), Claims(storage, opened(storage))
    performed = []

    def perform_other(claimed: Sequence[Any]) -> Iterator[Outcome]:
        for trial in claimed:
            performed.append(trial.number)
            yield complete(trial.number, 2.0)

    def perform_slowly(claimed: Sequence[Any]) -> Iterator[Outcome]:
        assert slow.others()
        slow._heart.close()
        age(study, 60)
        assert not other.others()
        other.work(perform_other, keep_outcome, total=lambda: 1, size=1)
        yield complete(claimed[0].number, 1.0)

    with closing(slow), closing(other):
        slow.work(perform_slowly, keep_outcome, total=lambda: 1, size=1)
    assert performed == [0]
    [trial] = slow.trials()
    assert (trial.number, trial.value) == (0, 2.0)


def test_what_is_left_when_an_exception_comes_waits_for_others(storage: str) -> None:
    claims = Claims(storage, opened(storage))

    def perform(claimed: Sequence[Any]) -> Iterator[Outcome]:
        yield complete(claimed[0].number, 1.0)
        raise KeyboardInterrupt

    with closing(claims), pytest.raises(KeyboardInterrupt):
        claims.work(perform, keep_outcome, total=lambda: 3, size=2)
    assert [trial.state.name for trial in claims.trials()] == ["COMPLETE", "WAITING"]
