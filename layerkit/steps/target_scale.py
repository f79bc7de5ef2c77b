"""The scale of standardised targets: a readout that stays with a model."""

from __future__ import annotations

from typing import Any

from layerkit.activations.unstandardize import Unstandardize
from layerkit.errors import ArgumentError
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.cost import Cost
from layerkit.models.model import Model


def require_cost_of_numbers(cost: Cost) -> None:
    """Refuse a cost whose targets are no numbers that could be standardised.

    Raises:
        ArgumentError: it is one of classes, or has a readout of its own.
    """
    if cost.of_classes or cost.target_form == "labels" or cost.readout() is not None:
        raise ArgumentError(
            f"Trainer: standardize_targets is for targets that are numbers, and {type(cost).__name__} takes others: "
            "leave it out, or take a cost such as Quadratic"
        )


def readout_for(model: Model, cost: Cost) -> Activation | None:
    """The readout of a model that is trained or measured with a cost: the cost's, else the scale that it has learned.

    ``model.readout = None`` forgets that scale.
    """
    own = cost.readout()
    return model.readout if own is None and isinstance(model.readout, Unstandardize) else own


def readout_state(model: Model) -> dict[str, Any] | None:
    """The scale of a model's targets as JSON-safe values; None if it has none."""
    return model.readout.config if isinstance(model.readout, Unstandardize) else None


def restored_readout(state: dict[str, Any]) -> Unstandardize | None:
    """What ``readout_state`` gave, in the state of a trainer; earlier versions knew no such scale.

    Raises:
        ArgumentError: it is none.
    """
    found = state.get("readout")
    return None if found is None else Unstandardize(**found)
