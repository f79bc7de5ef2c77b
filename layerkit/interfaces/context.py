"""What a pass knows: contexts of layers, costs and metrics."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, final

import numpy as np

from layerkit.errors import LayerkitError, ShapeError
from layerkit.interfaces.decision import Decision
from layerkit.interfaces.scratch import Scratch
from layerkit.types import Array, Shape, Value

if TYPE_CHECKING:
    from layerkit.interfaces.layer import Layer


_PLAIN = Decision()


class Tracer(Protocol):
    """Watches the passes of a context tree, to find out where something went wrong."""

    def forward(self, ctx: Context, x: Value, output: Value) -> None: ...

    def backward(self, ctx: Context, grad: Value, output: Value | None) -> None: ...


class Saved:
    """Where an author keeps values from a forward pass to the backward pass: any attribute."""


@final
class PassState:
    """What the contexts of one tree share, and the host sets."""

    __slots__ = ("generator", "mask", "proposals", "rows")

    def __init__(self, generator: Callable[[str], np.random.Generator]) -> None:
        self.generator = generator
        self.mask: Array | None = None
        self.rows = 0.0
        self.proposals: list[tuple[Array, Array, float]] = []


@final
class Context:
    """One occurrence of a layer (or a cost, or a metric) in one tree of passes.

    An author keeps values on ``saved``; every other name is layerkit's:

    - ``training``: whether this pass trains (a frozen layer runs in inference mode also while others train);
    - ``needs_input_gradient``: whether ``backward`` has to return a gradient;
    - ``scratch(name, shape)``: memory reused from step to step; ``scratch.ones(n)``, ``scratch.scalar(name, value)``;
    - ``rng``: this occurrence's own generator; ``mask``: ``(batch, time)`` booleans of ragged sequences, or None;
      ``mask_over(value)``: the mask, shaped to be multiplied with ``value``; ``masked(mask)``: a block in which parts
      see another one;
    - ``gradient(name)``: the buffer that ``backward`` overwrites; ``update_state(name, value)``: a proposal;
    - ``part(name)``: an inner layer's context, whose ``forward(x)`` and ``backward(grad)`` run that layer;
      ``parts``: a tuple of all of them in the order of ``build`` (hosts hand them over with their names);
    - ``path``: the place in the network, such as ``0.inner``; ``trainable``: whether anything here is trained;
    - ``prediction_shape`` and ``prediction_range``, of a metric: the shape of what ``predict`` gives, without the batch
      axis, and its lowest and highest value, as far as readout or last activation declare it; ``decision``, of a
      metric too: how classes are told from that, with the model's threshold.
    """

    __slots__ = (
        "_gradients",
        "_parts",
        "_rng",
        "_shared",
        "_states",
        "backward",
        "decision",
        "forward",
        "layer",
        "needs_input_gradient",
        "parts",
        "path",
        "prediction_range",
        "prediction_shape",
        "saved",
        "scratch",
        "trainable",
        "training",
    )

    forward: Callable[[Value], Value]
    """Runs this context's layer forward."""

    backward: Callable[[Value], Any]
    """Runs this context's layer backward: the gradient with respect to its input, or None where not wanted."""

    def __init__(
        self,
        path: str,
        shared: PassState,
        scratch: Scratch,
        *,
        training: bool,
        layer: Layer | None = None,
        parts: Mapping[str, Context] | None = None,
        gradients: Mapping[str, Array] | None = None,
        states: Mapping[str, Array] | None = None,
        trainable: bool = False,
        prediction_shape: Shape = (),
        prediction_range: tuple[float, float] = (-math.inf, math.inf),
        decision: Decision = _PLAIN,
    ) -> None:
        self.path = path
        self.scratch = scratch
        self.training = training
        self.trainable = trainable
        self.prediction_shape = prediction_shape
        self.prediction_range = prediction_range
        self.decision = decision
        self.needs_input_gradient = True
        self.saved: Any = Saved()
        self.layer = layer
        self._shared = shared
        self._parts: Mapping[str, Context] = parts or {}
        self._gradients: Mapping[str, Array] = gradients or {}
        self._states: Mapping[str, Array] = states or {}
        self._rng: np.random.Generator | None = None
        self.parts: tuple[Context, ...] = tuple(self._parts.values())
        if layer is not None:
            self.forward, self.backward = _bound(layer, self)

    def part(self, name: str) -> Context:
        """The context of the part declared as ``name``."""
        return self._parts[name]

    def gradient(self, name: str) -> Array:
        """The buffer for the gradient of parameter ``name``: overwrite it with the sum over the batch.

        Raises:
            LayerkitError: the tree was made for inference alone, or the layer has no such parameter.
        """
        try:
            return self._gradients[name]
        except KeyError:
            known = ", ".join(self._gradients) or "no gradients here: the pass was made for inference"
            raise LayerkitError(f"layer {self.path!r} has no gradient {name!r} ({known})") from None

    @property
    def gradients(self) -> Mapping[str, Array]:
        """All gradient buffers of this occurrence, by parameter."""
        return self._gradients

    @property
    def rng(self) -> np.random.Generator:
        """The generator of this place in the network, made from the run's seed and the path."""
        if self._rng is None:
            self._rng = self._shared.generator(self.path)
        return self._rng

    @rng.setter
    def rng(self, generator: np.random.Generator) -> None:
        self._rng = generator

    @rng.deleter
    def rng(self) -> None:
        # whoever draws next is given a generator by the host
        self._rng = None

    @property
    def mask(self) -> Array | None:
        """Which positions of ragged sequences count, ``(batch, time)`` booleans, or None: all do."""
        return self._shared.mask

    def mask_over(self, value: Array) -> Array | None:
        """The mask with axes of length 1 added, to be multiplied with ``value``, ``(batch, time, …)``.

        None where there is no mask, or where time is no axis of ``value`` (any more): what a network that sums a
        sequence up puts out, ``(batch, features)``, counts as a whole.

        Raises:
            ShapeError: the mask is that of other sequences.
        """
        mask = self._shared.mask
        if mask is None or value.ndim < 3:
            return None
        if mask.shape != value.shape[:2]:
            raise ShapeError(
                f"{self.path}: the mask must have the shape (batch, time) = {value.shape[:2]}, for values of shape "
                f"{value.shape}; got {mask.shape}"
            )
        return mask.reshape(*mask.shape, *[1] * (value.ndim - 2))

    @contextmanager
    def masked(self, mask: Array | None) -> Iterator[None]:
        """For containers: within the block, the mask of the whole tree is this one, since parts see other positions."""
        shared = self._shared
        kept, shared.mask = shared.mask, mask
        try:
            yield
        finally:
            shared.mask = kept

    def update_state(self, name: str, value: Array) -> None:
        """Propose a new value of state ``name``, from a training pass.

        The host commits after the step, in a fixed order; several proposals for one state are averaged, weighted by
        their rows.
        """
        self._shared.proposals.append((self._states[name], np.array(value), self._shared.rows))

    def end(self) -> None:
        """For hosts: this context and those below will not be used again, so that nothing keeps them in memory."""
        for part in self.parts:
            part.end()
        # the two refer to the context
        del self.forward, self.backward

    def trace(self, tracer: Tracer | None) -> None:
        """For hosts: let ``tracer`` watch every pass of this context and of those below; None ends it."""
        for part in self.parts:
            part.trace(tracer)
        assert self.layer is not None
        forward, backward = _bound(self.layer, self)
        self.forward, self.backward = forward, backward
        if tracer is None:
            return

        def watched_forward(x: Value) -> Value:
            output = forward(x)
            tracer.forward(self, x, output)
            return output

        def watched_backward(grad: Value) -> Any:
            output = backward(grad)
            tracer.backward(self, grad, output)
            return output

        self.forward, self.backward = watched_forward, watched_backward


def _bound(layer: Layer, ctx: Context) -> tuple[Callable[[Value], Value], Callable[[Value], Any]]:
    """The layer's two passes on this context. A closure costs half of what a method that looks both up would."""
    forward, backward = layer.forward, layer.backward
    return (lambda x: forward(x, ctx)), (lambda grad: backward(grad, ctx))
