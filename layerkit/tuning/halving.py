"""Successive halving: all of a round train a little, the best third goes on from where it is, and of those again."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, final

from layerkit.interfaces.callback import Callback, FitView
from layerkit.tuning.objective import Objective
from layerkit.tuning.outcome import Outcome

_FACTOR = 3


@final
@dataclass(frozen=True)
class Stage:
    """Up to which epoch a trial trains, and the trainer's state in which it goes on; None at its beginning."""

    until: int
    state: Any = field(default=None, repr=False)

    def pause(self) -> Pause:
        """A callback for the fit of a trial."""
        return Pause(self.until)


@final
class Pause(Callback):
    """Stops a fit after an epoch that is not its last, and keeps the state from which another goes on."""

    def __init__(self, until: int) -> None:
        self.until = until
        self.kept: Any = None

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        if self.until <= fit.epoch < fit.epochs:
            self.kept = fit.trainer.state()
            fit.stop("paused")


Perform = Callable[[Mapping[int, Stage]], Iterator[Outcome]]
"""Performs trials by their numbers, each to the end of its stage."""


def halved(
    numbers: Sequence[int], known: Mapping[int, Outcome], *, epochs: int, objective: Objective, perform: Perform
) -> Iterator[Outcome]:
    """The outcomes of a round as they are certain: of those that are left behind, and in the end of those that are not.

    ``known`` are outcomes from before an interruption: what they reached is compared like any other's, so a round that
    is gone on with ends as it would have. Where time runs out, those that are under way have no outcome.
    """
    alive = list(numbers)
    states: dict[int, Any] = {}
    spent: dict[int, float] = {}
    for until in ladder(epochs):
        reached: dict[int, Outcome] = {number: known[number] for number in alive if number in known}
        # the last stage is to the trial's own end, where it has chosen how many epochs it has
        end = until if until < epochs else sys.maxsize
        stages = {number: Stage(end, states.get(number)) for number in alive if number not in known}
        for performed in perform(stages):
            # a trial has taken the time of all its stages
            outcome = replace(performed, seconds=performed.seconds + spent.get(performed.number, 0.0))
            reached[outcome.number] = outcome
            if outcome.state != "paused":
                yield outcome
        if len(reached) < len(alive):
            return
        states = {number: outcome.kept for number, outcome in reached.items()}
        spent = {number: outcome.seconds for number, outcome in reached.items()}
        there = [each for each in reached.values() if len(each.curve) >= until]
        sign = 1 if objective.minimised else -1
        there.sort(key=lambda each: (sign * each.curve[until - 1], each.number))
        best = {each.number for each in there[: -(-len(alive) // _FACTOR)]}
        for number in sorted(reached.keys() - best):
            if reached[number].state == "paused":
                yield replace(reached[number], state="pruned", kept=None)
        alive = sorted(best)


def ladder(epochs: int) -> list[int]:
    """The ends of the stages.

    >>> ladder(40), ladder(2)
    ([4, 13, 40], [1, 2])
    """
    return sorted({max(1, epochs // _FACTOR**2), max(1, epochs // _FACTOR), epochs})
