"""An activation by itself, and its values at places of one's choice."""

from __future__ import annotations

from layerkit.interfaces.activation import Activation
from layerkit.testing.case import Case
from layerkit.testing.inputs import read_only
from layerkit.testing.rigs.layer_rig import LayerRig
from layerkit.testing.subject import Subject
from layerkit.testing.verdicts import NotApplicable
from layerkit.types import Array


def activation_rig(subject: Subject, shape: tuple[int, ...] = (1,), *, first: bool = False) -> LayerRig:
    """The activation under test; with its ``first`` values, since what is learned may leave what is declared."""
    rig = LayerRig(subject.make(), shape, Case())
    if first:
        rig.structure.draw(7, keep=False)
    return rig


def activation_of(rig: LayerRig) -> Activation:
    """The rig's layer, which is an activation."""
    assert isinstance(rig.layer, Activation)
    return rig.layer


def elementwise_of(subject: Subject) -> Activation:
    """The activation under test, which declares elementwise.

    Raises:
        NotApplicable: it does not.
    """
    activation: Activation = subject.make()
    if not activation.elementwise:
        raise NotApplicable("the activation does not declare elementwise")
    return activation


def values_at(rig: LayerRig, places: Array) -> Array:
    """The outputs at these places, shaped like them."""
    column = read_only(places.reshape(-1, 1))
    found: Array = rig.forward(column, training=False)
    return found.reshape(places.shape)
