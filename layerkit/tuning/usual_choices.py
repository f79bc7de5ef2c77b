"""The space of an experiment that names none: learning rate, batch size, number of hidden layers and their widths."""

from __future__ import annotations

from layerkit.config.paths import get, replaced
from layerkit.errors import ArgumentError, LayerkitError
from layerkit.experiments.experiment import Experiment
from layerkit.layers.dense import Dense
from layerkit.tuning.dimensions import Choice, Copies, Dimension, Integer, Real
from layerkit.tuning.space import Space

_RATES = ("optimizer.learning_rate", "optimizer.learning_rate.initial", "optimizer.learning_rate.peak")
_FACTOR = 30.0
_BATCHES = (8, 16, 32, 64, 128)


def usual_space(experiment: Experiment) -> tuple[Experiment, Space]:
    """The experiment with one hidden layer in place of several alike in a row, and the space to search.

    The learning rate is chosen within a factor of 30, of a schedule its first or its highest; the batch size among 8
    to 128; where the dense layers in front of the output stand in a row, one to four of them, of 8 to 256 units each.

    Raises:
        ArgumentError: none of these can be chosen.
    """
    space: dict[str, Dimension] = {}
    for path in _RATES:
        space |= _rate(experiment, path)
    space["training.batch_size"] = Choice(_BATCHES)
    layers = list(experiment.layers)
    dense = [place for place, layer in enumerate(layers) if isinstance(layer, Dense)]
    hidden = dense[:-1]
    if hidden and hidden == list(range(hidden[0], hidden[-1] + 1)):
        first = hidden[0]
        experiment = experiment.with_settings(layers=[*layers[: first + 1], *layers[hidden[-1] + 1 :]])
        space[f"layers.{first}"] = Copies(1, 4)
        space[f"layers.{first}.units"] = Integer(8, 256, log=True, each=True)
    if len(space) == 1:
        raise ArgumentError(
            f"{experiment.name} names no space to search, and has neither a learning rate to change nor hidden dense "
            "layers in a row: write [search.space] into its file"
        )
    return experiment, Space(space)


def _rate(experiment: Experiment, path: str) -> dict[str, Dimension]:
    """A range around the rate at a path; empty where there is none, or where a schedule has no room for others."""
    try:
        rate = get(experiment, path)
        if not isinstance(rate, (int, float)) or rate <= 0:
            return {}
        for end in (rate / _FACTOR, rate * _FACTOR):
            replaced(experiment, {path: end})
    except LayerkitError:
        return {}
    return {path: Real(rate / _FACTOR, rate * _FACTOR, log=True)}
