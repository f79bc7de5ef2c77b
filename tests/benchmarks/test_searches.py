from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.data import find_mnist
from layerkit.experiments import Experiment, find
from layerkit.registry.host import default_host
from layerkit.tuning import parse_search
from layerkit.tuning.fitted_space import fitted

pytestmark = pytest.mark.extra
pytest.importorskip("optuna")
pace = pytest.importorskip("benchmarks.searches.pace")
command = pytest.importorskip("benchmarks.searches.__main__")


@pytest.mark.parametrize("part", ["assignment", "open"])
def test_the_spaces_fit_their_experiments(part: str) -> None:
    experiment = find(str(command.FOLDER / f"{part}.toml"))
    assert isinstance(experiment, Experiment)
    space = parse_search(experiment.search).space
    assert space is not None
    assert fitted(space, experiment.with_settings(search={}), host=default_host()).parameters


def test_mnist_is_found_where_tests_find_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        (folder / f"{name}-ubyte.gz").touch()
    monkeypatch.setenv("LAYERKIT_TEST_DATA", str(tmp_path))
    assert find_mnist(None) == folder


def test_every_contender_tries_the_same_grid(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pace.rates(12) == (0.0003,)
    assert pace.rates(48) == (0.0003, 0.0009655, 0.003107, 0.01)
    monkeypatch.setattr(pace, "EPOCHS", 1)
    numpy = pace.OWN[1]
    for name in (numpy, "GridSearchCV, MLPClassifier"):
        monkeypatch.setattr("sys.argv", ["pace", name, "12", "1"])
        pace.main()
        assert capsys.readouterr().out.startswith("[12, ")
