"""A cost of which several outputs answer one number of a target."""

from __future__ import annotations

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.interfaces.cost import Cost
from layerkit.testing.closeness import difference
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.predictions import cost_and_gradient, draw_pair, shapes
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_NUMBERS = 3


@told_by("one-cost-per-example", "gradient-shape-and-dtype", "gradient-matches")
def every_target_counts(subject: Subject) -> None:
    """Where several outputs answer each number of a target, every number counts, by the outputs that are its own."""
    cost: Cost = subject.make()
    outputs = cost.outputs_per_target
    if outputs == 1:
        raise NotApplicable("each number of a target is answered by one output")
    for given in shapes(subject.case):
        shape = (*given[:-1], _NUMBERS * outputs)
        prediction, drawn = draw_pair(cost, subject.case, shape)
        _, others = draw_pair(cost, subject.case, shape, seed=98)
        # as a trainer gives them: a person's number as often as there are outputs for it, one after another
        target, other = (np.repeat(each[..., ::outputs], outputs, axis=-1) for each in (drawn, others))
        try:
            costs, _ = cost_and_gradient(cost, prediction, read_only(target))
        except LayerkitError:
            continue  # the number of targets is an argument's
        for number in range(_NUMBERS):
            moved = target.copy()
            place = slice(number * outputs, (number + 1) * outputs)
            moved[..., place] = other[..., place]
            if np.array_equal(cost_and_gradient(cost, prediction, read_only(moved))[0], costs):
                raise Unmet(
                    f"predictions {prediction.shape}, {outputs} for each of {_NUMBERS} numbers: the cost is the same "
                    f"whatever number {number + 1} of the target is",
                    expected="a cost that every number of the target has a part in",
                    cause="outputs are taken in halves, where those for one number lie one after another on the last "
                    f"axis: reshape to (…, numbers, {outputs}), or take [..., 0::{outputs}], [..., 1::{outputs}] …",
                )
        _require_own_answers(cost, prediction, read_only(target))


def _require_own_answers(cost: Cost, prediction: Array, target: Array) -> None:
    """The outputs for one number cost together what they cost where it is the only one, if numbers' costs add up."""
    outputs = cost.outputs_per_target
    places = [slice(number * outputs, (number + 1) * outputs) for number in range(_NUMBERS)]
    try:
        apart = sum(_costs(cost, prediction[..., place], target[..., place]) for place in places)
    except LayerkitError:
        return  # the number of targets is an argument's

    def found_in(order: Array | slice) -> bool:
        found = _costs(cost, prediction[..., order], target[..., order])
        return any(difference(found, share * apart) is None for share in (1.0, 1 / _NUMBERS))

    # the first output for each number, then the second for each, …
    turned = np.arange(_NUMBERS * outputs).reshape(_NUMBERS, outputs).T.ravel()
    if not found_in(slice(None)) and found_in(turned):
        raise Unmet(
            f"predictions {prediction.shape}, {outputs} for each of {_NUMBERS} numbers: they cost what the numbers "
            "cost one by one only where the first output for each number comes first, then the second for each",
            expected="outputs for one number that lie one after another on the last axis",
            cause=f"levels, or whatever tells the {outputs} outputs apart, are repeated (np.repeat) where the list of "
            "them is (np.tile), or reshaped to (…, outputs, numbers)",
        )


def _costs(cost: Cost, prediction: Array, target: Array) -> Array:
    return cost_and_gradient(cost, read_only(prediction), read_only(target))[0]
