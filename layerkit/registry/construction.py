"""Making a component from arguments that came as text, with errors that say which arguments there are."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from layerkit.errors import ArgumentError, LayerkitError, PluginError
from layerkit.registry.messages import describe, did_you_mean


def construct(name: str, component_class: Any, arguments: Mapping[str, Any]) -> Any:
    """Call the class with keyword arguments.

    Raises:
        ArgumentError: an argument is unknown, missing or refused; the message names the component and lists its
            arguments.
        PluginError: the constructor failed in a way that has nothing to do with the arguments.
    """
    parameters = inspect.signature(component_class).parameters
    accepted = f"{name} takes {described(parameters)}"
    for argument in arguments:
        if argument not in parameters:
            near = did_you_mean(argument, parameters)
            raise ArgumentError(f"{name} has no argument {argument!r}.{near} {accepted}")
    missing = [
        repr(parameter.name)
        for parameter in parameters.values()
        if parameter.default is inspect.Parameter.empty and parameter.name not in arguments
    ]
    if missing:
        raise ArgumentError(f"{name} needs the argument{'s' * (len(missing) > 1)} {', '.join(missing)}. {accepted}")
    try:
        return component_class(**arguments)
    except LayerkitError:
        raise
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"{name} refused its arguments: {describe(error)}. {accepted}") from error
    except Exception as error:
        raise PluginError(f"{name} could not be made: {describe(error)}") from error


def described(parameters: Mapping[str, inspect.Parameter]) -> str:
    """The arguments as a person would write them: ``units, activation=None``."""
    shown = [
        parameter.name if parameter.default is inspect.Parameter.empty else f"{parameter.name}={parameter.default!r}"
        for parameter in parameters.values()
    ]
    return ", ".join(shown) or "no arguments"
