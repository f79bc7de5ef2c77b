"""Experiments in TOML files."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layerkit.errors import ArgumentError
from layerkit.experiments.building import Builder
from layerkit.experiments.engines import engine_named
from layerkit.experiments.experiment import TRAINING, Experiment, check_quick, check_target, check_training
from layerkit.registry.host import PluginHost, default_host
from layerkit.registry.messages import did_you_mean

_NEEDED = ("dataset", "layers", "cost", "optimizer")
_KEYS = ("summary", *_NEEDED, "metrics", "transforms", "training", "target", "quick")


def read_experiment(path: str | os.PathLike[str], *, host: PluginHost | None = None) -> Experiment:
    """The experiment in a TOML file, named after the file; ``docs/experiments.md`` shows the form.

    Raises:
        ArgumentError: the file cannot be read, or what it says cannot be used; the message names file and key.
        UnknownComponentError, PluginError: a component in it cannot be used.
    """
    place = Path(path)
    try:
        table = tomllib.loads(place.read_text(encoding="utf-8"))
    except OSError as error:
        raise ArgumentError(f"{place}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ArgumentError(f"{place}: not a TOML file: {error}") from error
    name = place.stem.replace("_", "-")
    return parse_experiment(table, name=name, source=str(place), folder=place.parent, host=host)


def parse_experiment(
    table: Mapping[str, Any],
    *,
    name: str,
    source: str = "the experiment",
    folder: Path | None = None,
    host: PluginHost | None = None,
) -> Experiment:
    """The experiment that a table describes, such as what ``settings_of`` gives.

    ``source`` names the table in errors; datasets' relative paths are taken from ``folder``.

    Raises:
        ArgumentError, UnknownComponentError, PluginError: as ``read_experiment``.
    """
    host = host or default_host()
    for key in table:
        if key not in _KEYS:
            raise ArgumentError(
                f"{source}: there is no key {key!r}.{did_you_mean(key, _KEYS)} The keys: {', '.join(_KEYS)}"
            )
    missing = [key for key in _NEEDED if key not in table]
    if missing:
        raise ArgumentError(
            f"{source}: {' and '.join(map(repr, missing))} must be given; an experiment needs {_needed()}"
        )
    summary = table.get("summary", "")
    if not isinstance(summary, str):
        raise ArgumentError(f"{source}: summary must be text, got {summary!r}")
    training = dict(_table(table, "training", source))
    engine = training.pop("engine", None)
    check_training(f"{source}: training", training)
    check_target(source, _table(table, "target", source))
    check_quick(source, _table(table, "quick", source))
    builder = Builder(host, source, folder)
    return Experiment(
        name=name,
        summary=summary,
        dataset=builder.component(("datasets",), table["dataset"], "dataset"),
        layers=builder.components(("layers", "activations"), table["layers"], "layers"),
        cost=builder.component(("costs",), table["cost"], "cost"),
        optimizer=builder.component(("optimizers",), table["optimizer"], "optimizer"),
        metrics=builder.components(("metrics",), table.get("metrics", []), "metrics"),
        transforms=builder.components(("transforms",), table.get("transforms", []), "transforms"),
        engine=engine_named(host, "auto") if engine == "auto" else _engine(builder, engine),
        target=table.get("target", {}),
        quick=table.get("quick", {}),
        **training,
    )


def _engine(builder: Builder, engine: Any) -> Any:
    return None if engine is None else builder.component(("engines",), engine, "training.engine")


def _table(table: Mapping[str, Any], key: str, source: str) -> Mapping[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, Mapping):
        known = f" with any of {', '.join(TRAINING)}, engine" if key == "training" else ""
        raise ArgumentError(f"{source}: {key} must be a table, [{key}]{known}; got {value!r}")
    return value


def _needed() -> str:
    return ", ".join(_NEEDED)
