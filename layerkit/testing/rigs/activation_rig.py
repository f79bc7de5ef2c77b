"""An activation in a structure of its own."""

from __future__ import annotations

from layerkit.interfaces.activation import Activation
from layerkit.testing.case import Case
from layerkit.testing.rigs.layer_rig import LayerRig
from layerkit.testing.subject import Subject
from layerkit.testing.verdicts import NotApplicable


def rig_of(subject: Subject, shape: tuple[int, ...]) -> LayerRig:
    """The activation, for inputs of a shape, whatever shapes the case names."""
    return LayerRig(subject.make(), shape, Case())


def activation_of(rig: LayerRig) -> Activation:
    """The rig's layer, which is an activation."""
    assert isinstance(rig.layer, Activation)
    return rig.layer


def elementwise_of(subject: Subject) -> Activation:
    """The activation, if it is elementwise.

    Raises:
        NotApplicable: it does not declare so.
    """
    activation: Activation = subject.make()
    if not activation.elementwise:
        raise NotApplicable("the activation does not declare elementwise")
    return activation
