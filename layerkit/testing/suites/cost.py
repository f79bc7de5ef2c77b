"""A cost: one number an example, its gradient, and what it must refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from layerkit.interfaces.cost import Cost
from layerkit.testing.case import Case
from layerkit.testing.closeness import difference
from layerkit.testing.differences import compare
from layerkit.testing.inputs import owned, read_only
from layerkit.testing.rigs.predictions import (
    cost_and_gradient,
    cost_context,
    cost_pairs,
    draw_pair,
    shapes,
    target_form,
)
from layerkit.testing.rigs.repeatable import require_repeatable
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.suites.argument_values import arguments_obeyed_later, require_with_others
from layerkit.testing.suites.cost_answers import every_target_counts
from layerkit.testing.suites.cost_lines import gradient_adds_up
from layerkit.testing.suites.cost_masks import masked_positions
from layerkit.testing.suites.cost_places import (
    full_precision,
    label_dtypes,
    large_predictions,
    many_rows,
    readout_usable,
    special_places,
)
from layerkit.testing.suites.cost_recording import RECORDING
from layerkit.testing.suites.cost_shapes import gradient_shape_and_dtype, no_broadcasting, one_cost_per_example
from layerkit.testing.suites.targets_refused import targets_refused
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Shape, Value


def use(cost: Cost, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    given = []
    for shape in shapes(case):
        prediction, target = draw_pair(cost, case, shape, dtype=dtype)
        context = cost_context(dtype)
        each = owned(cost.forward(prediction, target, context))
        given.append((each, owned(cost.backward(prediction, target, context))))
    return tuple(given)


@told_by("one-cost-per-example")
def examples_independent(subject: Subject) -> None:
    """An example's cost is the same alone, in a batch, and in another place of it."""
    for cost, prediction, target in cost_pairs(subject):
        together, _ = cost_and_gradient(cost, prediction, target)
        order = np.arange(len(prediction))[::-1]
        moved, _ = cost_and_gradient(cost, read_only(prediction[order]), read_only(target[order]))
        rows = [slice(row, row + 1) for row in order[::-1]]
        alone = [cost_and_gradient(cost, read_only(prediction[row]), read_only(target[row]))[0] for row in rows]
        told = difference(moved, together[order]) or difference(np.concatenate(alone), together)
        if told is not None:
            raise Unmet(
                f"an example alone, or in another place, costs {told}",
                expected="the same cost, but for rounding",
                cause="a mean, a sum or a maximum over the batch",
            )


@told_by("one-cost-per-example", "gradient-shape-and-dtype", "full-precision", "examples-independent")
def gradient_matches(subject: Subject) -> None:
    """The gradient agrees with central differences of each example's cost."""
    for cost, prediction, target in cost_pairs(subject):
        weights = generator(90).uniform(0.5, 2, len(prediction))
        point = np.array(prediction)
        costs, gradient = cost_and_gradient(cost, prediction, target)
        # unequal weights, so that a gradient that is mixed up between rows does not pass
        weighted = gradient * weights.reshape(-1, *[1] * (gradient.ndim - 1))

        def value(cost: Cost = cost, point: Array = point, target: Array = target, weights: Array = weights) -> float:
            return float(weights @ cost.forward(read_only(point), target, cost_context()))

        told = compare(value, point, weighted, generator(91), size=float(np.abs(weights * costs).sum()))
        if told is not None:
            ratio = told.found / told.wanted if told.wanted else np.nan
            rows = len(prediction)
            hint = f" (it is divided by the {rows} rows)" if np.isclose(ratio * rows, 1, rtol=1e-5) else ""
            raise Unmet(
                f"the gradient, weighted by rows, is {told}{hint}",
                expected="the derivative of each example's cost, unscaled",
                cause="a wrong sign or factor, or a mean over the batch, which belongs to the trainer",
            )


@told_by("full-precision", "gradient-matches")
def minimum_reached(subject: Subject) -> None:
    """A declared minimum is the cost where prediction and target are equal, with a gradient of 0; none is lower."""
    cost: Cost = subject.make()
    minimum = cost.minimum
    if minimum is None:
        raise NotApplicable("the cost declares no minimum")
    for other in cost_pairs(subject):
        _, prediction, target = other
        costs, _ = cost_and_gradient(cost, prediction, target)
        best, gradient = cost_and_gradient(cost, target, target)
        if not np.allclose(best, minimum, rtol=0, atol=1e-12) or costs.min() < minimum - 1e-12:
            raise Unmet(
                f"where prediction and target are equal the cost is {best[0]:.6g}; elsewhere it is as low as "
                f"{costs.min():.6g}",
                expected=f"the declared minimum, {minimum:g}, and nothing lower",
                cause="a sign, an offset, or the declaration of minimum",
            )
        # NaN, as 0 / 0 gives it, is told by special-places
        if np.abs(gradient).max() > 1e-9:
            raise Unmet(
                f"where prediction and target are equal the gradient is {np.abs(gradient).max():.6g}",
                expected="0 at the minimum",
                cause="the gradient forgets the target, or has an offset",
            )


@told_by("arguments-at-their-ends", "one-cost-per-example", "gradient-matches", "minimum-reached")
def arguments_elsewhere(subject: Subject) -> None:
    """With other numbers for its arguments than those of the case, its gradient is true, and its minimum reached."""
    require_with_others(subject, gradient_matches, minimum_reached)


def finite_at_the_ends(subject: Subject) -> None:
    """Costs and gradients are finite at predictions of exactly 0 and 1, right and wrong ones, in both dtypes."""
    for dtype in (np.float64, np.float32):
        for shape in shapes(subject.case):
            cost = subject.make()
            _, drawn = draw_pair(cost, subject.case, shape, rows=8, dtype=dtype)
            ends = generator(92).integers(0, 2, (8, *shape)).astype(dtype)
            target = drawn
            if drawn.dtype.kind == "f" and target_form(cost, subject.case) in ("real", "unit"):
                target = generator(93).integers(0, 2, drawn.shape).astype(dtype)
            prediction = read_only(ends)
            with np.errstate(all="ignore"):
                costs, gradient = cost_and_gradient(cost, prediction, read_only(target))
            if not (np.isfinite(costs).all() and np.isfinite(gradient).all()):
                raise Unmet(
                    f"in {np.dtype(dtype)}, costs {costs} and gradients up to {np.abs(gradient).max()}",
                    expected="finite numbers",
                    cause="log(0) or 1/0; keep the argument away from 0, as by max(p, tiny)",
                )


def scratch_reused(subject: Subject) -> None:
    """Costs and gradients in memory that was used before, by batches of other sizes, are those in fresh memory."""
    cost: Cost = subject.make()
    context = cost_context()
    for rows, seed in ((6, 94), (6, 95), (4, 96), (6, 97)):
        for shape in _lengths(subject, rows):
            prediction, target = draw_pair(cost, subject.case, shape, rows=rows, seed=seed)
            context.scratch.overwrite(np.nan)
            costs = owned(cost.forward(prediction, target, context))
            wanted = cost_and_gradient(cost, prediction, target)
            told = difference((costs, owned(cost.backward(prediction, target, context))), wanted)
            if told is not None:
                require_repeatable(wanted, cost_and_gradient(cost, prediction, target))
                raise Unmet(
                    f"in used memory, {told}",
                    expected="what fresh memory gives; the kit fills used scratch with NaN",
                    cause="ctx.scratch is read or added to before it is written, or something on ctx.saved is stale: "
                    "the length of the first sequences, say",
                )


def _lengths(subject: Subject, rows: int) -> Iterator[Shape]:
    """The shapes, and for sequences another length, where the cost takes it."""
    for shape in shapes(subject.case):
        yield shape
        if len(shape) > 1:
            longer = (shape[0] + 1, *shape[1:])
            cost: Cost = subject.make()
            try:
                costs, _ = cost_and_gradient(cost, *draw_pair(cost, subject.case, longer, rows=rows))
            except Exception:
                continue
            if costs.shape == (rows,):
                yield longer


CHECKS = (
    *suite(
        one_cost_per_example,
        gradient_shape_and_dtype,
        full_precision,
        examples_independent,
        gradient_matches,
        many_rows,
        no_broadcasting,
        every_target_counts,
        label_dtypes,
        minimum_reached,
        arguments_elsewhere,
        arguments_obeyed_later,
        targets_refused,
        finite_at_the_ends,
        special_places,
        large_predictions,
        gradient_adds_up,
        masked_positions,
        scratch_reused,
        readout_usable,
    ),
    *RECORDING,
)
