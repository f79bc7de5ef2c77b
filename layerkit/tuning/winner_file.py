"""The winner's experiment as a TOML file, without what is as it always is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layerkit.config.named import is_path, name_of
from layerkit.errors import SearchError
from layerkit.experiments.experiment import TRAINING, Experiment
from layerkit.experiments.experiment_file import parse_experiment, settings_of
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.interfaces.dataset import Dataset
from layerkit.registry.host import PluginHost, default_host
from layerkit.tuning.result import Result


def winner_toml(result: Result, *, folder: Path | None = None, host: PluginHost | None = None) -> str:
    """The text of a file that ``layerkit run`` takes, and in which the median run can be had again.

    ``folder``: where the file will be, from which relative paths of the dataset lead; left out: here.

    Raises:
        SearchError: there is no winner, or TOML cannot tell it.
    """
    import tomlkit

    host = host or default_host()
    if result.settings is None:
        raise SearchError("no trial is complete, so there is no winner to write")
    settings = {**result.settings, "summary": _summary(result)}
    experiment = parse_experiment(settings, name=result.name, source=result.name, host=host)
    text = tomlkit.dumps(_concise(experiment, host))
    again = parse_experiment(tomlkit.parse(text).unwrap(), name=result.name, source=result.name, host=host)
    if settings_of(again, host=host) != settings_of(experiment, host=host):
        raise SearchError(
            "the winner has an argument that TOML cannot tell (None where another value is the usual one)"
        )
    return text if folder is None else tomlkit.dumps(_concise(experiment, host, folder))


def _summary(result: Result) -> str:
    best = result.best
    if best is None or best.value is None:
        raise SearchError("no trial is complete, so there is no winner to write")
    name = result.objective.name.replace("_", " ")
    found = f"Found by layerkit tune: validation {name} {best.value:.4g} in trial {best.number}"
    if result.median is None or result.spread is None:
        return f"{found}."
    low, high = result.spread
    seeds = f"{len(result.figures)} seeds ({low:.4g} to {high:.4g})"
    return f"{found}; test {name} {result.median:.4g} in the median of {seeds}."


def _concise(experiment: Experiment, host: PluginHost, folder: Path | None = None) -> dict[str, Any]:
    import tomlkit

    table: dict[str, Any] = {"summary": experiment.summary}
    for key in ("dataset", "layers", "cost", "optimizer", "metrics", "transforms", "callbacks"):
        value = getattr(experiment, key)
        if value not in ((), []):
            table[key] = _plain(value, host, folder)
            if key == "layers":
                lines = tomlkit.array()
                lines.extend(table[key])
                table[key] = lines.multiline(True)
    usual = {name: field.default for name, field in type(experiment).__dataclass_fields__.items()}
    training = {name: getattr(experiment, name) for name in TRAINING}
    table["training"] = {
        name: _plain(value, host)
        for name, value in training.items()
        if name in ("epochs", "batch_size", "seed") or value != usual[name]
    }
    if experiment.engine is not None:
        engine = settings_of(experiment, host=host)["training"]["engine"]
        if engine != {"component": "numpy"}:
            table["training"]["engine"] = engine
    return table


def _plain(value: Any, host: PluginHost, folder: Path | None = None) -> Any:
    if isinstance(value, Configurable):
        arguments = arguments_of(type(value))
        given = {
            name: _plain(inner, host, folder)
            for name, inner in value.config.items()
            if inner is not None and not (name in arguments and _same(inner, arguments[name].default))
        }
        if folder is not None and isinstance(value, Dataset):
            given |= {
                name: os.path.relpath(path, folder.resolve())
                for name, path in given.items()
                if name in arguments and is_path(type(value), name) and not os.path.isabs(path)
            }
        name = name_of(value, host)
        return {"component": name, **given} if given else name
    if isinstance(value, Mapping):
        return {str(name): _plain(inner, host, folder) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner, host, folder) for inner in value]
    return os.fsdecode(value) if isinstance(value, os.PathLike) else value


def _same(value: Any, usual: Any) -> bool:
    return type(value) is type(usual) and isinstance(value, (bool, int, float, str)) and value == usual
