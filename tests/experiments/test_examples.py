"""Every example, the installed plugins' too, is run the way a person runs it, and reaches its target."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from layerkit.config import parts
from layerkit.experiments import Experiment, Session, find
from layerkit.plugin import default_host

EXAMPLES = [entry.short_name for entry in default_host().components("examples")]


def experiment_of(name: str) -> Experiment | None:
    """The experiment that an example is or gives; None for a program."""
    found = find(name)
    given = found() if callable(found) else found
    return given if isinstance(given, Experiment) else None


@pytest.mark.example
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_reaches_its_target(name: str, request: pytest.FixtureRequest) -> None:
    options = []
    found = experiment_of(name)
    if found:
        options += ["--quick"] if found.quick else []
        if any(path.endswith("data_dir") for path in parts(found.dataset)):
            folder: Path = request.getfixturevalue("shared_data")
            options += ["--data-dir", str(folder)]
    command = [sys.executable, "-m", "layerkit", "run", name, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not found or "target reached" in done.stdout


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_experiment_says_what_it_must_reach(name: str) -> None:
    found = experiment_of(name)
    if found:
        assert found.target
        assert not found.quick or found.quickened().target


@pytest.mark.parametrize("seed", range(10))
def test_digits_reaches_its_target_with_any_seed(seed: int) -> None:
    experiment = find("digits")
    assert isinstance(experiment, Experiment)
    session = Session(experiment.with_settings(seed=seed))
    session.fit()
    assert experiment.missed(session.measure()) == []
