"""The experiments in docs/experiments.md are what the reader says they are, and options are all there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from layerkit.experiments import Session, parse_experiment
from layerkit.experiments.changes import Changes
from layerkit.plugin import PluginHost

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "experiments.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", BLOCKS, ids=lambda text: text.splitlines()[0])
def test_an_experiment_of_the_page_can_be_read(host: PluginHost, text: str) -> None:
    assert parse_experiment(tomllib.loads(text), name="page", host=host).layers


def test_the_first_reaches_its_targets(host: PluginHost) -> None:
    experiment = parse_experiment(tomllib.loads(BLOCKS[0]), name="page", host=host)
    for form in (experiment, experiment.quickened()):
        session = Session(form)
        session.fit()
        assert form.missed(session.measure()) == []


def test_every_option_is_on_the_page() -> None:
    given = Changes(
        layers=(1,),
        activation="",
        cost="",
        optimizer="",
        learning_rate=0.0,
        batch_size=1,
        epochs=1,
        seed=1,
        dtype="",
        engine="",
        data_dir="",
        callback=("",),
    ).given()
    assert [name for name in given if f"`{name}" not in PAGE] == []
