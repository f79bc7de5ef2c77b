"""The description of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from layerkit.arguments import check_choice, check_instance, check_integer, check_number
from layerkit.calls import Explained
from layerkit.errors import ArgumentError
from layerkit.suggestions import did_you_mean
from layerkit.tuning.dimensions import Choice, Copies, Dimension, Integer, Real
from layerkit.tuning.pruning import PRUNERS
from layerkit.tuning.space import Space

SAMPLERS = ("tpe", "random", "grid", "cma-es", "gp")
SETTINGS = ("trials", "metric", "sampler", "pruner", "round", "seed", "validation_fraction", "folds", "final_seeds")
_DIMENSION = ("low", "high", "log", "step", "each", "when", "values", "copies", "span")


@final
@dataclass(frozen=True, kw_only=True)
class Search(metaclass=Explained):
    """How hyperparameters are searched for: the space, how much is tried, and by what trials are judged.

    Args:
        space: what is chosen; None: the usual (``usual_space``), or what the function of ``tune`` asks for.
        trials: how many choices are tried, one training each.
        metric: what decides, measured on validation rows after the last epoch: a name such as ``"f1"``; None takes the
            experiment's accuracy, or else its cost. Costs and errors are best low, all else high.
        sampler: ``"tpe"``, ``"random"``, ``"grid"`` (every choice once), ``"cma-es"``, or ``"gp"``, which needs torch.
        pruner: what ends hopeless trials, by validation curves: ``"none"``; ``"median"`` or ``"hyperband"``,
            compared with earlier rounds; ``"halving"`` within a round, where the best go on from where they are.
        round: how many trials are drawn before the results of any of them count; the trials are the same for any number
            of jobs.
        seed: makes all randomness, each trial's own seed too.
        validation_fraction: the part of the training data that decides and is not trained on.
        folds: judge by the mean over so many folds of the training data instead.
        final_seeds: with how many seeds the winner is trained again, on all training data, before the test data is
            looked at.

    Raises:
        ArgumentError: an argument is of the wrong kind, or out of range.
    """

    space: Space | None = None
    trials: int = 50
    metric: str | None = None
    sampler: str = "tpe"
    pruner: str = "none"
    round: int = 8
    seed: int = 0
    validation_fraction: float = 0.2
    folds: int | None = None
    final_seeds: int = 5

    def __post_init__(self) -> None:
        check_instance(self, "space", self.space, Space, optional=True)
        check_integer(self, "trials", self.trials, minimum=1, maximum=10**6)
        check_instance(self, "metric", self.metric, str, optional=True)
        check_choice(self, "sampler", self.sampler, SAMPLERS)
        check_choice(self, "pruner", self.pruner, PRUNERS)
        check_integer(self, "round", self.round, minimum=1, maximum=10**4)
        check_integer(self, "seed", self.seed, minimum=0, maximum=2**63 - 1)
        check_number(self, "validation_fraction", self.validation_fraction, above=0, below=1)
        if self.folds is not None:
            check_integer(self, "folds", self.folds, minimum=2, maximum=100)
            if self.pruner != "none":
                raise ArgumentError("Search: a trial of several folds has no one curve to be pruned by: leave out one")
        check_integer(self, "final_seeds", self.final_seeds, minimum=1, maximum=1000)


def parse_search(table: Mapping[str, Any], *, source: str = "the experiment") -> Search:
    """The search that the table ``[search]`` of an experiment's file describes; ``docs/tuning.md`` shows the form.

    Raises:
        ArgumentError: what it says cannot be used; the message names the key.

    >>> search = parse_search({"trials": 9, "space": {"training.batch_size": {"values": [8, 32]}}})
    >>> search.trials, search.space.dimensions["training.batch_size"][0].labels
    (9, (8, 32))
    """
    known = ("space", *SETTINGS)
    for key in table:
        if key not in known:
            raise ArgumentError(
                f"{source}: search: there is no key {key!r}.{did_you_mean(key, known)} The keys: {', '.join(known)}"
            )
    space = table.get("space")
    if space is not None and not isinstance(space, Mapping):
        raise ArgumentError(f"{source}: search.space must be a table, [search.space], got {space!r}")
    rest = {key: value for key, value in table.items() if key != "space"}
    try:
        if space is None:
            return Search(**rest)
        return Search(space=Space({path: _dimensions(path, given) for path, given in space.items()}), **rest)
    except ArgumentError as error:
        raise ArgumentError(f"{source}: {error}") from error


def identity_of(search: Search, metric: str) -> dict[str, Any]:
    """What makes a search this one, beside what it is over: with the same, the trials are the same."""
    return {
        "metric": metric,
        "sampler": search.sampler,
        "pruner": search.pruner,
        "round": search.round,
        "seed": search.seed,
        "validation_fraction": None if search.folds else search.validation_fraction,
        "folds": search.folds,
    }


def _dimensions(path: str, given: Any) -> Dimension | Sequence[Dimension]:
    if isinstance(given, list):
        return [_dimension(path, each) for each in given]
    return _dimension(path, given)


def _dimension(path: str, given: Any) -> Dimension:
    form = "{ low = 1, high = 9 } (log = true), { values = […] }, or { copies = [1, 4] } for a layer"
    if not isinstance(given, Mapping):
        raise ArgumentError(f'search: {path} must be {form}; a path with points stands in quotes, "a.b"; got {given!r}')
    if not any(key in _DIMENSION for key in given):
        raise ArgumentError(
            f"search: {path} must be {form}, got {dict(given)!r}: write a path with points in quotes, "
            f'"{path}.{next(iter(given), "…")}"'
        )
    unknown = [key for key in given if key not in _DIMENSION]
    if unknown:
        raise ArgumentError(f"search: {path} has no {unknown[0]!r}.{did_you_mean(unknown[0], _DIMENSION)} It is {form}")
    rest = dict(given)
    kind: Any
    if "values" in rest:
        kind, positional = Choice, [rest.pop("values")]
    elif "copies" in rest:
        kind, positional = Copies, rest.pop("copies")
        if not isinstance(positional, list) or len(positional) != 2:
            raise ArgumentError(f"search: {path}: copies are the least and the most, [1, 4], got {positional!r}")
    elif "low" in rest and "high" in rest:
        positional = [rest.pop("low"), rest.pop("high")]
        kind = Integer if all(type(end) is int for end in positional) else Real
    else:
        raise ArgumentError(f"search: {path} must be {form}, got {dict(given)!r}")
    try:
        return kind(*positional, **rest)
    except ArgumentError as error:
        raise ArgumentError(f"search: {path}: {error}") from error
    except TypeError as error:
        raise ArgumentError(f"search: {path} must be {form}: {error}") from error
