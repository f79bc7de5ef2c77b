"""How measures change from epoch to epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from layerkit.errors import ArgumentError
from layerkit.interfaces.metric import require_measured
from layerkit.plots.drawing import MARKERS, axes_for, each_of, plain
from layerkit.training.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Run: TypeAlias = "History | Sequence[Mapping[str, Any]]"
"""A history, or its records."""

_PARTS = {"": "-", "training_": "-", "validation_": "--", "test_": "-."}
"""What is measured on which data, and the line that says so."""
_NO_MEASURES = ("epoch", "step", "seconds")


def learning_curves(
    histories: Run | Sequence[Run] | Mapping[str, Run | Sequence[Run]],
    *,
    names: Sequence[str] | None = None,
    metric: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A measure over the epochs: on the training data a solid line, on validation data a dashed one.

    Runs have a colour and a marker each. Several runs under one name, which differ in their seeds say, are one line,
    their mean, in a band from the least to the most of them, over the epochs that all of them reached.

    Args:
        histories: a ``History`` (or its records), a list of several, or a dictionary of them by name, in which a list
            under one name is drawn as mean and spread.
        names: of the runs, where they come in a list.
        metric: what is drawn: ``"accuracy"`` is all that there is of it (``validation_accuracy``, say),
            ``"validation_accuracy"`` that alone; the cost if left out.
        ax: where to draw; a new figure if left out.

    Raises:
        MissingExtraError: matplotlib is missing.
        ArgumentError: there is no run, one has no epochs, or nothing of that name was measured.

    >>> from layerkit import History
    >>> runs = [History([{"epoch": n, "cost": seed / n} for n in (1, 2)]) for seed in (1, 3)]
    >>> ax = learning_curves({"both": runs})
    >>> ax.lines[0].get_label(), ax.lines[0].get_ydata().tolist()
    ('both: cost', [2.0, 1.0])
    """
    ax = axes_for("learning_curves", ax)
    groups = _groups(histories, names)
    measure = metric or "cost"
    several = len(groups) > 1
    before = len({str(line.get_gid()).split(":")[0] for line in ax.lines})
    for place, (name, runs) in enumerate(groups.items(), before):
        colour = None
        for measured in _measured(measure, runs[0]):
            part = measured.removesuffix(measure)
            epochs, values = _aligned(runs, measured)
            label = measured.replace("_", " ")
            [line] = ax.plot(
                epochs,
                values.mean(axis=0),
                linestyle=_PARTS.get(part, "-"),
                marker=each_of(MARKERS, place) if several or len(epochs) == 1 else None,
                markevery=max(1, len(epochs) // 10),
                color=colour,
                label=plain(f"{name}: {label}" if name else label),
                gid=f"run-{place}:{measured}",
            )
            colour = line.get_color()
            if len(runs) > 1:
                ax.fill_between(epochs, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.25, linewidth=0)
    ax.set(xlabel="epoch", ylabel=plain(measure.replace("_", " ")))
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend()
    return ax


def _groups(histories: Any, names: Sequence[str] | None) -> dict[str, list[History]]:
    if isinstance(histories, Mapping):
        if names is not None:
            raise ArgumentError("learning_curves: a dictionary has names already: leave names out")
        groups = {
            str(name): [_history(run) for run in ([given] if _is_run(given) else given)]
            for name, given in histories.items()
        }
    elif _is_run(histories):
        groups = {names[0] if names else "": [_history(histories)]}
    else:
        runs = [_history(run) for run in histories]
        if names is not None and (len(names) != len(runs) or len(set(names)) < len(names)):
            raise ArgumentError(f"learning_curves: names must be one for each of {len(runs)} runs, all different")
        told = names or ([""] if len(runs) == 1 else [f"run {place}" for place in range(1, len(runs) + 1)])
        groups = {name: [run] for name, run in zip(told, runs, strict=True)}
    if not groups or not all(groups.values()):
        raise ArgumentError("learning_curves: there is no run to draw: give what Trainer.fit returns")
    for runs in groups.values():
        for run in runs:
            if not len(run):
                raise ArgumentError("learning_curves: a history has no epochs yet: draw it after a fit")
    return groups


def _is_run(given: Any) -> bool:
    if isinstance(given, History):
        return True
    return isinstance(given, Sequence) and len(given) > 0 and isinstance(given[0], Mapping)


def _history(run: Any) -> History:
    if not _is_run(run):
        raise ArgumentError(
            "learning_curves: a run must be a History, as Trainer.fit returns it, or its records, got "
            f"{type(run).__name__}"
        )
    return run if isinstance(run, History) else History([dict(record) for record in run])


def _measured(measure: str, run: History) -> Iterator[str]:
    """The measures of that name in a run's records, on whichever data."""
    record = [name for name in run.records[0] if name not in _NO_MEASURES]
    found = [f"{part}{measure}" for part in _PARTS if f"{part}{measure}" in record]
    if not found:
        require_measured("learning_curves", "metric", measure, record)
    yield from found


def _aligned(runs: Sequence[History], name: str) -> tuple[list[int], Any]:
    """The epochs that all runs reached, and what each measured in them, ``(runs, epochs)``."""
    by_epoch = [{record.get("epoch", place): record.get(name) for place, record in enumerate(run, 1)} for run in runs]
    epochs = sorted(
        set.intersection(*({epoch for epoch, value in run.items() if value is not None} for run in by_epoch))
    )
    if not epochs:
        raise ArgumentError(f"learning_curves: the runs under one name measured {name!r} in no epoch that all reached")
    return epochs, np.array([[run[epoch] for epoch in epochs] for run in by_epoch], np.float64)
