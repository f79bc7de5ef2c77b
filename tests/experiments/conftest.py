from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from layerkit.experiments import Experiment, read_experiment
from layerkit.plugin import PluginHost

WriteExperiment: TypeAlias = Callable[[str], Path]
Read: TypeAlias = Callable[[str], Experiment]


@pytest.fixture
def host() -> PluginHost:
    """A host that knows the built-ins alone."""
    return PluginHost(environment={"LAYERKIT_PLUGINS": ""})


@pytest.fixture
def write(tmp_path: Path) -> WriteExperiment:
    """Writes an experiment's file."""

    def write(text: str) -> Path:
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def read(write: WriteExperiment, host: PluginHost) -> Read:
    """Reads an experiment out of a text."""
    return lambda text: read_experiment(write(text), host=host)
