"""From what a person types after ``layerkit run`` to what is to be run."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias, final

from layerkit.calls import explained
from layerkit.errors import ArgumentError, UnknownComponentError
from layerkit.experiments.experiment import Experiment
from layerkit.experiments.experiment_file import read_experiment
from layerkit.registry.host import PluginHost, default_host
from layerkit.suggestions import did_you_mean, meant

_SUFFIXES = (".toml", ".py")


@final
@dataclass(frozen=True)
class Script:
    """A Python file that is run as a program."""

    path: Path


Runnable: TypeAlias = Experiment | Script | Callable[[], Any]


@explained
def find(name: str, *, host: PluginHost | None = None) -> Runnable:
    """What ``name`` stands for: a ``.toml`` or ``.py`` file, or an example, built in or a plugin's (``conv/mnist``).

    An example of a plugin may be a path to such a file, an ``Experiment``, or a callable without arguments. A callable
    may give an ``Experiment``, which is run then, or an exit code.

    Raises:
        ArgumentError: there is no such file, or it is of another sort.
        UnknownComponentError, PluginError: there is no such example, or it cannot be used.
    """
    host = host or default_host()
    path = Path(name)
    if path.suffix.lower() in _SUFFIXES:
        return _from_file(path, host)
    if path.is_file():
        raise ArgumentError(f"{name}: only experiments (.toml) and Python files (.py) can be run")
    try:
        target = host.load("examples", name)
    except UnknownComponentError as error:
        files = [f"{name}{suffix}" for suffix in _SUFFIXES if Path(f"{name}{suffix}").is_file()]
        if not files:
            raise
        raise UnknownComponentError(f"there is no example named {name!r}, but a file.{meant(files)}") from error
    found = _from_file(Path(target), host) if isinstance(target, os.PathLike) else target
    # an example has the name that it is asked for by, whatever its file is called
    return replace(found, name=name) if isinstance(found, Experiment) else found


def _from_file(path: Path, host: PluginHost) -> Runnable:
    if path.exists() and not path.is_file():
        raise ArgumentError(f"{path}: is {'a folder' if path.is_dir() else 'a device or a pipe'}, and no file to run")
    if not path.is_file():
        beside = path.parent.iterdir() if path.parent.is_dir() else ()
        near = did_you_mean(path.name, [other.name for other in beside if other.suffix.lower() in _SUFFIXES])
        raise ArgumentError(f"{path}: there is no such file.{near}")
    return read_experiment(path, host=host) if path.suffix.lower() == ".toml" else Script(path)
