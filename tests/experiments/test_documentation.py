"""The experiments in the pages are what the reader says they are, and options are all there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from layerkit.experiments import Session, parse_experiment
from layerkit.experiments.changes import Changes
from layerkit.plugin import PluginHost

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "experiments.md").read_text(encoding="utf-8")
CLASSIFICATION = (DOCS / "classification.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n(.*?)^```$", PAGE + CLASSIFICATION, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", BLOCKS, ids=lambda text: text.splitlines()[0])
def test_an_experiment_of_the_page_can_be_read(host: PluginHost, text: str) -> None:
    assert parse_experiment(tomllib.loads(text), name="page", host=host).layers


@pytest.mark.parametrize("place", [0, -1], ids=["the first", "the last"])
def test_what_has_a_target_reaches_it(host: PluginHost, place: int) -> None:
    experiment = parse_experiment(tomllib.loads(BLOCKS[place]), name="page", host=host)
    assert experiment.target
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
