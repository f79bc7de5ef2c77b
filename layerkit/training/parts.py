"""The parts of a trainer, as its constructor judges them, and whoever puts another one in the place of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerkit.arguments import check_boolean, check_collection, check_instance
from layerkit.errors import ArgumentError
from layerkit.interfaces.configurable import require_stored
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.engine import Engine
from layerkit.interfaces.metric import Metric
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.transform import Transform, trains_others
from layerkit.steps.target_scale import require_cost_of_numbers
from layerkit.training.standing import Standing

if TYPE_CHECKING:
    from layerkit.training.trainer import Trainer

_KINDS: dict[str, type] = {"cost": Cost, "optimizer": Optimizer, "engine": Engine}
_SAID_ONCE = ("model", "seed", "seed_drawn", "gate", "history", "warned")


def check_part(name: str, part: Any) -> None:
    """Refuse what is no cost, optimizer, engine, or list of metrics or transforms, whichever ``name`` says.

    Raises:
        ArgumentError: it is none, or does not store its arguments.
    """
    if name == "metrics":
        check_metrics("Trainer", part)
    elif name == "transforms":
        _check_transforms(part)
    else:
        check_instance("Trainer", name, part, _KINDS[name])
    for component in part if name in ("metrics", "transforms") else (part,):
        require_stored(component)


def check_metrics(owner: str, metrics: Any) -> None:
    """Refuse anything but metrics, each with a name.

    Raises:
        ArgumentError: one is none, or has no name.
    """
    check_collection(owner, "metrics", metrics, Metric)
    for metric in metrics:
        check_instance(owner, "metrics", metric, Metric)
        name = getattr(metric, "name", None)
        if not isinstance(name, str) or not name:
            kind = type(metric).__name__
            raise ArgumentError(
                f"{kind} has no name for histories{'' if name is None else f', but {name!r}'}: write "
                f'name = "{kind.lower()}" in the class'
            )


def _check_transforms(transforms: Any) -> None:
    check_collection("Trainer", "transforms", transforms, Transform)
    for transform in transforms:
        check_instance("Trainer", "transforms", transform, Transform)
    apart = [type(transform).__name__ for transform in transforms if trains_others(transform)]
    if len(apart) > 1:
        raise ArgumentError(
            f"Trainer: transforms holds {' and '.join(apart)}, and one alone can say which parameters the model "
            "has beside those that are trained: leave the others out"
        )


def replacement(trainer: Trainer, standing: Standing, name: str, value: Any) -> Any:
    """What a trainer is to have as ``name`` from now on.

    Raises:
        ArgumentError: the constructor would refuse it, or training cannot go on with it.
    """
    if name in _SAID_ONCE:
        raise ArgumentError(
            f"Trainer.{name} is what the training began with, and cannot be replaced: make another "
            "Trainer(model, cost=…, optimizer=…, seed=…)"
        )
    if name == "standardize_targets":
        check_boolean("Trainer", name, value)
        if value:
            require_cost_of_numbers(trainer.cost)
    elif name in ("cost", "optimizer", "engine", "metrics", "transforms"):
        check_part(name, value)
        if name == "cost" and trainer.standardize_targets:
            require_cost_of_numbers(value)
        if name in ("metrics", "transforms"):
            value = tuple(value)
        if name == "transforms" and [*map(type, value)] != [*map(type, trainer.transforms)]:
            standing.begin_with(len(value), trainer.model.dtype)
    return value
