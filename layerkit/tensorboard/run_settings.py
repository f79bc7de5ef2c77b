"""The settings of a run, as TensorBoard compares them with those of others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from layerkit.config.paths import flat
from layerkit.models.sequential import Sequential
from layerkit.tensorboard.event_files import PARTS, RUN

_OF_FIT = ("batch_size", "accumulate", "shuffle", "drop_last")


def settings_of(fit: Any) -> dict[str, Any]:
    """What was chosen for a fit, by path, ``layers.0.units`` and ``optimizer.learning_rate``: as in an experiment."""
    trainer, model = fit.trainer, fit.model
    told = {
        **({"layers": list(model.layers)} if type(model) is Sequential else {"model": model}),
        "cost": trainer.cost,
        "optimizer": trainer.optimizer,
        "transforms": list(trainer.transforms),
        "engine": trainer.engine,
        "dtype": model.dtype.name,
        "standardize_targets": trainer.standardize_targets,
        "seed": trainer.seed,
        **{name: getattr(fit.job, name) for name in _OF_FIT},
    }
    return {path: _shown(value) for path, value in flat(told).items() if value not in ([], {})}


def place_of_measure(name: str) -> tuple[str, str]:
    """The run below the folder, and the name of the chart: one chart has ``cost`` and ``validation_cost``."""
    for part in PARTS:
        if name.startswith(f"{part}_"):
            return part, name.removeprefix(f"{part}_")
    return RUN, name


def comparison(settings: dict[str, Any], measures: Iterable[str]) -> list[Any]:
    """The summaries that tell the settings, and which measures are shown beside them: always their newest values."""
    from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData
    from tensorboardX.summary import hparams

    names = list(measures)
    experiment, start, _ = hparams(settings, dict.fromkeys(names, 0.0))
    content = experiment.value[0].metadata.plugin_data
    told = HParamsPluginData.FromString(content.content)
    for name, info in zip(names, told.experiment.metric_infos, strict=True):
        info.name.group, info.name.tag = place_of_measure(name)
        info.display_name = name
    content.content = told.SerializeToString()
    return [experiment, start]


def ended() -> list[Any]:
    """The summary that tells that the run has come to its end."""
    from tensorboardX.summary import hparams

    return [hparams({}, {})[2]]


def _shown(value: Any) -> Any:
    # what is neither a number nor a word would be shown as nothing at all
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
