"""What runs the trials of an experiment that names no engine."""

from __future__ import annotations

from layerkit.data.examples import Examples
from layerkit.experiments.engine_choice import AUTO, engine_named
from layerkit.experiments.experiment import Experiment
from layerkit.registry.host import PluginHost

_WORTH_COMPILING = 500_000


def with_engine(experiment: Experiment, train: Examples, *, host: PluginHost) -> Experiment:
    """The experiment with the fastest engine that is installed, where it names none and trials are long.

    Trials are long that see half a million examples, rows times epochs: a compiled engine compiles for widths that no
    trial had before, which takes as long as all of a shorter one. Which engine that is follows for each trial from its
    own network and length alone, so it has the same one wherever it runs.
    """
    if experiment.engine is not None or len(train) * experiment.epochs < _WORTH_COMPILING:
        return experiment
    return experiment.with_settings(engine=engine_named(host, AUTO))
