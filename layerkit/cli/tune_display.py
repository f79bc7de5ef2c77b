"""What a person sees of a search: a table that changes on a terminal, a line a trial elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, final

from layerkit.experiments.experiment import Experiment
from layerkit.terminal import is_terminal, unread
from layerkit.tuning.objective import Objective
from layerkit.tuning.outcome import Outcome
from layerkit.tuning.result import Result
from layerkit.tuning.search import Search

_ROWS = 8


@final
class TuneDisplay:
    """Watches a search; with ``quiet`` it shows nothing."""

    def __init__(self, experiment: Experiment, search: Search, *, time_limit: float | None, quiet: bool) -> None:
        self._experiment = experiment
        self._search = search
        self._limit = time_limit
        self._quiet = quiet
        self._began = time.monotonic()
        self._params: dict[int, Mapping[str, Any]] = {}
        self._running: set[int] = set()
        self._ended: list[Outcome] = []
        self._best: Outcome | None = None
        self._objective: Objective | None = None
        self._choices = None if search.sampler != "grid" or search.space is None else len(search.space.grid())
        self._trials = search.trials if self._choices is None else min(search.trials, self._choices)
        self._live: Any = None

    def __enter__(self) -> Self:
        if self._quiet:
            return self
        chosen = "what is usual" if self._search.space is None else ", ".join(self._search.space.dimensions)
        whole = "" if self._choices is None else f" of {self._choices}"
        self._print(
            f"{self._experiment.name}: {self._trials}{whole} trials by {self._search.sampler}, rounds of "
            f"{self._search.round}, seed {self._search.seed}; chosen: {chosen}"
        )
        if is_terminal(sys.stdout):
            from rich.live import Live

            self._live = Live(get_renderable=self._table, refresh_per_second=4, transient=True)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def began(self, objective: Objective) -> None:
        self._objective = objective

    def drawn(self, number: int, params: Mapping[str, Any]) -> None:
        self._params[number] = params
        self._running.add(number)

    def ended(self, outcome: Outcome) -> None:
        self._running.discard(outcome.number)
        self._ended.append(outcome)
        if outcome.state == "complete" and outcome.value is not None and self._is_best(outcome):
            self._best = outcome
        if not self._quiet and self._live is None:
            self._print(self._line(outcome))

    def end(self, result: Result, toml: str | None, *, saved: Path | None) -> None:
        """Say what was found."""
        if self._quiet or result.best is None or result.interrupted:
            return
        name = result.objective.name.replace("_", " ")
        states = [outcome.state for outcome in result.outcomes]
        told = ", ".join(
            f"{states.count(state)} {state}" for state in ("complete", "pruned", "failed") if state in states
        )
        self._print(f"\n{len(states)} trials: {told}; {time.monotonic() - self._began:.0f} s")
        failed = [outcome for outcome in result.outcomes if outcome.state == "failed"]
        if failed:
            self._print(f"trial {failed[0].number} failed: {failed[0].reason}")
        self._print(f"best: trial {result.best.number}, validation {name} {result.best.value:.4g}")
        for parameter, value in result.best_params.items():
            self._print(f"  {parameter} = {_shown(value)}")
        if result.median is not None and result.spread is not None:
            low, high = result.spread
            self._print(
                f"test {name}, trained on all training data: {result.median:.4f} in the median of "
                f"{len(result.figures)} seeds, {low:.4f} to {high:.4f}"
            )
        if result.left_to_others:
            self._print("other commands are still at work on this search: the last of them trains the winner")
        for run in result.finals:
            if run.reason is not None:
                self._print(f"with seed {run.seed} the winner failed: {run.reason}")
        if saved is not None:
            self._print(f"saved: {saved}")
        elif toml is not None:
            self._print(f"\n{toml.strip()}")

    def _is_best(self, outcome: Outcome) -> bool:
        best = self._best
        if best is None or best.value is None or outcome.value is None or self._objective is None:
            return True
        if outcome.value == best.value:
            return outcome.number < best.number
        return self._objective.better(outcome.value, best.value)

    def _line(self, outcome: Outcome) -> str:
        best = "" if self._best is None or self._best.value is None else f"  best {self._best.value:.4f}"
        tail = outcome.reason or self._choice(outcome.number)
        return f"trial {outcome.number:>4}  {_value(outcome):>16}{best}  {outcome.seconds:6.1f} s  {tail}"

    def _choice(self, number: int) -> str:
        return ", ".join(f"{name}={_shown(value)}" for name, value in self._params.get(number, {}).items())

    def _table(self) -> Any:
        from rich.table import Table

        table = Table(title=self._title(), title_justify="left", box=None)
        for column in ("trial", "value", "seconds", "choice"):
            table.add_column(column, no_wrap=column != "choice", overflow="ellipsis")
        if self._best is not None:
            table.add_row(*self._cells(self._best), style="bold")
        for outcome in self._ended[-_ROWS:]:
            table.add_row(*self._cells(outcome))
        for number in sorted(self._running)[:_ROWS]:
            table.add_row(str(number), "…", "", self._choice(number), style="dim")
        return table

    def _cells(self, outcome: Outcome) -> tuple[str, str, str, str]:
        value = _value(outcome)
        return str(outcome.number), value, f"{outcome.seconds:.1f}", outcome.reason or self._choice(outcome.number)

    def _title(self) -> str:
        done, elapsed = len(self._ended), time.monotonic() - self._began
        pruned = sum(outcome.state == "pruned" for outcome in self._ended)
        failed = sum(outcome.state == "failed" for outcome in self._ended)
        left = (self._trials - done) * elapsed / done if done else None
        if self._limit is not None:
            rest = max(0.0, self._limit - elapsed)
            left = rest if left is None else min(rest, left)
        tail = "" if left is None else f", {left:.0f} s left"
        return f"{done} of {self._trials} trials ended, {pruned} pruned, {failed} failed{tail}"

    def _print(self, text: str) -> None:
        with unread():
            print(text, flush=True)


def _value(outcome: Outcome) -> str:
    if outcome.value is None:
        return outcome.state
    return f"pruned at {outcome.value:.4f}" if outcome.state == "pruned" else f"{outcome.value:.4f}"


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
