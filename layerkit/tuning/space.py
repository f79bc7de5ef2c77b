"""The space of a search: what is chosen at which paths of an experiment, and the experiment that a choice makes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple, final

from layerkit.arguments import check_instance
from layerkit.calls import Explained
from layerkit.config.paths import replaced
from layerkit.errors import ArgumentError
from layerkit.experiments.experiment import TRAINING
from layerkit.suggestions import did_you_mean
from layerkit.tuning.dimensions import Choice, Copies, Dimension, Integer, Real, same

_KINDS = (Real, Integer, Choice, Copies)
_MOST = 100_000


@final
class Parameter(NamedTuple):
    """One choice: its name in records, the path that it changes, what is chosen from, and in which copy of a layer."""

    name: str
    path: str
    dimension: Dimension
    copy: int | None = None
    copies: str | None = None
    """The name of the choice that says how many copies there are."""


@final
class Space(metaclass=Explained):
    """What is chosen, by path: ``{"optimizer.learning_rate": Real(0.01, 10.0, log=True)}``.

    Paths are those of the experiment and of its file (``batch_size`` or ``training.batch_size``). Several dimensions of
    one path, a list, hold under different conditions (``when``). ``"layers.2": Copies(1, 4)`` lets a layer stand one to
    four times; paths into it then hold for all copies, or, with ``each``, for each copy by itself.

    Raises:
        ArgumentError: nothing is chosen, or conditions name nothing that is chosen or each other.

    >>> space = Space({"layers.2": Copies(0, 2), "layers.2.units": Integer(8, 64, each=True)})
    >>> [parameter.name for parameter in space.parameters]
    ['layers.2.copies', 'layers.2.units[0]', 'layers.2.units[1]']
    """

    def __init__(self, dimensions: Mapping[str, Dimension | Sequence[Dimension]]) -> None:
        check_instance(self, "dimensions", dimensions, Mapping)
        if not dimensions:
            raise ArgumentError(
                'the space of the search is empty: name what is chosen, "optimizer.learning_rate" = { low = 0.01, '
                "high = 10.0, log = true }, say"
            )
        self.dimensions = {_in_file(path): _listed(path, given) for path, given in dimensions.items()}
        self.repeated = {
            int(path.partition(".")[2]): dimension
            for path, several in self.dimensions.items()
            for dimension in several
            if isinstance(dimension, Copies)
        }
        self._require_apart()
        self.parameters = self._ordered(
            [
                parameter
                for path, several in self.dimensions.items()
                for dimension in several
                for parameter in self._parameters(path, dimension, alone=len(several) == 1)
            ]
        )

    @property
    def conditional(self) -> bool:
        """Whether something is chosen only with some values of others."""
        return any(parameter.dimension.when or parameter.copies for parameter in self.parameters)

    def draw(self, trial: Any) -> dict[str, Any]:
        """What a trial of Optuna suggests, by the names of the parameters."""
        drawn: dict[str, Any] = {}
        for parameter in self.parameters:
            if self.holds(parameter, drawn):
                drawn[parameter.name] = parameter.dimension.suggest(trial, parameter.name)
        return drawn

    def holds(self, parameter: Parameter, drawn: Mapping[str, Any]) -> bool:
        """Whether something is chosen at all, after what has been chosen."""
        if parameter.copies is not None and parameter.copy is not None and drawn[parameter.copies] <= parameter.copy:
            return False
        return all(
            name in drawn and any(same(drawn[name], value) for value in wanted)
            for name, wanted in conditions_of(parameter.dimension).items()
        )

    def points(self) -> Iterator[dict[str, Any]]:
        """Every choice that there is, once.

        Raises:
            ArgumentError: there is no end of them.
        """
        values = [parameter.dimension.grid(parameter.name) for parameter in self.parameters]
        seen = set()
        for point in itertools.product(*values):
            drawn: dict[str, Any] = {}
            for parameter, value in zip(self.parameters, point, strict=True):
                if self.holds(parameter, drawn):
                    drawn[parameter.name] = value
            if (key := repr(drawn)) not in seen:
                seen.add(key)
                yield drawn

    def grid(self) -> list[dict[str, Any]]:
        """All of ``points``.

        Raises:
            ArgumentError: there is no end of them, or there are more than anybody tries.
        """
        found = list(itertools.islice(self.points(), _MOST + 1))
        if len(found) > _MOST:
            raise ArgumentError(
                f"the sampler 'grid' has more than {_MOST} choices to go through: give fewer values, or take another "
                "sampler, random say"
            )
        return found

    def applied(self, settings: Mapping[str, Any], drawn: Mapping[str, Any]) -> dict[str, Any]:
        """An experiment's table with what was drawn in its place.

        Raises:
            ArgumentError: a path leads nowhere.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        shared: dict[str, Any] = {}
        own: dict[int, dict[str, Any]] = {}
        counts: dict[int, int] = {}
        for name, label in drawn.items():
            parameter = known[name]
            dimension = parameter.dimension
            if isinstance(dimension, Copies):
                counts[int(parameter.path.partition(".")[2])] = label
                continue
            value = dimension.value_of(label) if isinstance(dimension, Choice) else label
            (shared if parameter.copy is None else own.setdefault(parameter.copy, {}))[parameter.path] = value
        table = replaced(dict(settings), shared)
        layers = list(table["layers"])
        for place in sorted(counts, reverse=True):
            span = self.repeated[place].span
            inside = tuple(f"layers.{each}." for each in range(place, place + span))
            blocks = []
            for copy in range(counts[place]):
                changes = {path: value for path, value in own.get(copy, {}).items() if f"{path}.".startswith(inside)}
                blocks += replaced(table, changes)["layers"][place : place + span]
            layers[place : place + span] = blocks
        return {**table, "layers": layers}

    def _parameters(self, path: str, dimension: Dimension, *, alone: bool) -> Iterator[Parameter]:
        told = ", ".join(f"{name}={value}" for name, value in dimension.when.items())
        name = f"{path}.copies" if isinstance(dimension, Copies) else path if alone or not told else f"{path} ({told})"
        if not dimension.each:
            yield Parameter(name, path, dimension, None, None)
            return
        place = self._repeated_place(path)
        if place is None:
            raise ArgumentError(
                f"search: {path} is to be chosen for each copy, and no layer that it lies in is repeated: add "
                f'"{".".join(path.split(".")[:2])}" = {{ copies = [1, 4] }}, or leave out each'
            )
        for copy in range(self.repeated[place].high):
            yield Parameter(f"{name}[{copy}]", path, dimension, copy, f"layers.{place}.copies")

    def _repeated_place(self, path: str) -> int | None:
        head, _, rest = path.partition(".")
        place = rest.partition(".")[0]
        if head != "layers" or not place.isdecimal():
            return None
        return next(
            (start for start, copies in self.repeated.items() if start <= int(place) < start + copies.span), None
        )

    def _require_apart(self) -> None:
        end = 0
        for place, copies in sorted(self.repeated.items()):
            if place < end:
                raise ArgumentError(
                    f"search: layers.{place} is repeated, and lies among layers that are repeated already"
                )
            end = place + copies.span

    def _ordered(self, parameters: list[Parameter]) -> list[Parameter]:
        by_name = {parameter.name: parameter for parameter in parameters}
        if len(by_name) < len(parameters):
            twice = next(each.name for each in parameters if by_name[each.name] is not each)
            raise ArgumentError(f"search: {twice} is chosen twice under the same condition: give each another `when`")
        before: dict[str, list[str]] = {}
        for parameter in parameters:
            conditions = conditions_of(parameter.dimension)
            for name, wanted in conditions.items():
                others = [other for other in by_name if other != parameter.name]
                if name not in by_name:
                    raise ArgumentError(
                        f"search: {parameter.name} is chosen when {name} is something, which is not chosen itself."
                        f"{did_you_mean(name, others)} What else is chosen: {', '.join(others) or 'nothing'}"
                    )
                for value in wanted:
                    if not by_name[name].dimension.holds(value):
                        raise ArgumentError(
                            f"search: {parameter.name} is chosen when {name} is {value!r}, which it never is: it is "
                            f"chosen from {by_name[name].dimension}"
                        )
            before[parameter.name] = [*conditions, *([parameter.copies] if parameter.copies else [])]
        try:
            return [by_name[name] for name in TopologicalSorter(before).static_order()]
        except CycleError as error:
            raise ArgumentError(
                f"search: the conditions of {' and '.join(error.args[1][:-1])} wait for each other"
            ) from None


def _listed(path: str, given: Any) -> tuple[Dimension, ...]:
    several = tuple(given) if isinstance(given, (list, tuple)) else (given,)
    for one in several:
        if not isinstance(one, _KINDS):
            raise ArgumentError(f"search: {path} must be chosen from Real, Integer, Choice or Copies, got {one!r}")
        head, _, place = path.partition(".")
        if isinstance(one, Copies) and not (head == "layers" and place.isdecimal() and len(several) == 1):
            raise ArgumentError(f'search: copies are of a layer at its place, "layers.2" say, got {path!r}')
    if not several:
        raise ArgumentError(f"search: {path} has nothing to choose from")
    return several


def _in_file(path: str) -> str:
    if not isinstance(path, str):
        raise ArgumentError(f"search: a path is text, such as 'layers.2.units', got {path!r}")
    return f"training.{path}" if path in TRAINING else path


def conditions_of(dimension: Dimension) -> dict[str, Sequence[Any]]:
    """By the name of another choice, the values with which something is chosen at all."""
    return {
        _in_file(name): value if isinstance(value, (list, tuple)) else (value,)
        for name, value in dimension.when.items()
    }
