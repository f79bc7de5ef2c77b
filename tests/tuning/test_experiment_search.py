from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from layerkit import CosineDecay, Digits, GradientDescent, Huber, OneCycle, Piecewise
from layerkit.errors import ArgumentError, DataError, SearchError
from layerkit.experiments import Session, read_experiment
from layerkit.interfaces.schedule import Schedule
from layerkit.tuning import Search, parse_search, tune_experiment, usual_space, winner_toml
from layerkit.tuning.here import Here
from layerkit.tuning.objective import Objective
from layerkit.tuning.outcome import FinalRun, Outcome
from layerkit.tuning.result import median_run
from layerkit.tuning.rounds import best_of
from layerkit.tuning.tasks import Task
from tests.tuning.searches import search_of, small, told

pytestmark = pytest.mark.extra
pytest.importorskip("optuna")


class Interrupted:
    """As ``Here``, until so many tasks were performed: then Ctrl-C is pressed."""

    def __init__(self, tasks: int) -> None:
        self._here = Here()
        self._left = tasks

    def share(self, name: str, value: Any) -> None:
        self._here.share(name, value)

    def results(self, tasks: Sequence[Task], *, until: float | None = None) -> Iterator[Any]:
        for task in tasks:
            if not self._left:
                raise KeyboardInterrupt
            self._left -= 1
            yield from self._here.results([task])

    def close(self) -> None:
        self._here.close()


def test_trials_are_the_same_for_any_number_of_jobs_and_where_a_search_goes_on(tmp_path: Path) -> None:
    search, storage = search_of(), str(tmp_path / "search.db")
    alone = tune_experiment(small(), search, jobs=1)
    assert told(tune_experiment(small(), search, jobs=2)) == told(alone)
    # ended in the middle of a round
    part = tune_experiment(small(), dataclasses.replace(search, trials=4), workers=Here(), storage=storage)
    assert len(part.outcomes) == 4
    assert told(tune_experiment(small(), search, workers=Here(), storage=storage, resume=True)) == told(alone)


@pytest.mark.parametrize("pruner", ["median", "halving", "hyperband"])
def test_hopeless_trials_end_early_and_the_same_for_any_number_of_jobs(pruner: str, tmp_path: Path) -> None:
    space = {"optimizer.learning_rate": {"low": 0.001, "high": 10.0, "log": True}}
    search = search_of(space, sampler="random", pruner=pruner, trials=12, round=6, final_seeds=1)
    experiment, storage = small().with_settings(epochs=9), str(tmp_path / "search.db")
    whole = tune_experiment(experiment, search, workers=Here())
    pruned = [outcome for outcome in whole.outcomes if outcome.state == "pruned"]
    assert pruned
    assert all(len(outcome.curve) < 9 for outcome in pruned)
    # of six, two go on and one of those; else the first round has none to be compared with
    lengths = [len(outcome.curve) for outcome in whole.outcomes[:6]]
    assert sorted(lengths) == [1, 1, 1, 1, 3, 9] if pruner == "halving" else lengths == [9] * 6
    assert whole.best is not None
    assert len(whole.best.curve) == 9
    # in the middle of a round, whose trials are in different stages then
    assert tune_experiment(experiment, search, workers=Interrupted(8), storage=storage).interrupted
    resumed = tune_experiment(experiment, search, workers=Here(), storage=storage, resume=True)
    assert told(resumed) == told(whole)


def test_a_trial_that_goes_on_is_as_if_it_had_not_stopped() -> None:
    space = {"optimizer.learning_rate": {"low": 0.001, "high": 10.0, "log": True}}
    experiment = small().with_settings(epochs=9)
    halved, whole = (
        tune_experiment(experiment, search_of(space, sampler="random", pruner=pruner, final_seeds=1), workers=Here())
        for pruner in ("halving", "none")
    )
    assert halved.params == whole.params
    for one, other in zip(halved.outcomes, whole.outcomes, strict=True):
        assert one.curve == other.curve[: len(one.curve)]


@pytest.mark.parametrize("sampler", ["random", "cma-es", "grid"])
def test_every_sampler_goes_on_as_if_it_had_not_stopped(sampler: str, tmp_path: Path) -> None:
    space = {"training.batch_size": {"values": [16, 32]}, "layers.2.units": {"low": 4, "high": 7}}
    search, storage = search_of(space, sampler=sampler, final_seeds=1), str(tmp_path / "search.db")
    whole = tune_experiment(small(), search, workers=Here())
    assert len({repr(each) for each in whole.params}) == 6 or sampler != "grid"
    tune_experiment(small(), dataclasses.replace(search, trials=3), workers=Here(), storage=storage)
    assert told(tune_experiment(small(), search, workers=Here(), storage=storage, resume=True)) == told(whole)


def test_finished_trials_are_never_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = str(tmp_path / "search.db")
    search = search_of(final_seeds=1)
    performed: list[int] = []
    results = Here.results

    def counted(self: Here, tasks: Any, **options: Any) -> Any:
        for task in tasks:
            performed.append(task.number) if hasattr(task, "measure") else None
            if len(performed) == 5:
                # after a trial that is recorded, in the middle of a round
                raise KeyboardInterrupt
            yield from results(self, [task], **options)

    monkeypatch.setattr(Here, "results", counted)
    first = tune_experiment(small(), search, workers=Here(), storage=storage)
    assert first.interrupted
    assert first.finals == []
    tune_experiment(small(), search, workers=Here(), storage=storage, resume=True)
    assert performed == [0, 1, 2, 3, 4, 4, 5]


def test_only_the_winner_sees_the_test_data_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    load = Digits.load

    def watched(self: Digits, split: str) -> Any:
        loaded.append(split)
        return load(self, split)

    monkeypatch.setattr(Digits, "load", watched)

    class Watcher:
        def began(self, objective: Any) -> None:
            assert objective.name == "accuracy"

        def drawn(self, number: int, params: Mapping[str, Any]) -> None:
            assert loaded == ["train"]

        def ended(self, outcome: Outcome) -> None:
            assert loaded == ["train"]

    tune_experiment(small(), search_of(), workers=Here(), watcher=Watcher())
    assert loaded == ["train", "test"]


def test_the_winners_file_is_run_to_the_same_figure(tmp_path: Path) -> None:
    # of an even number of seeds too
    result = tune_experiment(small(), search_of(final_seeds=2), jobs=2)
    path = tmp_path / "best.toml"
    path.write_text(winner_toml(result))
    session = Session(read_experiment(path))
    session.fit()
    assert session.measure()["test_accuracy"] == result.median
    assert f"test accuracy {result.median:.4g} in the median of 2 seeds" in session.experiment.summary


@pytest.mark.parametrize(("metric", "number"), [("accuracy", 1), ("cost", 2)])
def test_of_an_even_number_the_median_is_the_worse_one(metric: str, number: int) -> None:
    finals = [FinalRun(number=place, seed=place, measured={metric: value}) for place, value in enumerate([4, 2, 3, 1])]
    run = median_run(finals, metric)
    assert run is not None
    assert run.number == number


def test_the_winners_file_leads_to_the_data_from_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("data", "found"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "mine.csv").write_text("x,y\n" + "".join(f"{each},{each % 2}\n" for each in range(20)))
    (tmp_path / "data" / "mine.toml").write_text(
        'dataset = { component = "csv", path = "mine.csv", target = "y" }\ncost = "cross-entropy"\noptimizer = "adam"\n'
        'layers = [{ component = "dense", units = 2 }]\n[training]\nepochs = 1\n'
    )
    monkeypatch.chdir(tmp_path)
    search = search_of({"batch_size": {"values": [4, 8]}}, trials=1, final_seeds=1)
    result = tune_experiment(read_experiment("data/mine.toml"), search, workers=Here())
    best = Path("found/best.toml")
    best.write_text(winner_toml(result, folder=best.parent))
    session = Session(read_experiment(best))
    session.fit()
    assert session.measure()["test_cost"] == result.median


def test_a_trial_that_fails_is_recorded_and_the_search_goes_on(tmp_path: Path) -> None:
    # at such a rate everything is too large for a float
    space = {"optimizer.learning_rate": {"values": [1.0, 1e38]}, "layers.3.activation": {"values": ["identity"]}}
    storage = str(tmp_path / "search.db")
    search = search_of(space, sampler="grid", final_seeds=1)
    result = tune_experiment(small(), search, workers=Here(), storage=storage)
    assert [outcome.state for outcome in result.outcomes] == ["complete", "failed"]
    assert "NonFiniteError" in (result.outcomes[1].reason or "")
    again = tune_experiment(small(), search, workers=Here(), storage=storage, resume=True)
    assert again.outcomes[1].reason == result.outcomes[1].reason


def test_where_all_fail_the_search_says_why() -> None:
    space = {"optimizer.learning_rate": {"values": [1e37, 1e38]}, "layers.3.activation": {"values": ["identity"]}}
    with pytest.raises(SearchError, match=r"all 2 trials of the first round have failed.*NonFiniteError"):
        tune_experiment(small(), search_of(space, sampler="grid"), workers=Here())


def test_the_first_of_equals_wins() -> None:
    best = Outcome(number=1, state="complete", value=0.5)
    outcomes = [
        Outcome(number=0, state="failed"),
        Outcome(number=2, state="complete", value=0.5),
        best,
        Outcome(number=3, state="pruned", value=0.9),
        Outcome(number=4, state="complete", value=0.4),
    ]
    assert best_of(outcomes, Objective("accuracy")) is best
    assert best_of(outcomes, Objective("cost")) is outcomes[4]
    assert best_of(outcomes[:1], Objective("cost")) is None


def test_folds_judge_by_their_mean() -> None:
    result = tune_experiment(small(), search_of(trials=2, round=2, folds=3, final_seeds=1), workers=Here())
    assert all(len(outcome.curve) == 2 for outcome in result.outcomes)


def test_a_metric_by_name_is_measured_too() -> None:
    result = tune_experiment(small(), search_of(trials=2, metric="f1", final_seeds=1), workers=Here())
    assert result.objective.name == "f1"
    assert result.median is not None


@pytest.mark.parametrize("path", ["cost", "cost.delta", "training.standardize_targets"])
def test_costs_of_different_kinds_are_not_compared(path: str) -> None:
    given = {"cost": ["quadratic", "huber"], "cost.delta": [0.5, 1.0], "training.standardize_targets": [False, True]}
    search = search_of({path: {"values": given[path]}}, metric="cost")
    with pytest.raises(ArgumentError, match="name a metric that compares them"):
        tune_experiment(small().with_settings(cost=Huber()), search, workers=Here())


def test_data_without_rows_to_judge_by_is_refused() -> None:
    few = small().with_settings(training_examples=2)
    with pytest.raises(DataError, match=r"2 rows are too few .*validation_fraction"):
        tune_experiment(few, search_of(), workers=Here())


def test_another_search_is_not_gone_on_with(tmp_path: Path) -> None:
    storage = str(tmp_path / "search.db")
    first = search_of(trials=1, round=1, final_seeds=1)
    tune_experiment(small(), first, workers=Here(), storage=storage)
    with pytest.raises(SearchError, match="holds a search named 'digits' already"):
        tune_experiment(small(), first, workers=Here(), storage=storage)
    other = dataclasses.replace(first, seed=1)
    with pytest.raises(SearchError, match="is another one: seed: 0 then, 1 now"):
        tune_experiment(small(), other, workers=Here(), storage=storage, resume=True)
    with pytest.raises(SearchError, match="there is no such file, so no search in it to go on with"):
        tune_experiment(small(), first, workers=Here(), storage=str(tmp_path / "new.db"), resume=True)


def test_a_sampler_that_is_not_installed_says_how_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerkit.tuning.needed.find_spec", lambda name: None if name == "torch" else object())
    with pytest.raises(SearchError, match="needs torch, which is not installed: pip install torch"):
        tune_experiment(small(), search_of(sampler="gp"), workers=Here())


def test_an_experiment_without_a_space_has_a_usual_one() -> None:
    _, space = usual_space(small())
    assert list(space.dimensions) == [
        "optimizer.learning_rate",
        "training.batch_size",
        "layers.2",
        "layers.2.units",
    ]
    result = tune_experiment(small(), Search(trials=2, round=2, final_seeds=1), workers=Here())
    assert "layers.2.copies" in result.best_params


@pytest.mark.parametrize(
    ("schedule", "path"),
    [
        (CosineDecay(0.1, length=2), "optimizer.learning_rate.initial"),
        (OneCycle(0.1, length=2), "optimizer.learning_rate.peak"),
        (Piecewise([0.1, 0.01], boundaries=[1]), None),
    ],
)
def test_of_a_schedule_the_first_rate_is_chosen(schedule: Schedule, path: str | None) -> None:
    _, space = usual_space(small().with_settings(optimizer=GradientDescent(schedule)))
    assert [each for each in space.dimensions if each.startswith("optimizer")] == ([] if path is None else [path])


def test_the_time_limit_ends_a_search() -> None:
    result = tune_experiment(small(), search_of(trials=10**5, final_seeds=1), workers=Here(), time_limit=4.0)
    assert 0 < len(result.outcomes) < 10**5
    assert result.median is not None


def test_a_search_in_a_file_is_no_matter_to_run(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'dataset = "digits"\nlayers = ["flatten", { component = "dense", units = 10 }]\ncost = "cross-entropy"\n'
        'optimizer = "adam"\n[search]\ntrials = 3\n[search.space]\n"training.batch_size" = { values = [8, 16] }\n'
    )
    experiment = read_experiment(path)
    assert parse_search(experiment.search).trials == 3
