"""One layer in places of different shapes."""

from __future__ import annotations

from itertools import permutations
from typing import final

from layerkit.errors import LayerkitError
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.shapes import is_many, with_batch
from layerkit.testing.closeness import difference
from layerkit.testing.inputs import draw_like
from layerkit.testing.rigs.layer_rig import DEFAULT_SHAPES, LayerRig, Step
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.suites.layer_sizes import shapes_near
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Shape, Value

_PAIRS = 2
"""How many pairs of shapes are tried."""


@final
class _Beside(Layer):
    """The same layer in two places: (f(x₁), f(x₂))."""

    def __init__(self, inner: Layer) -> None:
        self.inner = inner

    def build(self, input_shape: Shape) -> Shape:
        return tuple(self.part(name, self.inner, shape) for name, shape in zip(_NAMES, input_shape, strict=True))

    def forward(self, x: Value, ctx: Context) -> Value:
        return tuple(part.forward(value) for part, value in zip(ctx.parts, x, strict=True))

    def backward(self, grad: Value, ctx: Context) -> Value:
        return tuple(part.backward(each) for part, each in zip(ctx.parts, grad, strict=True))


_NAMES = ("first", "second")


@told_by("other-lengths", "wrong-shapes", "twice-in-one-network", "arguments-kept", "keeps-nothing-on-itself")
def places_of_two_shapes(subject: Subject) -> None:
    """In two places of one network, for inputs of different shapes, a layer works in each as it does alone."""
    tried = 0
    for shapes in _pairs_of(subject):
        try:
            beside = LayerRig(_Beside(subject.make()), shapes, subject.case)
        except LayerkitError:
            continue  # its parameters, or its states, have other shapes in each place
        if any(is_many(part.output_shape) for part in beside.node.parts.values()):
            continue
        tried += 1
        _require_each(subject, beside, shapes)
        if tried == _PAIRS:
            return
    if not tried:
        raise NotApplicable("no two shapes of one input go together: its values depend on the shape")


def _require_each(subject: Subject, beside: LayerRig, shapes: tuple[Shape, Shape]) -> None:
    training = not beside.stochastic
    told = f"inputs of {with_batch(shapes[0])} in one place, and of {with_batch(shapes[1])} in another"
    x = beside.inputs()
    wanted: list[Step] = []
    upstream = []
    for value, shape in zip(x, shapes, strict=True):
        alone = LayerRig(subject.make(), shape, subject.case)
        alone.structure.parameters[...] = beside.structure.parameters
        alone.structure.states[...] = beside.structure.states
        try:
            grad = draw_like(alone.forward(value, training=training), generator(75))
            wanted.append(alone.tree(training=training).step(value, grad))
        except LayerkitError:
            return
        upstream.append(grad)
    try:
        found = beside.tree(training=training).step(x, tuple(upstream))
        apart = difference(
            (found.output, found.input_gradient),
            (tuple(step.output for step in wanted), tuple(step.input_gradient for step in wanted)),
        )
    except LayerkitError:
        return
    except Exception as error:
        raise Unmet(f"{told}: {type(error).__name__}: {error}", expected=_EXPECTED, cause=_CAUSE) from error
    if apart is not None:
        raise Unmet(f"{told}: an output or an input gradient is {apart}", expected=_EXPECTED, cause=_CAUSE)


_EXPECTED = "what the layer gives in each place alone"
_CAUSE = (
    "build keeps a length on self, and the last place that is built has the say: read lengths from x.shape in each "
    "pass, or keep them on ctx.saved in connect"
)


def _pairs_of(subject: Subject) -> list[tuple[Shape, Shape]]:
    """Pairs of shapes of one input: those of the case, then the first of them with shapes near it."""
    own = [shape for shape in subject.case.input_shapes or DEFAULT_SHAPES if not is_many(shape)]
    pairs = list(permutations(own, 2))
    return pairs + [(near, shape) for shape in own[:1] for near in shapes_near(shape)]


PLACES = suite(places_of_two_shapes)
