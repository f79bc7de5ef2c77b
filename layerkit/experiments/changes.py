"""What people change about an experiment on the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, final

from layerkit.activations.sigmoid import Sigmoid
from layerkit.calls import Explained, explained
from layerkit.config.inline import inline_component
from layerkit.config.paths import parts, replaced
from layerkit.errors import ArgumentError, LayerkitError, PluginError, UnknownComponentError
from layerkit.experiments.engine_choice import engine_named
from layerkit.experiments.experiment import Experiment, check_training
from layerkit.experiments.networks import output_activation, resized, with_activation, with_output_activation
from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.interfaces.dataset import Dataset
from layerkit.interfaces.layer import Layer
from layerkit.interfaces.schedule import Schedule
from layerkit.layers.dense import Dense
from layerkit.registry.host import PluginHost, default_host

_PLAIN = ("batch_size", "epochs", "seed", "dtype", "validation_fraction")


@final
@dataclass(frozen=True, kw_only=True)
class Changes(metaclass=Explained):
    """One field an option, None where it was not given; components are named as in the registry."""

    layers: tuple[int, ...] | None = None
    activation: str | None = None
    cost: str | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    batch_size: int | None = None
    epochs: int | None = None
    seed: int | None = None
    dtype: str | None = None
    validation_fraction: float | None = None
    engine: str | None = None
    data_dir: str | None = None
    metric: tuple[str, ...] | None = None
    """What is measured beside the experiment's own, each as TOML has it."""
    callback: tuple[str, ...] | None = None
    """What is added to the experiment's own, each as TOML has it: a name, or a table in one line."""

    def given(self) -> list[str]:
        """The options that were given, as they are typed: ``--batch-size``."""
        return [option(field.name) for field in fields(self) if getattr(self, field.name) is not None]


def option(name: str) -> str:
    """A field's option.

    >>> option("batch_size")
    '--batch-size'
    """
    return f"--{name.replace('_', '-')}"


@explained
def changed(
    experiment: Experiment, changes: Changes, *, host: PluginHost | None = None
) -> tuple[Experiment, list[str]]:
    """The experiment with the changes made, and a line for each change that they brought with them.

    Raises:
        ArgumentError, UnknownComponentError, PluginError: a change cannot be made; the message names the option.
    """
    host = host or default_host()
    notes: list[str] = []
    settings: dict[str, Any] = {name: getattr(changes, name) for name in _PLAIN if getattr(changes, name) is not None}
    for name, value in settings.items():
        check_training(option(name), {name: value})
    # the number of epochs first: a schedule as long as the run stays so
    experiment = experiment.with_settings(**settings)
    layers = list(experiment.layers)
    if changes.layers is not None:
        sizes = changes.layers
        layers = _naming("layers", lambda: resized(layers, sizes))
    if changes.activation is not None:
        activation = _naming("activation", lambda: host.create("activations", changes.activation or ""))
        layers = _naming("activation", lambda: with_activation(layers, activation))
    settings = {"layers": layers}
    if changes.cost is not None:
        settings["cost"] = _naming("cost", lambda: host.create("costs", changes.cost or ""))
        settings["layers"] = _fitted(layers, experiment, settings["cost"], notes)
    if changes.optimizer is not None or changes.learning_rate is not None:
        settings["optimizer"] = _optimizer(experiment, changes, host)
        schedule = experiment.optimizer.config.get("learning_rate")
        if changes.learning_rate is not None and isinstance(schedule, Schedule):
            notes.append(f"The learning rate is constant now, instead of {schedule!r}.")
    if changes.engine is not None:
        settings["engine"] = _naming("engine", lambda: engine_named(host, changes.engine or ""))
    if changes.data_dir is not None:
        settings["dataset"] = replaced(
            experiment.dataset, dict.fromkeys(_folder_places(experiment.dataset), changes.data_dir)
        )
    if changes.metric is not None:
        measured = [inline_component(text, "metrics", source="--metric", host=host) for text in changes.metric]
        known = {metric.name for metric in experiment.metrics}
        settings["metrics"] = [*experiment.metrics, *(each for each in measured if each.name not in known)]
    if changes.callback is not None:
        added = [inline_component(text, "callbacks", source="--callback", host=host) for text in changes.callback]
        settings["callbacks"] = [*experiment.callbacks, *added]
    return experiment.with_settings(**settings), notes


def _folder_places(dataset: Dataset) -> list[str]:
    """The paths of the folders that a dataset, or one inside it, is read from.

    Raises:
        ArgumentError: there are none.
    """
    places = [path for path in parts(dataset) if path.rpartition(".")[-1] == "data_dir"]
    if not places:
        raise ArgumentError(f"--data-dir: the dataset {type(dataset).__name__} is not read from a folder")
    return places


def _naming(name: str, make: Callable[[], Any]) -> Any:
    try:
        return make()
    except LayerkitError as error:
        text = f"{option(name)}: {error}"
        for kind in (UnknownComponentError, PluginError):
            if isinstance(error, kind):
                raise kind(text) from error
        raise ArgumentError(text) from error


def _optimizer(experiment: Experiment, changes: Changes, host: PluginHost) -> Any:
    old = experiment.optimizer
    arguments = {} if changes.learning_rate is None else {"learning_rate": changes.learning_rate}
    if changes.optimizer is None:
        if "learning_rate" not in arguments_of(type(old)):
            raise ArgumentError(f"--learning-rate: the optimizer {type(old).__name__} has none")
        return _naming("learning_rate", lambda: replaced(old, arguments))
    name = changes.optimizer
    wanted = _naming("optimizer", lambda: host.load("optimizers", name))
    if type(old) is wanted:
        return _naming("optimizer", lambda: replaced(old, arguments))
    try:
        return host.create("optimizers", name, **arguments)
    except ArgumentError as error:
        hint = "" if arguments else ": give --learning-rate"
        raise ArgumentError(f"--optimizer: {error}{hint}") from error


def _fitted(layers: list[Layer], experiment: Experiment, cost: Any, notes: list[str]) -> list[Layer]:
    """The layers with an output that suits the cost, where the change of cost is what made it unsuitable."""
    own = output_activation(layers)
    name = type(cost).__name__
    if cost.readout() is not None and own is not None:
        notes.append(f"The output layer is linear now: {name} applies {type(cost.readout()).__name__} itself.")
        return with_output_activation(layers, None)
    before = experiment.cost.readout()
    were_logits = before is not None and before.lowest >= 0 and before.highest <= 1
    compares = cost.readout() is None and not cost.of_classes
    if compares and were_logits and own is None and isinstance(layers[-1], Dense):
        notes.append(f"The output layer has a sigmoid now: {name} compares it with the targets 0 and 1.")
        return with_output_activation(layers, Sigmoid())
    return layers
