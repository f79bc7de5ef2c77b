"""Making a component from arguments that came as text, with errors that say which arguments there are."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, get_args, get_type_hints

from layerkit.calls import listed, misfit
from layerkit.errors import ArgumentError, LayerkitError, PluginError
from layerkit.registry.kinds import KINDS, kind_of
from layerkit.registry.messages import describe


def construct(name: str, component_class: Any, arguments: Mapping[str, Any]) -> Any:
    """Call the class with keyword arguments.

    Raises:
        ArgumentError: an argument is unknown, missing or refused; the message names the component and lists its
            arguments.
        PluginError: the constructor failed in a way that has nothing to do with the arguments.
    """
    parameters = inspect.signature(component_class).parameters
    wrong = misfit(name, parameters, (), arguments)
    if wrong is not None:
        raise ArgumentError(wrong)
    try:
        return component_class(**arguments)
    except LayerkitError:
        raise
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"{name} refused its arguments: {describe(error)}. {name} takes {listed(parameters)}"
        ) from error
    except Exception as error:
        raise PluginError(f"{name} could not be made: {describe(error)}") from error


def misfits(parameters: Mapping[str, inspect.Parameter], arguments: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The names among ``arguments`` that are no parameters, and the parameters without a default that are missing."""
    unknown = [name for name in arguments if name not in parameters]
    missing = [
        parameter.name
        for parameter in parameters.values()
        if parameter.default is inspect.Parameter.empty and parameter.name not in arguments
    ]
    return unknown, missing


# a search makes a thousand experiments, and what a class takes stays as it is
@lru_cache(maxsize=4096)
def kinds_of_argument(component_class: type, argument: str) -> tuple[str, ...]:
    """The kinds that an argument's annotation names; none for plain values. A layer may be an activation.

    >>> from layerkit import Adam, Dense, Residual
    >>> kinds_of_argument(Dense, "activation"), kinds_of_argument(Residual, "layer")
    (('activations',), ('layers', 'activations'))
    >>> kinds_of_argument(Adam, "learning_rate"), kinds_of_argument(Adam, "beta1")
    (('schedules',), ())
    """
    parameter = inspect.signature(component_class).parameters.get(argument)
    if parameter is None or parameter.annotation is parameter.empty:
        return ()
    try:
        annotation = get_type_hints(component_class.__init__)[argument]  # type: ignore[misc]
        kinds = [kind for cls in _classes(annotation) if (kind := kind_of(cls)) is not None]
    except Exception:  # an annotation may name what is imported for type checkers only, and then anything can go wrong
        words = set(re.findall(r"\w+", str(parameter.annotation)))
        kinds = [kind for kind in KINDS.values() if kind.base is not None and kind.base.rpartition(":")[2] in words]
    names = dict.fromkeys(kind.name for kind in kinds)
    return tuple(names | dict.fromkeys(["activations"] if "layers" in names else []))


def _classes(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type):
        yield annotation
    for inner in get_args(annotation):
        yield from _classes(inner)
