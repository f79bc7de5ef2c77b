"""A cost: one number an example, its gradient, and what it must refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from layerkit.errors import LayerkitError, ShapeError
from layerkit.interfaces.cost import Cost
from layerkit.testing.case import Case
from layerkit.testing.closeness import difference
from layerkit.testing.differences import compare
from layerkit.testing.inputs import owned, read_only
from layerkit.testing.rigs.predictions import cost_context, draw_pair, shapes, target_form
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite
from layerkit.testing.suites.cost_readout import READOUT
from layerkit.testing.suites.cost_recording import RECORDING
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value


def use(cost: Cost, case: Case, dtype: Any) -> Value:
    """Typical use, for the checks that all kinds share: all that it gave, as copies."""
    given = []
    for shape in shapes(case):
        prediction, target = draw_pair(cost, case, shape, dtype=dtype)
        context = cost_context(dtype)
        each = owned(cost.forward(prediction, target, context))
        given.append((each, owned(cost.backward(prediction, target, context))))
    return tuple(given)


def one_cost_per_example(subject: Subject) -> None:
    """Forward gives one finite cost for each example, in the predictions' dtype."""
    for dtype in (np.float64, np.float32):
        for shape in shapes(subject.case):
            cost = subject.make()
            prediction, target = draw_pair(cost, subject.case, shape, dtype=dtype)
            found = cost.forward(prediction, target, cost_context(dtype))
            if not isinstance(found, np.ndarray) or found.shape != (len(prediction),):
                raise Unmet(
                    f"predictions of shape {prediction.shape} cost {_shown(found)}",
                    expected=f"an array of shape ({len(prediction)},)",
                    cause="the mean or sum over the batch is taken, or an axis of an example is left over; means "
                    "belong to the trainer",
                )
            if not np.isfinite(found).all():
                raise Unmet(
                    f"costs {found}", expected="finite costs", cause="a logarithm or a division of the wrong number"
                )
            if found.dtype != dtype:
                raise Unmet(
                    f"{np.dtype(dtype)} predictions cost {found.dtype} numbers",
                    expected=str(np.dtype(dtype)),
                    cause="a NumPy array or scalar of another dtype takes part",
                )


def gradient_shape_and_dtype(subject: Subject) -> None:
    """Backward gives an array of the predictions' shape and dtype."""
    for dtype in (np.float64, np.float32):
        for cost, prediction, target in _pairs(subject, dtype):
            _, gradient = _both(cost, prediction, target)
            if gradient.shape != prediction.shape or gradient.dtype != prediction.dtype:
                raise Unmet(
                    f"a gradient of shape {gradient.shape}, {gradient.dtype}",
                    expected=f"shape {prediction.shape}, {prediction.dtype}",
                    cause="a reduction too many, broadcasting, or a constant of another dtype",
                )


def gradient_matches(subject: Subject) -> None:
    """The gradient agrees with central differences of each example's cost."""
    for cost, prediction, target in _pairs(subject):
        weights = generator(90).uniform(0.5, 2, len(prediction))
        point = np.array(prediction)
        costs, gradient = _both(cost, prediction, target)
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


def examples_independent(subject: Subject) -> None:
    """An example's cost and gradient are the same alone, in a batch, and in another place of it."""
    for cost, prediction, target in _pairs(subject):
        together = _both(cost, prediction, target)
        order = np.arange(len(prediction))[::-1]
        moved = _both(cost, read_only(prediction[order]), read_only(target[order]))
        told = difference(moved, tuple(array[order] for array in together))
        alone = [
            _both(cost, read_only(prediction[row : row + 1]), read_only(target[row : row + 1]))
            for row in range(len(prediction))
        ]
        told = told or difference(tuple(np.concatenate(arrays) for arrays in zip(*alone, strict=True)), together)
        if told is not None:
            raise Unmet(
                f"an example alone, or in another place, has {told}",
                expected="the same cost and the same gradient, but for rounding",
                cause="a mean, a sum or a maximum over the batch",
            )


def no_broadcasting(subject: Subject) -> None:
    """Targets of another shape than the cost declares are refused with a ShapeError, (n, 1) against (n,) too."""
    cost: Cost = subject.make()
    labels = target_form(cost, subject.case) == "labels"
    for shape in shapes(subject.case):
        prediction, target = draw_pair(cost, subject.case, shape)
        rows = len(prediction)
        wrong = [target[:1], target.sum(axis=None, keepdims=True)]
        if not labels:
            column = prediction.reshape(rows, -1)[:, :1]
            wrong += [target.reshape(rows, -1)[:, 0]] if target.ndim > 1 else [target[:, None]]
            pairs = [(column, column[:, 0]), (column[:, 0], column)]
        else:
            pairs = []
            wrong += [target[..., None]]
        pairs += [(prediction, bad) for bad in wrong]
        for one, other in pairs:
            if one.shape == other.shape:
                continue
            _require_refusal(cost, read_only(one), read_only(other))


def minimum_reached(subject: Subject) -> None:
    """A declared minimum is the cost where prediction and target are equal, with a gradient of 0; none is lower."""
    cost: Cost = subject.make()
    minimum = cost.minimum
    if minimum is None:
        raise NotApplicable("the cost declares no minimum")
    for other in _pairs(subject):
        _, prediction, target = other
        costs, _ = _both(cost, prediction, target)
        best, gradient = _both(cost, target, target)
        if not np.allclose(best, minimum, rtol=0, atol=1e-12) or costs.min() < minimum - 1e-12:
            raise Unmet(
                f"where prediction and target are equal the cost is {best[0]:.6g}; elsewhere it is as low as "
                f"{costs.min():.6g}",
                expected=f"the declared minimum, {minimum:g}, and nothing lower",
                cause="a sign, an offset, or the declaration of minimum",
            )
        if np.abs(gradient).max() > 1e-9:
            raise Unmet(
                f"where prediction and target are equal the gradient is {np.abs(gradient).max():.6g}",
                expected="0 at the minimum",
                cause="the gradient forgets the target, or has an offset",
            )


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
                costs, gradient = _both(cost, prediction, read_only(target))
            if not (np.isfinite(costs).all() and np.isfinite(gradient).all()):
                raise Unmet(
                    f"in {np.dtype(dtype)}, costs {costs} and gradients up to {np.abs(gradient).max()}",
                    expected="finite numbers",
                    cause="log(0) or 1/0; keep the argument away from 0, as by max(p, tiny)",
                )


def scratch_reused(subject: Subject) -> None:
    """Costs and gradients in memory that was used before are those in fresh memory."""
    cost: Cost = subject.make()
    context = cost_context()
    for rows, seed in ((6, 94), (6, 95), (4, 96), (6, 97)):
        for shape in shapes(subject.case):
            prediction, target = draw_pair(cost, subject.case, shape, rows=rows, seed=seed)
            context.scratch.overwrite(np.nan)
            costs = owned(cost.forward(prediction, target, context))
            told = difference(
                (costs, owned(cost.backward(prediction, target, context))), _both(cost, prediction, target)
            )
            if told is not None:
                raise Unmet(
                    f"in used memory, {told}",
                    expected="what fresh memory gives; the kit fills used scratch with NaN",
                    cause="ctx.scratch is read or added to before it is written, or something on ctx.saved is stale",
                )


def _pairs(subject: Subject, dtype: type = np.float64) -> Iterator[tuple[Cost, Array, Array]]:
    for shape in shapes(subject.case):
        cost: Cost = subject.make()
        yield (cost, *draw_pair(cost, subject.case, shape, dtype=dtype))


def _both(cost: Cost, prediction: Array, target: Array) -> tuple[Array, Array]:
    context = cost_context(prediction.dtype)
    costs: Array = owned(cost.forward(prediction, target, context))
    gradient: Array = owned(cost.backward(prediction, target, context))
    return costs, gradient


def _require_refusal(cost: Cost, prediction: Array, target: Array) -> None:
    told = f"predictions {prediction.shape} with targets {target.shape}"
    wanted = "a ShapeError: nothing is broadcast"
    cause = "call self.require_same_shape(prediction, target) first in forward, or compare the shapes there"
    try:
        found = cost.forward(prediction, target, cost_context())
    except ShapeError:
        return
    except LayerkitError as error:
        raise Unmet(f"{told}: {type(error).__name__}: {error}", expected=wanted, cause=cause) from error
    except Exception as error:
        raise Unmet(f"{told}: {type(error).__name__}: {error}", expected=wanted, cause=cause) from error
    raise Unmet(f"{told} cost {_shown(found)}", expected=wanted, cause=cause)


def _shown(found: object) -> str:
    return f"an array of shape {found.shape}" if isinstance(found, np.ndarray) else f"{found!r}"


CHECKS = (
    *suite(
        one_cost_per_example,
        gradient_shape_and_dtype,
        gradient_matches,
        examples_independent,
        no_broadcasting,
        minimum_reached,
        finite_at_the_ends,
        scratch_reused,
    ),
    *READOUT,
    *RECORDING,
)
