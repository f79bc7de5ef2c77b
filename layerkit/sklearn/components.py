"""Components as an estimator's parameters give them: objects, names, or tables of a name and arguments."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

from layerkit.activations.identity import Identity
from layerkit.activations.relu import ReLU
from layerkit.activations.sigmoid import Sigmoid
from layerkit.activations.tanh import Tanh
from layerkit.arguments import check_instance, shown
from layerkit.config.named import NAMED, NamedDecoder
from layerkit.config.paths import replaced
from layerkit.errors import ArgumentError
from layerkit.experiments.engine_choice import AUTO, engine_named
from layerkit.initializers.glorot import Glorot
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.interfaces.engine import Engine
from layerkit.interfaces.layer import Layer
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.layers.dense import Dense
from layerkit.lazy import resolve
from layerkit.models.sequential import Sequential
from layerkit.optimizers.adam import Adam
from layerkit.optimizers.gradient_descent import GradientDescent
from layerkit.registry.construction import kinds_of_argument
from layerkit.registry.host import default_host
from layerkit.registry.kinds import KINDS

KINDS_OF = {
    "activation": ("activations",),
    "layers": ("layers", "activations"),
    "cost": ("costs",),
    "optimizer": ("optimizers",),
    "learning_rate_init": ("schedules",),
    "transforms": ("transforms",),
    "engine": ("engines",),
    "callbacks": ("callbacks",),
}
"""The parameters that hold components, and the kinds that each takes."""

_FAMILIAR: dict[tuple[str, str], Callable[[], Any]] = {
    ("activation", "relu"): ReLU,
    ("activation", "logistic"): Sigmoid,
    ("activation", "tanh"): Tanh,
    ("activation", "identity"): Identity,
    ("optimizer", "adam"): Adam,
    ("optimizer", "sgd"): lambda: GradientDescent(0.001, momentum=0.9, nesterov=True),
}
"""What MLPClassifier calls by name, as it means it; found without a look at the registry."""


def component(owner: str, parameter: str, given: Any) -> Any:
    """The component that a parameter gives: its own object, or one made of a name or a table.

    Raises:
        ArgumentError: it is no component of the parameter's kind; the message names the parameter.
        UnknownComponentError, PluginError: there is none of this name, or it cannot be used.
    """
    kinds = KINDS_OF[parameter.partition("[")[0]]
    if isinstance(given, str) and (parameter, given) in _FAMILIAR:
        return _FAMILIAR[parameter, given]()
    if parameter == "engine" and given == AUTO:
        return engine_named(default_host(), AUTO)
    if isinstance(given, (str, dict)):
        given = NamedDecoder(default_host(), owner).one(kinds, given, parameter)
    bases = tuple(resolve(base) for kind in kinds if (base := KINDS[kind].base) is not None)
    if not isinstance(given, bases):
        check_instance(owner, parameter, given, bases[0])
    return given


def components(owner: str, parameter: str, given: Any) -> list[Any]:
    """The components of a parameter that holds several.

    Raises:
        ArgumentError, UnknownComponentError, PluginError: as ``component``.
    """
    if not isinstance(given, (list, tuple)):
        raise ArgumentError(f"{owner}: {parameter} must be a list, got {shown(given)}: write {parameter}=[…]")
    return [component(owner, f"{parameter}[{place}]", each) for place, each in enumerate(given)]


def layers_of(owner: str, given: Any) -> list[Layer]:
    """Copies of the layers that an estimator was given, values and all; a model is given as its layers, or as one.

    Raises:
        ArgumentError, UnknownComponentError, PluginError: as ``component``.
    """
    if isinstance(given, Sequential):
        given = list(given.layers)
    elif isinstance(given, Layer):
        given = [given]
    # at once, so that one layer in two places stays one
    return copy.deepcopy(components(owner, "layers", given))


def hidden_layers(owner: str, sizes: Any, activation: Any) -> list[Layer]:
    """A dense layer of each size, with an activation of its own; biases are drawn as weights, as MLPClassifier does it.

    Raises:
        ArgumentError: a size is no integer of at least 1.
    """
    numbers: Sequence[Any] = list(sizes) if hasattr(sizes, "__iter__") and not isinstance(sizes, str) else [sizes]
    function: Activation = component(owner, "activation", activation)
    try:
        return [Dense(units, activation=function.copy(), bias_initializer=Glorot()) for units in numbers]
    except ArgumentError as error:
        raise ArgumentError(
            f"{owner}: hidden_layer_sizes must be the units of each hidden layer, such as (100,) or (64, 32); got "
            f"{shown(sizes)} ({error})"
        ) from None


def optimizer_of(owner: str, given: Any, learning_rate: Any, *, batches: int) -> Optimizer:
    """A copy of the optimizer, at ``learning_rate`` if that is not None: a callback may change it.

    ``"adam"`` without one takes max(0.001, 0.05 / batches²), for an epoch of so many: few batches are few steps, and in
    200 epochs of one batch 0.001 moves no weight by more than 0.2.

    Raises:
        ArgumentError, UnknownComponentError, PluginError: as ``component``.
    """
    if learning_rate is None and isinstance(given, str) and given == "adam":
        return Adam(max(0.001, 0.05 / batches**2))
    if learning_rate is None and needs_rate(owner, given):
        raise ArgumentError(
            f"{owner}: the optimizer {shown(given)} has no learning rate of its own: give learning_rate_init=0.1, say"
        )
    found: Optimizer = replaced(with_any_rate(owner, given), {})
    if learning_rate is None:
        return found
    if isinstance(learning_rate, (str, dict, Schedule)):
        learning_rate = component(owner, "learning_rate_init", learning_rate)
    return replaced(found, {"learning_rate": learning_rate})


def needs_rate(owner: str, given: Any) -> bool:
    """Whether an optimizer is given by name or table, and cannot be made for want of a learning rate.

    Raises:
        UnknownComponentError, PluginError: as ``component``.
    """
    spelled = NAMED.spelling({"component": given} if isinstance(given, str) else given)
    if spelled is None or ("optimizer", given if isinstance(given, str) else None) in _FAMILIAR:
        return False
    _, _, kind = NamedDecoder(default_host(), owner).found(spelled, KINDS_OF["optimizer"], "optimizer")
    rate = arguments_of(kind).get("learning_rate")
    return rate is not None and rate.default is rate.empty and "learning_rate" not in spelled.arguments


def with_any_rate(owner: str, given: Any) -> Optimizer:
    """The optimizer that is given; with a rate of 0 where it cannot be made without one.

    Raises:
        ArgumentError, UnknownComponentError, PluginError: as ``component``.
    """
    if needs_rate(owner, given):
        given = {**({"component": given} if isinstance(given, str) else given), "learning_rate": 0.0}
    found: Optimizer = component(owner, "optimizer", given)
    return found


def inner_component(owner: str, holder: Any, argument: str, given: Any, path: str) -> Any:
    """What is given for a component's argument, made if it is the name or the table of a component.

    Raises:
        ArgumentError, UnknownComponentError, PluginError: as ``component``.
    """
    if not isinstance(holder, Configurable) or not isinstance(given, (str, dict)):
        return given
    if isinstance(given, str) and (argument, given) in _FAMILIAR:
        return _FAMILIAR[argument, given]()
    kinds = kinds_of_argument(type(holder), argument) if argument in arguments_of(type(holder)) else ()
    return NamedDecoder(default_host(), owner).decode(given, kinds, path) if kinds else given


def engine_of(owner: str, given: Any) -> Engine | None:
    """The engine; None is the default."""
    return None if given is None else component(owner, "engine", given)
