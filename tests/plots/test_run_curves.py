"""Learning curves: what is drawn of one run, of several, and of several seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import History
from layerkit.errors import ArgumentError
from layerkit.plots import learning_curves

pytestmark = pytest.mark.extra


def history(*costs: float, shift: float = 0.1) -> History:
    return History(
        [{"epoch": n, "cost": cost, "validation_cost": cost + shift, "seconds": 1.0} for n, cost in enumerate(costs, 1)]
    )


def drawn(ax: Any) -> dict[str, list[list[float]]]:
    return {line.get_label(): np.transpose(line.get_xydata()).tolist() for line in ax.lines}


def test_one_run_has_a_line_for_training_and_one_for_validation() -> None:
    ax = learning_curves(history(1.0, 0.5))
    assert drawn(ax) == {"cost": [[1, 2], [1.0, 0.5]], "validation cost": [[1, 2], [1.1, 0.6]]}
    training, validation = ax.lines
    assert (training.get_linestyle(), validation.get_linestyle()) == ("-", "--")
    assert training.get_color() == validation.get_color()
    assert ax.get_xlabel() == "epoch"


def test_runs_are_told_apart_without_colour() -> None:
    ax = learning_curves([history(1.0, 0.5), history(2.0, 1.0)], names=["slow", "fast"], metric="validation_cost")
    assert drawn(ax) == {"slow: validation cost": [[1, 2], [1.1, 0.6]], "fast: validation cost": [[1, 2], [2.1, 1.1]]}
    assert len({line.get_marker() for line in ax.lines}) == 2


def test_seeds_are_their_mean_in_a_band_over_the_epochs_that_all_reached() -> None:
    ax = learning_curves({"both": [history(1.0, 0.5, 0.2), history(3.0, 1.5)]}, metric="cost")
    assert drawn(ax)["both: cost"] == [[1, 2], [2.0, 1.0]]
    corners = {tuple(corner) for corner in ax.collections[0].get_paths()[0].vertices.tolist()}
    assert {(1.0, 1.0), (1.0, 3.0), (2.0, 0.5), (2.0, 1.5)} <= corners


def test_records_are_taken_as_a_history_is_and_a_resumed_run_keeps_its_epochs() -> None:
    ax = learning_curves([{"epoch": 5, "cost": 1.0}, {"epoch": 6, "cost": 0.5}])
    assert drawn(ax) == {"cost": [[5, 6], [1.0, 0.5]]}


def test_another_call_on_the_same_axes_adds_to_it() -> None:
    ax = learning_curves(history(1.0, 0.5), names=["one"])
    assert learning_curves(history(2.0, 1.0), names=["other"], ax=ax) is ax
    assert len(ax.lines) == 4


@pytest.mark.parametrize(
    ("histories", "options", "message"),
    [
        (History(), {}, "no epochs yet"),
        ([], {}, "there is no run"),
        ({}, {}, "there is no run"),
        ({"a": []}, {}, "there is no run"),
        (history(1.0), {"metric": "acuracy"}, "measured here: 'cost', 'validation_cost'"),
        ([history(1.0)], {"names": ["a", "b"]}, "one for each of 1 runs"),
        ({"a": history(1.0)}, {"names": ["b"]}, "leave names out"),
        ([3], {}, "a run must be a History"),
    ],
)
def test_what_cannot_be_drawn_is_told(histories: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        learning_curves(histories, **options)
