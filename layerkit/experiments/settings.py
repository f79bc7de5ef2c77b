"""An experiment as JSON-safe values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from layerkit.engines.automatic import Automatic
from layerkit.errors import UnknownComponentError
from layerkit.experiments.engines import AUTO
from layerkit.experiments.experiment import TRAINING, Experiment
from layerkit.experiments.kinds import kind_of
from layerkit.interfaces.configurable import Configurable
from layerkit.registry.host import PluginHost, default_host


def settings_of(experiment: Experiment, *, host: PluginHost | None = None) -> dict[str, Any]:
    """The experiment in the form of its file, every argument written out; ``parse_experiment`` makes it again.

    A component that has no name in the registry is told by its class, ``"module.Class"``, and cannot be made again.
    """
    host = host or default_host()
    training = {name: getattr(experiment, name) for name in TRAINING}
    training["engine"] = _engine(experiment, host)
    return {
        "summary": experiment.summary,
        "dataset": _plain(experiment.dataset, host),
        "layers": _plain(experiment.layers, host),
        "cost": _plain(experiment.cost, host),
        "optimizer": _plain(experiment.optimizer, host),
        "metrics": _plain(experiment.metrics, host),
        "transforms": _plain(experiment.transforms, host),
        "training": training,
        "target": dict(experiment.target),
        "quick": _plain(experiment.quick, host),
    }


def name_of(component: Configurable, host: PluginHost) -> str:
    """What a person types for a component's class; its place in Python if it has no name."""
    cls = type(component)
    kind = kind_of(cls)
    try:
        if kind is not None:
            return host.find(kind, host.name_of(kind, cls)).short_name
    except UnknownComponentError:
        pass
    return f"{cls.__module__}.{cls.__qualname__}"


def _engine(experiment: Experiment, host: PluginHost) -> Any:
    if isinstance(experiment.engine, Automatic):
        return AUTO
    return {"component": "numpy"} if experiment.engine is None else _plain(experiment.engine, host)


def _plain(value: Any, host: PluginHost) -> Any:
    if isinstance(value, Configurable):
        config = {name: _plain(argument, host) for name, argument in value.config.items()}
        return {"component": name_of(value, host), **config}
    if isinstance(value, Mapping):
        return {str(name): _plain(inner, host) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner, host) for inner in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return value.item() if hasattr(value, "item") else value
