"""Experiments as TOML files tell them, and back."""

from __future__ import annotations

import codecs
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layerkit.calls import explained
from layerkit.config.named import NamedDecoder, encoded
from layerkit.engines.automatic import Automatic
from layerkit.errors import ArgumentError
from layerkit.experiments.engine_choice import AUTO, engine_named
from layerkit.experiments.experiment import TRAINING, Experiment, check_quick, check_target, check_training
from layerkit.registry.host import PluginHost, default_host
from layerkit.suggestions import did_you_mean

_NEEDED = ("dataset", "layers", "cost", "optimizer")
_LISTS = ("metrics", "transforms", "callbacks")
_KEYS = ("summary", *_NEEDED, *_LISTS, "training", "target", "quick", "search")


@explained
def read_experiment(path: str | os.PathLike[str], *, host: PluginHost | None = None) -> Experiment:
    """The experiment in a TOML file, named after the file; ``docs/experiments.md`` shows the form.

    Raises:
        ArgumentError: the file cannot be read, or what it says cannot be used; the message names file and key.
        UnknownComponentError, PluginError: a component in it cannot be used.
    """
    place = Path(path)
    try:
        # Windows' editors begin a file in UTF-8 with a mark of it, which is no part of the text
        table = tomllib.loads(place.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ArgumentError(f"{place}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        if (encoding := _other_encoding(place)) is not None:
            raise ArgumentError(f"{place}: its text is in {encoding}, and TOML is UTF-8: save it as UTF-8") from error
        # besides what TOML and UTF-8 forbid, numbers of thousands of digits
        raise ArgumentError(f"{place}: not a TOML file: {error}") from error
    name = place.stem.replace("_", "-")
    return parse_experiment(table, name=name, source=str(place), folder=place.parent, host=host)


@explained
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
            f"{source}: {' and '.join(map(repr, missing))} must be given; an experiment needs {', '.join(_NEEDED)}"
        )
    summary = table.get("summary", "")
    if not isinstance(summary, str):
        raise ArgumentError(f"{source}: summary must be text, got {summary!r}")
    training = dict(_table(table, "training", source))
    engine = training.pop("engine", None)
    check_training(f"{source}: training", training)
    check_target(source, _table(table, "target", source))
    check_quick(source, _table(table, "quick", source))
    decoder = NamedDecoder(host, source, folder)
    if engine is not None:
        engine = engine_named(host, AUTO) if engine == AUTO else decoder.one(("engines",), engine, "training.engine")
    lists: dict[str, Any] = {key: decoder.several((key,), table.get(key, []), key) for key in _LISTS}
    return Experiment(
        name=name,
        summary=summary,
        dataset=decoder.one(("datasets",), table["dataset"], "dataset"),
        layers=decoder.several(("layers", "activations"), table["layers"], "layers"),
        cost=decoder.one(("costs",), table["cost"], "cost"),
        optimizer=decoder.one(("optimizers",), table["optimizer"], "optimizer"),
        engine=engine,
        target=table.get("target", {}),
        quick=table.get("quick", {}),
        search=_table(table, "search", source),
        **lists,
        **training,
    )


@explained
def settings_of(experiment: Experiment, *, host: PluginHost | None = None) -> dict[str, Any]:
    """The experiment in the form of its file, every argument written out; ``parse_experiment`` makes it again.

    A component that has no name in the registry is told by its class, ``"module.Class"``, and cannot be made again.
    """
    host = host or default_host()
    config = experiment.config
    if isinstance(experiment.engine, Automatic):
        config["engine"] = AUTO
    elif experiment.engine is None:
        config["engine"] = {"component": "numpy"}
    plain = encoded(config, host)
    plain["training"] = {name: plain[name] for name in (*TRAINING, "engine")}
    return {key: plain[key] for key in _KEYS if key != "search" or plain[key]}


def _other_encoding(place: Path) -> str | None:
    """UTF-16 or UTF-32, if the file is in one: by the mark at its beginning, or by the zeros between Latin letters."""
    with place.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) or start.count(0) == 3:
        return "UTF-32"
    return "UTF-16" if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or start.count(0) == 2 else None


def _table(table: Mapping[str, Any], key: str, source: str) -> Mapping[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, Mapping):
        known = f" with any of {', '.join(TRAINING)}, engine" if key == "training" else ""
        raise ArgumentError(f"{source}: {key} must be a table, [{key}]{known}; got {value!r}")
    return value
