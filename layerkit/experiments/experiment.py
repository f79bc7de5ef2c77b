"""The description of an experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, Self, final

from layerkit.arguments import (
    check_boolean,
    check_choice,
    check_collection,
    check_instance,
    check_integer,
    check_number,
)
from layerkit.calls import Explained
from layerkit.config.paths import replaced
from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import Callback
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Dataset
from layerkit.interfaces.engine import Engine
from layerkit.interfaces.layer import Layer
from layerkit.interfaces.metric import Metric, lower_is_better
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.transform import Transform
from layerkit.steps.class_weights import check_class_weights
from layerkit.suggestions import did_you_mean

TRAINING = (
    "epochs",
    "batch_size",
    "seed",
    "dtype",
    "shuffle",
    "drop_last",
    "accumulate",
    "training_examples",
    "validation_fraction",
    "class_weights",
    "standardize_targets",
    "training_metrics",
)
"""The settings of training that are plain values."""


@final
@dataclass(frozen=True, kw_only=True)
class Experiment(metaclass=Explained):
    """A dataset, a network, and how it is trained; nothing is loaded or built before a ``Session`` is.

    The components are patterns: a session trains copies of ``layers`` and calls copies of ``callbacks``.
    ``training_examples`` limits training to the first so many; None takes all. ``validation_fraction`` keeps that part
    of them apart, as ``layerkit.split`` does, the same rows for every seed: callbacks see it measured after each epoch,
    and the test data is measured once, at the end. Without it, callbacks see the test data. ``class_weights``,
    ``standardize_targets`` and ``training_metrics`` are those of ``Trainer`` and its ``fit``.

    ``target`` names what the run must reach, such as ``{"test_accuracy": 0.95}``: measures of the test data begin with
    ``test_``, and are the cost and what ``metrics`` holds; costs and errors must be at most the number, all else at
    least. ``quick`` holds settings (of those in ``TRAINING``) and a ``target`` for a run in seconds. ``search`` is the
    table of what ``layerkit tune`` chooses, for ``layerkit.tuning.parse_search``.

    Raises:
        ArgumentError: a field is of the wrong kind, or out of range.

    >>> from layerkit import Dense, Digits, Flatten, GradientDescent, Quadratic, Rescale, Sigmoid
    >>> from layerkit.experiments import Experiment, Session
    >>> layers = [Flatten(), Rescale(1 / 16), Dense(10, activation=Sigmoid())]
    >>> experiment = Experiment(
    ...     name="one", dataset=Digits(), layers=layers, cost=Quadratic(), optimizer=GradientDescent(1.0), epochs=3
    ... )
    >>> len(Session(experiment).fit())
    3
    """

    name: str
    dataset: Dataset
    layers: Sequence[Layer]
    cost: Cost
    optimizer: Optimizer
    metrics: Sequence[Metric] = ()
    transforms: Sequence[Transform] = ()
    callbacks: Sequence[Callback] = ()
    engine: Engine | None = None
    epochs: int = 10
    batch_size: int = 32
    seed: int = 0
    dtype: str = "float32"
    shuffle: bool = True
    drop_last: bool = False
    accumulate: int = 1
    training_examples: int | None = None
    validation_fraction: float | None = None
    class_weights: Literal["balanced"] | Mapping[Any, float] | None = None
    standardize_targets: bool = False
    training_metrics: bool = False
    target: Mapping[str, float] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)
    search: Mapping[str, Any] = field(default_factory=dict)
    summary: str = ""

    def __post_init__(self) -> None:
        check_instance(self, "name", self.name, str)
        check_instance(self, "summary", self.summary, str)
        single: dict[str, type] = {"dataset": Dataset, "cost": Cost, "optimizer": Optimizer}
        several: dict[str, type] = {
            "layers": Layer,
            "metrics": Metric,
            "transforms": Transform,
            "callbacks": Callback,
        }
        for name, kind in single.items():
            check_instance(self, name, getattr(self, name), kind)
        check_instance(self, "engine", self.engine, Engine, optional=True)
        for name, kind in several.items():
            check_collection(self, name, getattr(self, name), kind)
            for place, component in enumerate(getattr(self, name)):
                check_instance(self, f"{name}[{place}]", component, kind)
        if not self.layers:
            raise ArgumentError("Experiment: layers must hold at least one layer")
        check_training(self, {name: getattr(self, name) for name in TRAINING})
        check_target(self, self.target)
        check_quick(self, self.quick)
        check_instance(self, "search", self.search, Mapping)
        for what, target in (("target", self.target), ("quick: target", self.quick.get("target", {}))):
            for name, wanted in target.items():
                self._require_measured(what, name)
                self._require_reachable(what, name, wanted)

    @property
    def config(self) -> dict[str, Any]:
        """The fields by name; ``layerkit.config`` reads and replaces what is inside them by path."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def with_settings(self, **settings: Any) -> Self:
        """The same experiment with other fields.

        A schedule of the learning rate that is as long as the run stays so.
        """
        for name in settings:
            if name not in self.config:
                raise ArgumentError(f"Experiment has no field {name!r}.{did_you_mean(name, self.config)}")
        epochs = settings.get("epochs", self.epochs)
        if epochs != self.epochs and "optimizer" not in settings:
            settings["optimizer"] = _stretched(self.optimizer, self.epochs, epochs)
        return replace(self, **settings)

    def quickened(self) -> Self:
        """The experiment in its short form; itself if it has none."""
        return self.with_settings(**{"target": {}, **self.quick}) if self.quick else self

    def _require_measured(self, what: str, name: str) -> None:
        """Refuse the name of a target that nothing measures at the end.

        Raises:
            ArgumentError: the message has the names that are.
        """
        if "test" not in self.dataset.splits:
            raise ArgumentError(
                f"Experiment: {what} {name!r} is never measured, for the dataset {type(self.dataset).__name__} has no "
                "test data: leave the target out"
            )
        measured = [f"test_{each}" for each in ("cost", *(metric.name for metric in self.metrics))]
        if name not in measured:
            raise ArgumentError(
                f"Experiment: {what} {name!r} is never measured.{did_you_mean(name, measured)} At the end are measured "
                f"{', '.join(measured)}; `metrics` says what else"
            )

    def _require_reachable(self, what: str, name: str, wanted: float) -> None:
        """Refuse a target that its measure cannot reach, whatever the model.

        Raises:
            ArgumentError: the message has the bounds, and the share that a percentage may have meant.
        """
        for metric in self.metrics:
            if name != f"test_{metric.name}":
                continue
            lowest, highest = metric.bounds
            if (wanted >= lowest) if lower_is_better(name) else (wanted <= highest):
                continue
            relation, bound = ("at least", lowest) if lower_is_better(name) else ("at most", highest)
            share = f": did you mean {wanted / 100:g}?" if highest == 1 < wanted <= 100 else ""
            raise ArgumentError(
                f"Experiment: {what} {name!r} is {wanted:g}, and {metric!r} is {relation} {bound:g}, so it is never "
                f"reached{share}"
            )

    def missed(self, measured: Mapping[str, Any]) -> list[str]:
        """One line for each target that ``measured`` does not reach."""
        return [
            f"{name} is {found}, the target is at {'most' if low else 'least'} {wanted}"
            for name, wanted in self.target.items()
            for low, found in [(lower_is_better(name), measured.get(name, "not measured"))]
            if not isinstance(found, (int, float)) or not (found <= wanted if low else found >= wanted)
        ]


def check_training(owner: object, values: Mapping[str, Any]) -> None:
    """Refuse settings of training that are out of range, and names that are not settings."""
    for name, value in values.items():
        if name in {"epochs", "batch_size", "accumulate"}:
            check_integer(owner, name, value, minimum=1)
        elif name == "seed":
            check_integer(owner, name, value, minimum=0)
        elif name == "dtype":
            check_choice(owner, name, value, ("float32", "float64"))
        elif name in {"shuffle", "drop_last", "standardize_targets", "training_metrics"}:
            check_boolean(owner, name, value)
        elif name == "training_examples":
            if value is not None:
                check_integer(owner, name, value, minimum=1)
        elif name == "validation_fraction":
            if value is not None:
                check_number(owner, name, value, above=0, below=1)
        elif name == "class_weights":
            check_class_weights(owner, value)
        else:
            _refuse_name(owner, "setting of training", name, TRAINING)


def check_target(owner: object, target: Any) -> None:
    """Refuse a target that is not a table of numbers."""
    check_instance(owner, "target", target, Mapping)
    for name, value in target.items():
        check_number(owner, f"target {name!r}", value)


def check_quick(owner: object, quick: Any) -> None:
    """Refuse a short form with anything but settings of training and a target."""
    check_instance(owner, "quick", quick, Mapping)
    check_training(f"{_title(owner)}: quick", {name: value for name, value in quick.items() if name != "target"})
    check_target(f"{_title(owner)}: quick", quick.get("target", {}))


def _refuse_name(owner: object, what: str, name: str, known: Sequence[str]) -> None:
    raise ArgumentError(
        f"{_title(owner)}: there is no {what} named {name!r}.{did_you_mean(name, known)} There are: {', '.join(known)}"
    )


def _title(owner: object) -> str:
    return owner if isinstance(owner, str) else type(owner).__name__


def _stretched(optimizer: Optimizer, before: int, after: int) -> Optimizer:
    schedule: Any = optimizer.config.get("learning_rate")
    length = getattr(schedule, "config", {})
    if length.get("unit") != "epoch" or length.get("length") != before:
        return optimizer
    return replaced(optimizer, {"learning_rate.length": after})
