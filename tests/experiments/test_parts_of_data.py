"""Which rows an experiment trains with, and what changes say."""

from __future__ import annotations

import numpy as np

from layerkit import Adam, CosineDecay, Digits, Examples
from layerkit.experiments import Session
from layerkit.experiments.changes import Changes, changed
from layerkit.plugin import PluginHost
from tests.experiments.conftest import Read
from tests.experiments.small import SMALL


def test_fewer_training_examples_are_the_first(read: Read) -> None:
    train = Session(read(SMALL + "training_examples = 100")).train
    assert isinstance(train, Examples)
    whole = Digits().load("train")
    np.testing.assert_array_equal(train.x, whole.x[:100])
    assert train.y is not None
    assert whole.y is not None
    np.testing.assert_array_equal(train.y, whole.y[:100])


def test_a_schedule_that_stays_is_not_said_to_go(read: Read, host: PluginHost) -> None:
    experiment = read(SMALL).with_settings(optimizer=Adam(CosineDecay(0.1, length=5)))
    same, notes = changed(experiment, Changes(optimizer="adam"), host=host)
    assert repr(same.optimizer) == "Adam(learning_rate=CosineDecay(0.1, length=5))"
    assert notes == []
