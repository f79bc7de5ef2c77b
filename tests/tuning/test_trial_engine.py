from __future__ import annotations

from pathlib import Path

import pytest

from layerkit import Digits, Examples, NumpyEngine
from layerkit.engines.automatic import Automatic
from layerkit.experiments import read_experiment
from layerkit.registry.host import default_host
from layerkit.tuning import tune_experiment, winner_toml
from layerkit.tuning.here import Here
from tests.tuning.searches import search_of, small

pytestmark = pytest.mark.extra
pytest.importorskip("optuna")
trial_engine = pytest.importorskip("layerkit.tuning.trial_engine")


def rows(count: int) -> Examples:
    found = Digits().load("train")
    assert isinstance(found, Examples)
    return found.take(slice(0, count))


def test_long_trials_take_the_fastest_engine_and_short_ones_compile_nothing() -> None:
    train = rows(1000)
    short, long = (small().with_settings(epochs=epochs) for epochs in (499, 500))
    assert trial_engine.with_engine(short, train, host=default_host()).engine is None
    assert isinstance(trial_engine.with_engine(long, train, host=default_host()).engine, Automatic)


def test_an_engine_that_is_named_stays() -> None:
    named = small().with_settings(epochs=10**6, engine=NumpyEngine())
    assert trial_engine.with_engine(named, rows(1000), host=default_host()).engine is named.engine


def test_the_winner_has_the_engine_of_its_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    search = search_of(trials=3, final_seeds=1)
    assert "engine" not in winner_toml(tune_experiment(small(), search, workers=Here()))
    monkeypatch.setattr(trial_engine, "_WORTH_COMPILING", 1)
    best = tmp_path / "best.toml"
    best.write_text(winner_toml(tune_experiment(small(), search, workers=Here())))
    assert isinstance(read_experiment(best).engine, Automatic)
