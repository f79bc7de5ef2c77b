"""Classes that a metric tells from a probability are those that the model tells: above its threshold."""

from __future__ import annotations

import numpy as np

from layerkit.interfaces.constructor_arguments import arguments_of
from layerkit.interfaces.metric import Metric
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.measured import Measured, same_measure
from layerkit.testing.rigs.predictions import draw_pair, shapes, target_form
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array

_ROWS = 40
_THRESHOLD = 0.3
_NEAR, _FURTHER = 0.02, 0.15
_TWO = 2


@told_by("totals-kept", "predictions-matter", "within-bounds")
def models_threshold(subject: Subject) -> None:
    """What tells classes from probabilities does it by the model's threshold, not by ½ whatever that is."""
    case = subject.case
    if case.prediction_range != (0, 1) or target_form(subject.make(), case) not in ("labels", "one-hot", "multi-hot"):
        raise NotApplicable("predictions are no probabilities, or targets no classes")
    if any("threshold" in name for name in arguments_of(subject.target)):
        raise NotApplicable("it has a threshold of its own, which is an argument")
    tried = False
    for shape in shapes(case):
        of_two = shape[-1] == _TWO and case.targets != "multi-hot"
        if shape[-1] != 1 and not of_two and case.targets != "multi-hot":
            continue
        tried = True
        metric: Metric = subject.make()
        prediction, target = draw_pair(metric, case, shape, rows=_ROWS)
        data = Measured(metric, case, prediction, target, read_only(np.ones(_ROWS)), threshold=_THRESHOLD)
        upper = generator(120).random((*prediction.shape[:-1], 1) if of_two else prediction.shape) < 0.5
        # all lie above the threshold, and in the same order
        near, further, below = (
            data.measure([(_given(np.where(upper, *sides), of_two=of_two), target, data.weights)])
            for sides in (
                (0.5 + _NEAR, 0.5 - _NEAR),
                (0.5 + _FURTHER, 0.5 - _FURTHER),
                (0.5 - _NEAR, 0.5 - _FURTHER),
            )
        )
        if same_measure(near, further) and not same_measure(near, below):
            raise Unmet(
                f"for a model whose threshold is {_THRESHOLD}, probabilities of {0.5 + _NEAR:g} and {0.5 - _NEAR:g} "
                f"give {near:.9g}, those of {0.5 - _NEAR:g} and {0.5 - _FURTHER:g} {below:.9g}",
                expected="the same, for all of them lie above the threshold",
                cause="predictions are compared with 0.5, or rounded; self.classes(prediction, target, ctx) and "
                "ctx.decision tell classes as the model does",
            )
    if not tried:
        raise NotApplicable("there is no shape of one output or two, and outputs are no labels of their own")


def _given(yes: Array, *, of_two: bool) -> Array:
    """Predictions by their probability of a yes: of two classes, both of them."""
    given: Array = read_only(np.concatenate([1 - yes, yes], axis=-1) if of_two else yes)
    return given
