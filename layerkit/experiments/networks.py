"""Changes to a network that is a list of layers."""

from __future__ import annotations

from collections.abc import Sequence

from layerkit.config.paths import replaced
from layerkit.errors import ArgumentError
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.layer import Layer
from layerkit.layers.dense import Dense


def resized(layers: Sequence[Layer], sizes: Sequence[int]) -> list[Layer]:
    """The network with dense layers of these sizes, the output's last; all other layers stay.

    Raises:
        ArgumentError: there is no dense layer, or their number would change where other layers stand between them.
    """
    places = _dense_places(layers, "sizes")
    if len(sizes) == len(places):
        new = list(layers)
        for place, units in zip(places, sizes, strict=True):
            new[place] = replaced(layers[place], {"units": units})
        return new
    first, last = places[0], places[-1]
    between = dict.fromkeys(type(layers[place]).__name__ for place in range(first, last) if place not in places)
    if between:
        count = f"{len(places)} dense layers with {', '.join(between)} between them"
        raise ArgumentError(
            f"this network has {count}, so their number cannot change: give {len(places)} sizes, got {len(sizes)}"
        )
    hidden = [replaced(layers[first], {"units": units}) for units in sizes[:-1]]
    return [*layers[:first], *hidden, replaced(layers[last], {"units": sizes[-1]}), *layers[last + 1 :]]


def with_activation(layers: Sequence[Layer], activation: Activation) -> list[Layer]:
    """The network with another activation wherever the hidden layers have one; the output keeps its own.

    Raises:
        ArgumentError: there is no dense layer, or none but the output.
    """
    output = _dense_places(layers, "activations")[-1]
    new = list(layers)
    hidden = [place for place in range(output) if isinstance(layers[place], Dense)]
    with_own = [place for place in hidden if layers[place].config["activation"] is not None]
    alone = [place for place in range(output) if isinstance(layers[place], Activation)]
    if not hidden and not alone:
        raise ArgumentError("this network has no hidden layer; its output keeps the activation that it has")
    for place in with_own if with_own or alone else hidden:
        new[place] = replaced(layers[place], {"activation": activation.copy()})
    for place in alone:
        new[place] = activation.copy()
    return new


def output_activation(layers: Sequence[Layer]) -> Activation | None:
    """The activation of the output where that is a dense layer."""
    last = layers[-1]
    return last.activation if isinstance(last, Dense) else None


def with_output_activation(layers: Sequence[Layer], activation: Activation | None) -> list[Layer]:
    """The network with another activation of its output, which must be a dense layer."""
    return [*layers[:-1], replaced(layers[-1], {"activation": activation})]


def _dense_places(layers: Sequence[Layer], what: str) -> list[int]:
    places = [place for place, layer in enumerate(layers) if isinstance(layer, Dense)]
    if not places:
        names = ", ".join(type(layer).__name__ for layer in layers)
        raise ArgumentError(f"this network has no dense layer whose {what} could change; its layers: {names}")
    return places
