"""What a search is over, and under which conditions it is performed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, final

from layerkit.arguments import check_integer, check_number
from layerkit.errors import ArgumentError
from layerkit.tuning.halving import Stage
from layerkit.tuning.objective import Objective
from layerkit.tuning.outcome import Outcome
from layerkit.tuning.processes import Workers
from layerkit.tuning.pruning import Pruning
from layerkit.tuning.split_data import Part
from layerkit.tuning.storage import Way
from layerkit.tuning.tasks import Task

Draw: TypeAlias = Callable[[Any], dict[str, Any]]
"""What a trial of Optuna suggests."""

MakeTask: TypeAlias = Callable[[int, Mapping[str, Any], Pruning | Stage | None], Task]


class Watcher(Protocol):
    """Who is told how a search goes on."""

    def began(self, objective: Objective) -> None:
        """By what trials are compared."""

    def drawn(self, number: int, params: Mapping[str, Any]) -> None:
        """A trial is going to run."""

    def ended(self, outcome: Outcome) -> None:
        """A trial has ended."""


@final
class Silent:
    """A watcher who says nothing."""

    def began(self, objective: Objective) -> None:
        pass

    def drawn(self, number: int, params: Mapping[str, Any]) -> None:
        pass

    def ended(self, outcome: Outcome) -> None:
        pass


@final
@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a search is over.

    ``final_data`` gives what the winner is trained on and the test data, ``{"final": (train, validation), "test": …}``,
    and is called once, at the end, where the search is ``tested``. ``settings`` tells the winner as a table.
    """

    name: str
    objective: Objective
    draw: Draw
    points: Sequence[Mapping[str, Any]] | None
    trial: MakeTask
    final: Callable[[int, int, Mapping[str, Any]], Task]
    parts: Sequence[Part]
    tested: bool
    final_data: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    settings: Callable[[Mapping[str, Any], int], Mapping[str, Any]] | None
    identity: Mapping[str, Any]
    epochs: int


@final
@dataclass(frozen=True)
class Conditions:
    """By whom a search is performed, until when, and where it is kept.

    Raises:
        ArgumentError: an argument is out of range, or one lacks another.
    """

    jobs: int
    time_limit: float | None
    storage: str | None
    resume: bool
    join: bool
    watcher: Watcher | None
    workers: Workers | None

    def __post_init__(self) -> None:
        check_integer("tune", "jobs", self.jobs, minimum=1, maximum=1000)
        if self.time_limit is not None:
            check_number("tune", "time_limit", self.time_limit, above=0)
        if self.resume and self.join:
            raise ArgumentError(
                "tune: resume goes on with a search of one command, join with one that several share: leave out one"
            )
        for name, wish in (("resume", "to resume a search"), ("join", "to share a search")):
            if getattr(self, name) and self.storage is None:
                raise ArgumentError(f"tune: {wish}, name the storage that it is in: storage=…")

    @property
    def way(self) -> Way:
        """How the storage is opened."""
        return "join" if self.join else "resume" if self.resume else "begin"
