"""A space judged by the experiment that it belongs to, before the first trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from layerkit.config.named import NamedDecoder, encoded
from layerkit.config.paths import get
from layerkit.errors import ArgumentError, LayerkitError
from layerkit.experiments.experiment import Experiment
from layerkit.experiments.experiment_file import parse_experiment, settings_of
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.registry.construction import kinds_of_argument
from layerkit.registry.host import PluginHost, default_host
from layerkit.suggestions import did_you_mean
from layerkit.tuning.dimensions import Choice, Copies, Dimension
from layerkit.tuning.space import Space, conditions_of

_DRAWS = 20
_FIELDS = {
    "layers": ("layers", "activations"),
    "cost": ("costs",),
    "optimizer": ("optimizers",),
    "transforms": ("transforms",),
    "callbacks": ("callbacks",),
}
_NO_CHOICE = ("seed", "validation_fraction", "training_examples", "training_metrics", "engine")


def fitted(space: Space, experiment: Experiment, *, host: PluginHost | None = None) -> Space:
    """The space with its components spelled out, tried at the ends of every range and on some draws.

    Raises:
        ArgumentError: a path leads nowhere, a component refuses a value, or choices do not go together.
    """
    host = host or default_host()
    settings = settings_of(experiment, host=host)
    _require_plain(experiment, settings, host)
    for path in space.dimensions:
        _require_searchable(path)
    own = Space(
        {
            path: [_spelled(path, each, experiment, host) for each in several]
            for path, several in space.dimensions.items()
        }
    )
    _try_ends(own, settings, host)
    generator = np.random.default_rng(0)
    for _ in range(_DRAWS):
        _require_possible(own, settings, own.draw(_Drawn(generator)), host)
    return own


def made(settings: Mapping[str, Any], name: str, host: PluginHost | None = None) -> Experiment:
    """The experiment of a table as a search holds it."""
    return parse_experiment(settings, name=name, source=name, host=host)


def _require_plain(experiment: Experiment, settings: Mapping[str, Any], host: PluginHost) -> None:
    try:
        made(settings, "the experiment", host)
    except LayerkitError as error:
        raise ArgumentError(
            f"{experiment.name}: it cannot be told as a table, as trials in other processes need it ({error}): "
            "register the class in a plugin (`layerkit plugins new`), or search with layerkit.tuning.tune(build, …)"
        ) from error


def _require_searchable(path: str) -> None:
    head, _, rest = path.partition(".")
    if head == "metrics" or (head == "training" and rest in _NO_CHOICE):
        raise ArgumentError(
            f"search: {path} is no choice: it would compare trials by luck, by other measures, or on other data"
        )
    if path == "training":
        raise ArgumentError("search: training is chosen setting by setting, by paths such as training.batch_size")
    if head not in (*_FIELDS, "training"):
        known = (*_FIELDS, "training")
        raise ArgumentError(
            f"search: {path!r} cannot be chosen.{did_you_mean(head, known)} What can lies in {', '.join(known)}: "
            "trials are compared on the same data"
        )


def _spelled(path: str, dimension: Dimension, experiment: Experiment, host: PluginHost) -> Dimension:
    """A choice of components with every argument written out, so that paths lead into each of them."""
    if path.startswith("training.") or isinstance(dimension, Copies):
        _present(experiment, path.removeprefix("training."))
        if isinstance(dimension, Copies):
            _require_so_many(path, dimension, len(experiment.layers))
        return dimension
    above, _, last = path.rpartition(".")
    if not isinstance(dimension, Choice):
        return dimension
    kinds: tuple[str, ...] = ()
    # another component may stand above in a trial than now: then the draws tell
    try:
        parent = get(experiment, above) if above else experiment
        present = get(experiment, path)
    except ArgumentError:
        parent = present = None
    if isinstance(parent, Configurable):
        kinds = kinds_of_argument(type(parent), last)
    elif above in ("", *_FIELDS):
        kinds = _FIELDS.get(above or path, ())
    values = [_component(value, kinds, path, present, host) for value in dimension.values]
    return replace(dimension, values=values)


def _component(value: Any, kinds: tuple[str, ...], path: str, present: Any, host: PluginHost) -> Any:
    name = value.get("component") if isinstance(value, Mapping) else value
    if not kinds or not isinstance(name, str):
        return value
    table = dict(value) if isinstance(value, Mapping) else {"component": value}
    for kind in kinds:
        try:
            wanted = host.load(kind, name)
        except LayerkitError:
            continue
        # what it must be given and is not, the component that stands here now has perhaps
        needed = [each.name for each in arguments_of(wanted).values() if each.default is each.empty]
        here = present.config if isinstance(present, Configurable) else {}
        table |= {each: encoded(here[each], host) for each in needed if each not in table and each in here}
    return encoded(NamedDecoder(host, "search").decode(table, kinds, path), host)


def _present(experiment: Experiment, path: str) -> Any:
    try:
        return get(experiment, path)
    except ArgumentError as error:
        raise ArgumentError(f"search: {error}") from error


def _require_so_many(path: str, copies: Copies, count: int) -> None:
    left = count - int(path.partition(".")[2])
    if copies.span > left:
        raise ArgumentError(f"search: {path}: span = {copies.span}, but from there on there are {left} layers")


def _try_ends(space: Space, settings: Mapping[str, Any], host: PluginHost) -> None:
    """Try both ends of every range, with what else must be chosen for it to count."""
    for parameter in space.parameters:
        for end in parameter.dimension.ends():
            wanted = {parameter.name: end}
            _add_conditions(space, parameter.name, wanted)
            _require_possible(space, settings, wanted, host, told={parameter.name: end})


def _add_conditions(space: Space, name: str, wanted: dict[str, Any]) -> None:
    by_name = {parameter.name: parameter for parameter in space.parameters}
    parameter = by_name[name]
    conditions = {other: values[0] for other, values in conditions_of(parameter.dimension).items()}
    if parameter.copies is not None and parameter.copy is not None:
        conditions[parameter.copies] = by_name[parameter.copies].dimension.ends()[1]
    for other, value in conditions.items():
        if other not in wanted:
            wanted[other] = value
            _add_conditions(space, other, wanted)


def _require_possible(
    space: Space,
    settings: Mapping[str, Any],
    drawn: Mapping[str, Any],
    host: PluginHost,
    told: Mapping[str, Any] | None = None,
) -> None:
    try:
        made(space.applied(settings, drawn), "search", host)
    except LayerkitError as error:
        shown = ", ".join(f"{name} = {value!r}" for name, value in (told or drawn).items())
        depends = "there is no" in str(error) and len(space.dimensions) > 1
        hint = ": choose it only when that is there, with `when`" if depends else ""
        text = str(error).removeprefix("search: ")
        raise ArgumentError(f"search: {shown} is impossible: {text}{hint}") from error


class _Drawn:
    """Suggests at random, as a trial of Optuna does."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        share = self._generator.random()
        return float(low * (high / low) ** share if log else low + (high - low) * share)

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False, step: int = 1) -> int:
        return int(low + step * self._generator.integers((high - low) // step + 1))

    def suggest_categorical(self, name: str, choices: tuple[Any, ...]) -> Any:
        return choices[self._generator.integers(len(choices))]
