"""A cost under the mask of ragged sequences: what does not count costs nothing, and may hold anything."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layerkit.errors import LayerkitError
from layerkit.interfaces.cost import Cost
from layerkit.testing.closeness import difference, identical
from layerkit.testing.differences import compare
from layerkit.testing.inputs import owned, read_only
from layerkit.testing.rigs.predictions import cost_and_gradient, cost_context, set_mask, shapes, target_form
from layerkit.testing.rigs.ragged import Ragged, draw_ragged, shapes_over_time
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_ROW_BY_ROW = (
    "multiply by ctx.mask_over(value): it has a row for each example, and may leave out any step, not only the last; "
    "of a value without axes behind (batch, time) it is None, so ask it of the prediction"
)


@told_by("one-cost-per-example", "gradient-matches", "examples-independent", "finite-at-the-ends", "special-places")
def masked_positions(subject: Subject) -> None:
    """Under a mask, steps that do not count cost nothing, have no gradient, and may hold anything."""
    tried = False
    for shape in shapes_over_time(subject.case):
        cost: Cost = subject.make()
        padded, holed = (draw_ragged(cost, subject.case, shape, holes=holes) for holes in (False, True))
        notices = [_takes_notice(cost, ragged) for ragged in (padded, holed)]
        # of shapes that the kit made of the author's, it need not know that their first axis is time
        if not any(notices) and (False not in notices or shape not in shapes(subject.case)):
            continue
        tried = True
        for ragged in (padded, holed):
            for other in _others(subject, cost, ragged):
                _require_nothing_from_padding(cost, ragged, other)
        _require_the_same_alone(cost, padded)
        _require_gradient(cost, holed)
        _require_no_memory(cost, padded)
        _require_padding_accepted(cost, padded)
    if not tried:
        raise NotApplicable("it takes no sequences, or takes no notice of ctx.mask")


def _takes_notice(cost: Cost, ragged: Ragged) -> bool | None:
    """Whether a mask makes a difference; None if the cost refuses sequences or masks, and is left alone."""
    try:
        plain = _passes(cost, ragged, None)
    except Exception:
        return None
    if plain[0].shape != ragged.mask.shape[:1]:
        return None
    try:
        return not identical(_passes(cost, ragged, ragged.mask), plain)
    except LayerkitError:
        return None
    except Exception as error:
        raise Unmet(
            f"with a mask of shape {ragged.mask.shape}, predictions of shape {ragged.prediction.shape} raise "
            f"{type(error).__name__}: {error}",
            expected="costs without the steps that the mask leaves out",
            cause="ctx.mask is (batch, time); ctx.mask_over(value) has axes that fit the value",
        ) from error


def _require_nothing_from_padding(cost: Cost, ragged: Ragged, other: Ragged) -> None:
    costs, gradient = _passes(cost, ragged, ragged.mask)
    try:
        strange_costs, strange_gradient = _passes(cost, other, ragged.mask)
    except Exception as error:
        raise Unmet(
            f"with targets of {other.target[~ragged.mask][0]} where the mask leaves out: {type(error).__name__}: "
            f"{error}",
            expected="the same costs, whatever stands in places that do not count",
            cause="labels are used as an index before the mask is applied; take 0 where the mask leaves out",
        ) from error
    told = difference(strange_costs, costs)
    if told is not None:
        raise Unmet(
            f"with other numbers where the mask leaves out, an example costs {told}",
            expected="the same costs, whatever stands in places that do not count",
            cause=f"the mask is not applied in forward, or not to all that enters: {_ROW_BY_ROW}",
        )
    told = difference(strange_gradient[ragged.mask], gradient[ragged.mask])
    largest = np.abs(strange_gradient[~ragged.mask]).max(initial=0.0)
    if told is None and not largest <= 1e-12:
        told = f"{largest:.6g} instead of 0 in a place that does not count"
    if told is not None:
        raise Unmet(
            f"with other numbers where the mask leaves out, the gradient is {told}",
            expected="the same gradient where the mask counts, and 0 where it does not",
            cause=f"the mask is applied in forward alone: in backward, too, {_ROW_BY_ROW}",
        )


def _require_the_same_alone(cost: Cost, ragged: Ragged) -> None:
    costs, gradient = _passes(cost, ragged, ragged.mask)
    for row, prediction, target in ragged.alone():
        try:
            alone, slope = cost_and_gradient(cost, prediction, target)
        except LayerkitError:
            return  # made for one length
        told = difference(costs[row : row + 1], alone) or difference(gradient[row][ragged.mask[row]], slope[0])
        if told is not None:
            raise Unmet(
                f"a sequence of {prediction.shape[1]} steps, padded to {ragged.mask.shape[1]}, has {told} when it is "
                "alone, without padding and mask",
                expected="the same cost and the same gradient",
                cause="a mean over all steps instead of those that count, or over all of the batch's that count: each "
                "example's cost is its own",
            )


def _require_gradient(cost: Cost, ragged: Ragged) -> None:
    weights = generator(122).uniform(0.5, 2, len(ragged.prediction))
    point = np.array(ragged.prediction)
    costs, gradient = _passes(cost, ragged, ragged.mask)
    weighted = gradient * weights.reshape(-1, *[1] * (gradient.ndim - 1))

    def value() -> float:
        return float(weights @ cost.forward(read_only(point), ragged.target, cost_context(mask=ragged.mask)))

    told = compare(value, point, weighted, generator(123), size=float(np.abs(weights * costs).sum()))
    if told is not None:
        raise Unmet(
            f"under a mask the gradient, weighted by rows, is {told}",
            expected="the derivative of each example's cost under that mask",
            cause=f"forward and backward use the mask in different ways: {_ROW_BY_ROW}",
        )


def _require_no_memory(cost: Cost, ragged: Ragged) -> None:
    context = cost_context(mask=ragged.mask)
    cost.forward(ragged.prediction, ragged.target, context)
    cost.backward(ragged.prediction, ragged.target, context)
    set_mask(context, None)
    costs: Array = owned(cost.forward(ragged.prediction, ragged.target, context))
    gradient: Array = owned(cost.backward(ragged.prediction, ragged.target, context))
    told = difference((costs, gradient), _passes(cost, ragged, None))
    if told is not None:
        raise Unmet(
            f"without a mask, after a pass that had one: {told}",
            expected="what it gives without a mask",
            cause="the mask of an earlier pass, or what came of it, is kept on ctx.saved; ask for it in every pass",
        )


def _require_padding_accepted(cost: Cost, ragged: Ragged) -> None:
    try:
        cost.check_target(ragged.target, cost_context())
    except LayerkitError:
        return  # what the case draws means nothing to it
    padded = ragged.with_zeros()
    try:
        cost.check_target(padded.target, cost_context(mask=padded.mask))
    except Exception as error:
        raise Unmet(
            f"check_target, with targets of 0 where the mask leaves out: {type(error).__name__}: {error}",
            expected="no objection to what does not count",
            cause="check_target looks at padding, too; leave out what ctx.mask_over(target) does",
        ) from error


def _others(subject: Subject, cost: Cost, ragged: Ragged) -> Iterator[Ragged]:
    """The same sequences with other padding; labels have there what no class has."""
    other = draw_ragged(cost, subject.case, ragged.shape, seed=121)
    yield ragged.with_padding(other)
    if target_form(cost, subject.case) == "labels":
        for label in (-1, 99):
            junk = np.full_like(ragged.target, label)
            yield ragged.with_padding(Ragged(ragged.shape, other.prediction, junk, ragged.mask))


def _passes(cost: Cost, ragged: Ragged, mask: Array | None) -> tuple[Array, Array]:
    return cost_and_gradient(cost, ragged.prediction, ragged.target, mask)
