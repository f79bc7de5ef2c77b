"""The hooks that a plugin implements: one a kind of component.

Every hook takes no argument and returns a list of ``Component`` records. Hooks are called once, when something of the
plugin is first asked for; they must be quick and import nothing that is not needed for the records themselves.
"""

# A specification has no body.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from layerkit.component import Component

PROJECT = "layerkit"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a hook module as the implementation of the hook that has its name."""


@hookspec
def layerkit_layers() -> Sequence[Component]:
    """Layers: ``layerkit_layers()``, no arguments; targets derive from ``layerkit.interfaces.layer.Layer``."""


@hookspec
def layerkit_activations() -> Sequence[Component]:
    """Activations: ``layerkit_activations()``, no arguments; targets derive from
    ``layerkit.interfaces.activation.Activation``.
    """


@hookspec
def layerkit_costs() -> Sequence[Component]:
    """Costs: ``layerkit_costs()``, no arguments; targets derive from ``layerkit.interfaces.cost.Cost``."""


@hookspec
def layerkit_optimizers() -> Sequence[Component]:
    """Optimizers: ``layerkit_optimizers()``, no arguments; targets derive from
    ``layerkit.interfaces.optimizer.Optimizer``.
    """


@hookspec
def layerkit_transforms() -> Sequence[Component]:
    """Transforms of gradient or parameters: ``layerkit_transforms()``, no arguments; targets derive from
    ``layerkit.interfaces.transform.Transform``.
    """


@hookspec
def layerkit_schedules() -> Sequence[Component]:
    """Schedules of the learning rate: ``layerkit_schedules()``, no arguments; targets derive from
    ``layerkit.interfaces.schedule.Schedule``.
    """


@hookspec
def layerkit_initializers() -> Sequence[Component]:
    """Initializers: ``layerkit_initializers()``, no arguments; targets derive from
    ``layerkit.interfaces.initializer.Initializer``.
    """


@hookspec
def layerkit_metrics() -> Sequence[Component]:
    """Metrics: ``layerkit_metrics()``, no arguments; targets derive from ``layerkit.interfaces.metric.Metric``."""


@hookspec
def layerkit_callbacks() -> Sequence[Component]:
    """Callbacks: ``layerkit_callbacks()``, no arguments; targets derive from
    ``layerkit.interfaces.callback.Callback``.
    """


@hookspec
def layerkit_datasets() -> Sequence[Component]:
    """Datasets: ``layerkit_datasets()``, no arguments; targets derive from ``layerkit.interfaces.dataset.Dataset``."""


@hookspec
def layerkit_engines() -> Sequence[Component]:
    """Engines: ``layerkit_engines()``, no arguments; targets derive from ``layerkit.interfaces.engine.Engine``."""


@hookspec
def layerkit_examples() -> Sequence[Component]:
    """Examples for ``layerkit run``: ``layerkit_examples()``, no arguments; targets are paths of ``.toml`` or ``.py``
    files, ``Experiment`` objects, or callables without arguments, which may return an ``Experiment`` or an exit code.
    """
