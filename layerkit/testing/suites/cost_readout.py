"""What a cost gives a model to turn its outputs into predictions for people."""

from __future__ import annotations

from typing import Any

from layerkit.interfaces.activation import Activation
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.layer import Layer
from layerkit.testing.case import Case
from layerkit.testing.inputs import owned, read_only
from layerkit.testing.rigs.layer_rig import LayerRig
from layerkit.testing.rigs.predictions import draw_pair, shapes
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite
from layerkit.testing.verdicts import NotApplicable, Unmet


def readout_usable(subject: Subject) -> None:
    """What readout gives is an activation that takes the predictions and keeps their shape, or None."""
    for shape in shapes(subject.case):
        cost: Cost = subject.make()
        readout: Any = cost.readout()
        if readout is None:
            raise NotApplicable("the cost has no readout")
        if not isinstance(readout, Activation):
            raise Unmet(
                f"readout() gives {_told(readout)}",
                expected="an activation, which a model can keep, copy and save, such as Softmax(), or None",
                cause=_cause(readout),
            )
        prediction, _ = draw_pair(cost, subject.case, shape)
        try:
            found = LayerRig(readout.copy(), shape, Case()).forward(read_only(owned(prediction)), training=False)
        except Exception as error:
            raise Unmet(
                f"predictions of shape {prediction.shape}: {readout!r} raises {type(error).__name__}: {error}",
                expected="a readout that takes what the model puts out, the cost's predictions",
                cause="the readout is meant for what it has put out itself, or for another shape",
            ) from error
        if found.shape != prediction.shape:
            raise Unmet(
                f"the readout {readout!r} turns predictions of shape {prediction.shape} into {found.shape}",
                expected="the same shape",
                cause="an activation keeps the shape; a choice among classes is made by whoever reads the prediction",
            )


def _told(readout: Any) -> str:
    if isinstance(readout, type):
        return f"the class {readout.__name__}"
    return repr(readout) if isinstance(readout, (str, Layer)) else f"an object of type {type(readout).__name__}"


def _cause(readout: Any) -> str:
    if isinstance(readout, type):
        return f"a class where an object is wanted: return {readout.__name__}(), with brackets"
    if isinstance(readout, Layer):
        return "a layer that is no activation may change the shape, and has values that nobody trains"
    return "an activation is an object of a class that derives from Activation; a function or a name cannot be saved"


READOUT = suite(readout_usable)
