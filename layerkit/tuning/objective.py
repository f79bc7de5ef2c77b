"""By what trials are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from layerkit.config.inline import inline_component
from layerkit.errors import ArgumentError
from layerkit.experiments.experiment import Experiment
from layerkit.interfaces.metric import lower_is_better
from layerkit.registry.host import PluginHost
from layerkit.tuning.space import Space

_ACCURACIES = ("accuracy", "binary_accuracy")


@final
@dataclass(frozen=True)
class Objective:
    """A measure by its name in histories, ``"accuracy"``, and whether it is best low.

    >>> Objective("cost").better(0.1, 0.2), Objective("accuracy").better(0.1, 0.2)
    (True, False)
    """

    name: str

    @property
    def minimised(self) -> bool:
        """Whether low is good."""
        return lower_is_better(self.name)

    @property
    def measure(self) -> str:
        """Its name in a history."""
        return f"validation_{self.name}"

    def better(self, one: float, other: float) -> bool:
        """Whether ``one`` is better than ``other``; equals are not."""
        return one < other if self.minimised else one > other


def objective_of(
    experiment: Experiment, metric: str | None, space: Space, *, host: PluginHost
) -> tuple[Experiment, Objective]:
    """What is compared, and the experiment that measures it.

    Raises:
        ArgumentError: it gives no number an epoch, or costs of different kinds would be compared.
        UnknownComponentError, PluginError: there is no such metric, or it cannot be used.
    """
    known = {each.name: each for each in experiment.metrics if each.in_history}
    name = metric if metric is not None else next((each for each in _ACCURACIES if each in known), "cost")
    if name == "cost":
        for path in space.dimensions:
            if path.partition(".")[0] == "cost" or path == "training.standardize_targets":
                raise ArgumentError(
                    f"search: {path} is chosen, which makes costs of different kinds, and by the cost trials are "
                    "compared: name a metric that compares them, --metric accuracy say"
                )
        return experiment, Objective("cost")
    if name not in known:
        own: Any = inline_component(name, "metrics", source="the search's metric", host=host)
        if not own.in_history:
            raise ArgumentError(f"the search's metric: {name} is a table, and trials are compared by a number")
        name = own.name
        if name not in known:
            experiment = experiment.with_settings(metrics=[*experiment.metrics, own])
    return experiment, Objective(name)
